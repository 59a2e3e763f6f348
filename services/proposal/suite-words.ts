/** What was agreed, in the words of ike.config(5) and ipsecconf(8). */
import type { Phase1Suite } from './phase1-suite.js';
import type { Phase2Suite } from './phase2-suite.js';

export function phase1SuiteWords(suite: Phase1Suite): string {
  const { method, group, hash, cipher, keyBits } = suite;
  return `auth_method ${method} oakley_group ${String(group)} auth_alg ${hash} encr_alg ${cipher}(${String(keyBits)}), ${life(suite)}`;
}

export function phase2SuiteWords(suite: Phase2Suite): string {
  const way = `${suite.mode} mode, ${life(suite)}`;
  if (suite.protocol === 51) return `auth_algs ${suite.integrity}, ${way}`;
  const { encryption, keyBits, integrity } = suite;
  return `encr_algs ${encryption}(${String(keyBits)})${integrity === undefined ? '' : ` encr_auth_algs ${integrity}`}, ${way}`;
}

function life({ lifetimeSeconds, lifetimeKb }: Pick<Phase1Suite, 'lifetimeSeconds' | 'lifetimeKb'>): string {
  return `${String(lifetimeSeconds)} s${lifetimeKb === undefined ? '' : `, ${String(lifetimeKb)} kB`}`;
}
