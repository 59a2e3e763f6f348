/** Main Mode with RSA signatures: identities, chains and CRLs, and certificates that must be refused. */
import assert from 'node:assert/strict';
import type { FailureCode } from '../../services/failure/codes.js';
import { useLab, type Pair } from './lab/lab.js';
import { assertEstablishes, refusal, ROLES, type Role } from './lab/roles.js';
import { installedSas } from './lab/sa-log.js';
import { scenario, type Wishes } from './lab/scenario.js';
import { eventually } from './lab/shell.js';

const ACCEPTED: readonly (Wishes & { readonly name: string })[] = [
  { name: 'DN', identity: 'dn', phase1: 'aes128-sha1-modp1024' },
  { name: 'FQDN', identity: 'fqdn', phase1: 'aes256-sha512-modp2048', pfs: 'modp2048' },
  { name: 'user FQDN', identity: 'user_fqdn', phase1: '3des-md5-modp1024' },
  { name: 'address', identity: 'address', phase1: 'aes128-sha256-ecp256' },
  { name: 'address, IPv6, transport', identity: 'address', family: 6, mode: 'transport' },
  { name: 'FQDN, any peer', identity: 'fqdn', expected: { ours: 'anybody', peers: 'anybody' } },
  { name: 'DN, below an intermediate', identity: 'dn', certificate: { ours: 'chained', peers: 'chained' } },
  { name: 'DN, no CRL and none wanted', identity: 'dn', revocation: 'ignored' },
  {
    name: 'DN, revoked and CRLs ignored',
    identity: 'dn',
    certificate: { ours: 'revoked', peers: 'revoked' },
    revocation: 'ignored',
  },
];

interface Refused {
  readonly name: string;
  readonly wishes: Wishes;
  readonly code: Readonly<Record<Role, FailureCode>>;
}

const REFUSED_BY_US: readonly Refused[] = [
  {
    name: 'revoked',
    wishes: { certificate: { peers: 'revoked' } },
    code: { initiator: 'certificate-revoked', responder: 'certificate-revoked' },
  },
  {
    name: 'expired',
    wishes: { certificate: { peers: 'expired' } },
    code: { initiator: 'certificate-expired', responder: 'certificate-expired' },
  },
  {
    name: "a stranger's root",
    wishes: { certificate: { peers: 'strange' } },
    code: { initiator: 'certificate-untrusted', responder: 'certificate-untrusted' },
  },
  {
    name: 'somebody else',
    wishes: { expected: { ours: { name: 'north', kind: 'dn' } } },
    code: { initiator: 'remote-id-refused', responder: 'remote-id-refused' },
  },
  {
    name: 'a CRL is demanded and missing',
    wishes: { revocation: { ours: 'missing', peers: 'checked' } },
    code: { initiator: 'crl-missing', responder: 'crl-missing' },
  },
];

const REFUSED_BY_THE_PEER: readonly (Wishes & { readonly name: string })[] = [
  { name: 'revoked', certificate: { ours: 'revoked' } },
  { name: 'expired', certificate: { ours: 'expired' } },
  { name: "a stranger's root", certificate: { ours: 'strange' } },
  { name: 'somebody else', expected: { peers: { name: 'north', kind: 'dn' } } },
];

const RSA = { auth: 'rsa', identity: 'dn', expireTimer: 5 } as const;

describe('certificates', () => {
  const lab = useLab();

  for (const role of ROLES) {
    for (const { name, ...wishes } of ACCEPTED) {
      it(`${role}: ${name}`, async () => {
        await assertEstablishes(role, await lab.arrange(scenario({ ...RSA, ...wishes })));
      });
    }
    for (const { name, wishes, code } of REFUSED_BY_US) {
      it(`${role}: we refuse the peer, ${name}`, async () => {
        const pair = await lab.arrange(scenario({ ...RSA, ...wishes }));
        assert.equal(await refusal(role, pair), code[role]);
        assert.equal(await pair.daemon.phase1Held(), 0);
      });
    }
    for (const { name, ...wishes } of REFUSED_BY_THE_PEER) {
      it(`${role}: the peer refuses us, ${name}`, async () => {
        const pair = await lab.arrange(scenario({ ...RSA, ...wishes }));
        if (role === 'initiator') assert.equal(await refusal(role, pair), 'peer-refused');
        else await assertTurnedDown(pair);
        assert.equal(await pair.daemon.phase1Held(), 0);
      });
    }
  }
});

/** The peer has our proof last: to us Phase 1 was established, until the peer says that it is not. */
async function assertTurnedDown({ charon, daemon, scenario: { traffic } }: Pair): Promise<void> {
  assert.equal(await charon.initiate(traffic[0].name), false, 'charon fails');
  await eventually('the Phase 1 is gone again', 5, () =>
    daemon.events().some(({ type }) => type === 'phase1.gone') ? true : undefined,
  );
  assert.deepEqual(installedSas(daemon.saLines()), []);
  assert.deepEqual(installedSas(charon.saLines()), []);
}
