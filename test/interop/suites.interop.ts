/** Main Mode with pre-shared keys and Quick Mode, suite by suite, each end once the initiator. */
import assert from 'node:assert/strict';
import { useLab } from './lab/lab.js';
import { assertEstablishes, ROLES } from './lab/roles.js';
import { scenario, type Wishes } from './lab/scenario.js';

interface Suite extends Wishes {
  readonly phase1: string;
  readonly phase2: string;
  readonly mode: 'tunnel' | 'transport';
}

const SUITES: readonly Suite[] = [
  { phase1: '3des-md5-modp1024', phase2: '3des-md5', mode: 'tunnel' },
  { phase1: '3des-md5-modp1024', phase2: '3des-md5', mode: 'transport', pfs: 'modp1024' },
  { phase1: 'aes128-sha1-modp2048', phase2: 'aes128-sha1', mode: 'tunnel', pfs: 'modp2048' },
  { phase1: 'aes128-sha1-modp2048', phase2: 'aes128-sha1', mode: 'transport' },
  { phase1: 'aes192-sha256-modp3072', phase2: 'aes192-sha256', mode: 'tunnel', pfs: 'modp3072' },
  { phase1: 'aes256-sha512-modp4096', phase2: 'aes256-sha512', mode: 'tunnel' },
  { phase1: 'aes256-sha512-modp4096', phase2: 'aes256-sha512', mode: 'transport', pfs: 'modp4096' },
  { phase1: 'aes256-sha384-ecp384', phase2: 'aes256-sha384', mode: 'transport', pfs: 'ecp384' },
  { phase1: 'aes128-sha256-ecp256', phase2: 'aes128-sha256', mode: 'tunnel', pfs: 'ecp256' },
  { phase1: 'aes256-sha512-ecp521', phase2: 'aes256-sha512', mode: 'tunnel', pfs: 'ecp521' },
  { phase1: '3des-sha1-modp768', phase2: 'null-sha1', mode: 'tunnel' },
  // Keys longer than the hash: the material of RFC 2409 appendix B is expanded.
  { phase1: 'aes256-md5-modp1536', phase2: 'aes256-md5', mode: 'tunnel', pfs: 'modp1536' },
  { phase1: 'aes128-sha1-modp6144', phase2: 'aes128-sha1', mode: 'tunnel' },
  { phase1: 'aes128-sha1-modp8192', phase2: 'aes128-sha1', mode: 'tunnel' },
  // RFC 5114: with subgroups, in which a peer's value must lie.
  { phase1: 'aes128-sha1-modp1024s160', phase2: 'aes128-sha1', mode: 'tunnel', pfs: 'modp1024s160' },
  { phase1: 'aes256-sha256-modp2048s224', phase2: 'aes256-sha256', mode: 'tunnel', pfs: 'modp2048s224' },
  { phase1: 'aes256-sha512-modp2048s256', phase2: 'aes256-sha512', mode: 'transport', pfs: 'modp2048s256' },
  { phase1: 'aes128-sha1-ecp192', phase2: 'aes128-sha1', mode: 'tunnel', pfs: 'ecp224' },
  { phase1: '3des-sha1-ecp224', phase2: '3des-sha1', mode: 'tunnel', pfs: 'ecp192' },
  { phase1: 'blowfish128-sha1-modp1024', phase2: 'aes128-sha1', mode: 'tunnel' },
  { phase1: 'aes128-sha1-modp2048', phase2: 'aes128-sha1', mode: 'tunnel', family: 6 },
  { phase1: 'aes256-sha256-ecp256', phase2: 'aes256-sha256', mode: 'transport', family: 6, pfs: 'ecp256' },
];

describe('suites', () => {
  const lab = useLab();

  for (const suite of SUITES) {
    const pfs = suite.pfs === undefined ? '' : `, PFS ${suite.pfs}`;
    const family = suite.family === 6 ? ', IPv6' : '';
    const name = `${suite.phase1}, ESP ${suite.phase2}, ${suite.mode}${pfs}${family}`;

    for (const role of ROLES) {
      it(`${role}: ${name}`, async () => {
        const sas = await assertEstablishes(role, await lab.arrange(scenario(suite)));
        assert.ok(sas.every((sa) => sa.mode === suite.mode && sa.proto === 50));
      });
    }
  }

  it('responder: Blowfish with more bits than we offer ourselves', async () => {
    await assertEstablishes(
      'responder',
      await lab.arrange(scenario({ phase1: 'blowfish256-sha512-modp2048' })),
    );
  });
});
