/** Aggressive Mode, with pre-shared keys and with RSA signatures. */
import assert from 'node:assert/strict';
import type { FailureCode } from '../../services/failure/codes.js';
import { useLab } from './lab/lab.js';
import { assertEstablishes, refusal, ROLES, type Role } from './lab/roles.js';
import { scenario, type Wishes } from './lab/scenario.js';

const CASES: readonly (Wishes & { readonly name: string })[] = [
  { name: 'PSK, address', identity: 'address' },
  { name: 'PSK, FQDN', identity: 'fqdn', phase1: '3des-md5-modp1024' },
  { name: 'PSK, user FQDN', identity: 'user_fqdn', phase1: 'aes256-sha512-modp2048', pfs: 'modp2048' },
  { name: 'PSK, FQDN, IPv6', identity: 'fqdn', family: 6, phase1: 'aes128-sha256-ecp256' },
  { name: 'PSK, address, transport', identity: 'address', mode: 'transport' },
  { name: 'RSA, FQDN', auth: 'rsa', identity: 'fqdn' },
  { name: 'RSA, user FQDN', auth: 'rsa', identity: 'user_fqdn', phase1: 'aes128-sha256-modp2048' },
  { name: 'RSA, DN', auth: 'rsa', identity: 'dn', phase1: 'aes256-sha384-ecp384' },
  { name: 'RSA, DN, chain', auth: 'rsa', identity: 'dn', certificate: { ours: 'chained', peers: 'chained' } },
];

interface Refused {
  readonly name: string;
  readonly wishes: Wishes;
  readonly code: Readonly<Record<Role, FailureCode>>;
}

const REFUSED: readonly Refused[] = [
  {
    name: 'different pre-shared keys',
    wishes: {
      identity: 'fqdn',
      presharedKey: { ours: '00112233445566778899', peers: '99887766554433221100' },
      expireTimer: 3,
    },
    // Whoever is the initiator checks a proof first.
    code: { initiator: 'wrong-preshared-key', responder: 'wrong-preshared-key' },
  },
  {
    name: 'the peer is somebody else',
    wishes: { auth: 'rsa', identity: 'fqdn', expected: { ours: { name: 'north', kind: 'fqdn' } } },
    code: { initiator: 'remote-id-refused', responder: 'remote-id-refused' },
  },
  {
    name: 'no common proposal',
    wishes: { identity: 'fqdn', phase1: { ours: ['aes128-sha1-modp1024'], peers: ['aes256-sha1-modp1024'] } },
    code: { initiator: 'peer-refused', responder: 'no-common-phase1-proposal' },
  },
];

describe('Aggressive Mode', () => {
  const lab = useLab();

  for (const role of ROLES) {
    for (const { name, ...wishes } of CASES) {
      it(`${role}: ${name}`, async () => {
        const pair = await lab.arrange(scenario({ exchange: 'aggressive', ...wishes }));
        await assertEstablishes(role, pair);
        const messages = await lab.capture.rows('isakmp.exchangetype == 4', 'ip.src');
        assert.ok(messages.length >= 3, 'three messages of Aggressive Mode were seen');
      });
    }

    for (const { name, wishes, code } of REFUSED) {
      it(`${role}: refused, ${name}`, async () => {
        const pair = await lab.arrange(scenario({ exchange: 'aggressive', ...wishes }));
        assert.equal(await refusal(role, pair), code[role]);
        assert.equal(await pair.daemon.phase1Held(), 0);
      });
    }
  }
});
