/** Everything a policy can want of Phase 2 and charon has too: AH, every cipher of ESP, ports, lifetimes, PFS. */
import assert from 'node:assert/strict';
import { useLab } from './lab/lab.js';
import { assertEstablishes, ROLES } from './lab/roles.js';
import type { SaFacts } from './lab/sa-log.js';
import { scenario, type Wishes } from './lab/scenario.js';

interface Suite extends Wishes {
  readonly name: string;
  /** Bytes of the encryption key, its nonce counted, and of the integrity key; 0 for none. */
  readonly keys: readonly [encryption: number, integrity: number];
}

const SUITES: readonly Suite[] = [
  { name: 'AH with SHA-1', protocol: 'ah', phase2: 'sha1', keys: [0, 20] },
  { name: 'AH with MD5, PFS', protocol: 'ah', phase2: 'md5', pfs: 'modp1024', keys: [0, 16] },
  { name: 'AH with SHA-256, transport', protocol: 'ah', phase2: 'sha256', mode: 'transport', keys: [0, 32] },
  { name: 'AH with SHA-512, IPv6', protocol: 'ah', phase2: 'sha512', family: 6, keys: [0, 64] },
  { name: 'ESP NULL with SHA-256', phase2: 'null-sha256', keys: [0, 32] },
  { name: 'ESP DES', phase2: 'des-md5', keys: [8, 16] },
  { name: 'ESP Blowfish', phase2: 'blowfish128-sha1', keys: [16, 20] },
  { name: 'ESP AES-CTR of 128 bits', phase2: 'aes128ctr-sha1', keys: [20, 20] },
  { name: 'ESP AES-CTR of 256 bits, PFS', phase2: 'aes256ctr-sha512', pfs: 'ecp256', keys: [36, 64] },
  { name: 'ESP AES-GCM of 128 bits', phase2: 'aes128gcm16', keys: [20, 0] },
  {
    name: 'ESP AES-GCM of 256 bits, transport, PFS',
    phase2: 'aes256gcm16',
    mode: 'transport',
    pfs: 'modp2048',
    keys: [36, 0],
  },
  {
    name: 'transport of one port',
    phase2: 'aes128-sha1',
    mode: 'transport',
    ports: { protocol: 'tcp', ours: 0, peers: 179 },
    keys: [16, 20],
  },
  {
    name: 'transport between two ports',
    phase2: 'aes256-sha384',
    mode: 'transport',
    ports: { protocol: 'udp', ours: 4789, peers: 4789 },
    keys: [32, 48],
  },
  {
    name: 'lifetimes in kilobytes at both ends',
    phase2: 'aes128-sha1',
    more: { rule: ['p2_lifetime_kb 100000'], child: { life_bytes: '90000000' } },
    keys: [16, 20],
  },
  {
    name: 'a shorter life than the peer asks for',
    phase2: 'aes128-sha1',
    more: { rule: ['p2_lifetime_secs 1200'], child: { life_time: '7200s', rekey_time: '6000s' } },
    keys: [16, 20],
  },
];

function keyLengths({ encryption, integrity, combined }: SaFacts): readonly [number, number] {
  const bytes = (key: string | undefined): number => (key ?? '').length / 2;
  return [bytes((encryption ?? combined)?.key), bytes(integrity?.key)];
}

describe('Phase 2 suites', () => {
  const lab = useLab();

  for (const { name, keys, ...wishes } of SUITES) {
    for (const role of ROLES) {
      it(`${role}: ${name}`, async () => {
        const sas = await assertEstablishes(role, await lab.arrange(scenario(wishes)));
        for (const sa of sas) {
          assert.equal(sa.proto, wishes.protocol === 'ah' ? 51 : 50);
          assert.equal(sa.mode, wishes.mode ?? 'tunnel');
          assert.deepEqual(keyLengths(sa), keys);
        }
      });
    }
  }

  it('responder: Blowfish with more bits than we offer ourselves', async () => {
    const wishes = scenario({ phase2: 'blowfish256-sha256' });
    const sas = await assertEstablishes('responder', await lab.arrange(wishes));
    for (const sa of sas) assert.deepEqual(keyLengths(sa), [32, 32]);
  });
});
