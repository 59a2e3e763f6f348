/**
 * SADB changes as JSON lines, keys included: what a test or an analyser needs to decrypt and compare. One object a line:
 * `t` seconds since 1970 UTC, `op` add|update|delete, `dst`, `proto` 50, `spi` 8 hex digits, and but for a delete `src`,
 * `mode`, `soft_s` and `hard_s` (0: none), `enc` and `auth` {`alg`, `key` in hex, `icv` bits}. Names are Linux's.
 * A reserved SPI is no SA yet and has no line, whether it is made or lapses.
 */
import { INTEGRITY } from '../../../services/algorithms.js';
import { hex } from '../../../services/bytes.js';
import type { SaIdentity } from '../../../services/ports/kernel.js';
import type { CipherName, EspSuite, IntegrityName } from './esp.js';
import type { MatureSa } from './sa-record.js';

const CIPHER_NAMES: Readonly<Record<CipherName, string>> = {
  null: 'ecb(cipher_null)',
  '3des': 'cbc(des3_ede)',
  'aes-cbc': 'cbc(aes)',
};

const INTEGRITY_NAMES: Readonly<Record<IntegrityName, string>> = {
  'hmac-md5-96': 'hmac(md5)',
  'hmac-sha1-96': 'hmac(sha1)',
  'hmac-sha2-256-128': 'hmac(sha256)',
  'hmac-sha2-384-192': 'hmac(sha384)',
  'hmac-sha2-512-256': 'hmac(sha512)',
};

export function keyedLine(op: 'add' | 'update', sa: MatureSa, suite: EspSuite, wallTime: number): string {
  const auth =
    suite.integrity === undefined
      ? {}
      : {
          auth: {
            alg: INTEGRITY_NAMES[suite.integrity],
            key: hex(suite.integrityKey),
            icv: INTEGRITY[suite.integrity].icvLength * 8,
          },
        };
  return JSON.stringify({
    t: wallTime / 1000,
    op,
    src: sa.source,
    dst: sa.destination,
    proto: 50,
    spi: spiDigits(sa.spi),
    mode: sa.mode,
    soft_s: sa.lifetimes.softSeconds ?? 0,
    hard_s: sa.lifetimes.hardSeconds ?? 0,
    enc: { alg: CIPHER_NAMES[suite.cipher], key: hex(suite.cipherKey), icv: 0 },
    ...auth,
  });
}

export function deleteLine(sa: SaIdentity, wallTime: number): string {
  return JSON.stringify({
    t: wallTime / 1000,
    op: 'delete',
    dst: sa.destination,
    proto: sa.protocol,
    spi: spiDigits(sa.spi),
  });
}

function spiDigits(spi: number): string {
  return spi.toString(16).padStart(8, '0');
}
