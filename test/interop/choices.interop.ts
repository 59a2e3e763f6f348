/** Several offers, of which the other end takes a later one; and offers of which it takes none. */
import assert from 'node:assert/strict';
import type { FailureCode } from '../../services/failure/codes.js';
import { useLab, type Pair } from './lab/lab.js';
import { establish, refusal, ROLES, type Role } from './lab/roles.js';
import { assertSameSas } from './lab/same-sas.js';
import { scenario, type Scenario, type Wishes } from './lab/scenario.js';

const MANY = {
  phase1: ['aes256-sha512-modp2048', '3des-sha1-modp1536', 'aes128-sha1-modp1024'],
  phase2: ['aes256-sha512', '3des-md5', 'aes128-sha1'],
};
const LAST = { phase1: ['aes128-sha1-modp1024'], phase2: ['aes128-sha1'] };

/** Of the three offers, only the last is acceptable to the other end. */
const OUR_CHOICE = scenario({
  phase1: { ours: LAST.phase1, peers: MANY.phase1 },
  phase2: { ours: LAST.phase2, peers: MANY.phase2 },
});
const PEERS_CHOICE = scenario({
  phase1: { ours: MANY.phase1, peers: LAST.phase1 },
  phase2: { ours: MANY.phase2, peers: LAST.phase2 },
});

async function assertLastChosen(pair: Pair): Promise<void> {
  const sas = await assertSameSas(pair.daemon, pair.charon);
  assert.deepEqual(
    sas.map((sa) => [sa.encryption?.alg, sa.encryption?.key.length, sa.integrity?.alg]),
    sas.map(() => ['aes', 32, 'sha1']),
  );
}

describe('choice among several proposals', () => {
  const lab = useLab();

  const cases: Readonly<Record<string, Scenario>> = {
    'the peer accepts only the last of ours': PEERS_CHOICE,
    'we accept only the last of the peer': OUR_CHOICE,
  };
  for (const [name, wanted] of Object.entries(cases)) {
    for (const role of ROLES) {
      it(`${role}: ${name}`, async () => {
        const pair = await lab.arrange(wanted);
        await establish(role, pair, wanted.traffic[0]);
        await assertLastChosen(pair);
      });
    }
  }
});

interface Refusal {
  readonly name: string;
  readonly wishes: Wishes;
  readonly code: Readonly<Record<Role, FailureCode>>;
  /** Phase 1 SAs that stand afterwards. */
  readonly phase1: 0 | 1;
}

const REFUSALS: readonly Refusal[] = [
  {
    name: 'different pre-shared keys',
    // As the responder we know it for certain only when the peer gives up, hence the short life of what is unfinished.
    wishes: { presharedKey: { ours: '00112233445566778899', peers: '99887766554433221100' }, expireTimer: 3 },
    code: { initiator: 'wrong-preshared-key', responder: 'wrong-preshared-key' },
    phase1: 0,
  },
  {
    name: 'no common Phase 1 proposal',
    wishes: { phase1: { ours: ['aes128-sha1-modp2048'], peers: ['aes256-sha256-modp2048'] } },
    // The peer's refusal comes unauthenticated: it ends nothing, but it explains the silence that follows.
    code: { initiator: 'peer-refused', responder: 'no-common-phase1-proposal' },
    phase1: 0,
  },
  {
    name: 'no common Phase 2 proposal',
    wishes: { phase2: { ours: ['aes128-sha1'], peers: ['aes256-sha256'] } },
    code: { initiator: 'peer-refused', responder: 'no-common-phase2-proposal' },
    phase1: 1,
  },
];

describe('refusals', () => {
  const lab = useLab();

  for (const { name, wishes, code, phase1 } of REFUSALS) {
    for (const role of ROLES) {
      it(`${role}: ${name}`, async () => {
        const pair = await lab.arrange(scenario(wishes));
        assert.equal(await refusal(role, pair), code[role]);
        assert.equal(await pair.daemon.phase1Held(), phase1);
      });
    }
  }
});
