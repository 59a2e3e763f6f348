/** The five commonest failures with charon at the other end: what `ikeadm why` says, and that what it advises helps. */
import assert from 'node:assert/strict';
import { readExplanations } from '../../services/admin/door/own-explanations.js';
import type { Explanation } from '../../services/explain/explanation.js';
import type { Daemon } from './lab/daemon.js';
import { useLab } from './lab/lab.js';
import { establish, refusal, ROLES, type Role } from './lab/roles.js';
import { scenario, type Wishes } from './lab/scenario.js';

async function why(daemon: Daemon, subject = 'last'): Promise<Explanation> {
  const { stdout, stderr } = await daemon.ikeadm('-j', 'why', subject);
  const [explanation] = readExplanations(JSON.parse(stdout)) ?? [];
  assert.ok(explanation, `${stdout}${stderr}`);
  const text = await daemon.ikeadm('why', subject);
  assert.equal(text.status, 0);
  assert.ok(text.stdout.startsWith(`${explanation.about.negotiation}, `), text.stdout);
  return explanation;
}

interface Case {
  readonly name: string;
  readonly wishes: Wishes;
  readonly code: Readonly<Partial<Record<Role, string>>>;
  /** Of the explanation as JSON. */
  readonly names: Readonly<Partial<Record<Role, RegExp>>>;
  /** `config` if not given. */
  readonly blame?: string;
}

const OURS = { name: 'south', kind: 'fqdn' } as const;

const CASES: readonly Case[] = [
  {
    name: 'no common proposal',
    wishes: { phase1: { ours: ['aes128-sha1-modp2048'], peers: ['aes256-sha256-modp2048'] } },
    code: { initiator: 'peer-refused', responder: 'no-common-phase1-proposal' },
    names: {
      initiator: /NO-PROPOSAL-CHOSEN.*proposals = aes128-sha1-modp2048/,
      responder: /etc\/inet\/ike\/config.*"auth_alg","offered":"SHA2-256","accepted":"SHA-1","agrees":false/,
    },
  },
  {
    name: 'a wrong pre-shared key',
    wishes: {
      presharedKey: { ours: '00112233445566778899', peers: '99887766554433221100' },
      expireTimer: 3,
    },
    code: { initiator: 'wrong-preshared-key', responder: 'wrong-preshared-key' },
    names: {
      initiator: /etc\/inet\/secret\/ike\.preshared.*"line":\d/,
      responder: /message 5 of Main Mode.*etc\/inet\/secret\/ike\.preshared.*"line":\d/,
    },
  },
  {
    name: 'an identity that is not the one expected',
    wishes: { exchange: 'aggressive', identity: 'fqdn', expected: { ours: OURS } },
    code: { initiator: 'identity-mismatch' },
    names: { initiator: /what the peer sent.*west.*what would match.*south.*etc\/inet\/ike\/config/ },
  },
  {
    name: 'networks of which the peer knows only a part, and answers for that',
    wishes: { more: { child: { local_ts: '10.1.2.0/25' } } },
    code: { initiator: 'selector-mismatch' },
    blame: 'peer',
    names: {
      initiator: /message 2 of Quick Mode.*ipsecinit\.conf","line":\d+.*local_ts = 10\.1\.2\.0\/24/,
    },
  },
  {
    name: 'networks that differ',
    wishes: { more: { child: { local_ts: '10.9.2.0/24' } } },
    code: { initiator: 'peer-refused', responder: 'no-policy' },
    names: {
      initiator: /INVALID-ID-INFORMATION.*10\.1\.1\.0\/24.*local_ts = 10\.1\.2\.0\/24/,
      responder: /10\.9\.2\.0\/24.*local_ts = 10\.9\.2\.0\/24/,
    },
  },
];

describe('explanations with charon', () => {
  const lab = useLab();

  for (const { name, wishes, code, names, blame = 'config' } of CASES) {
    for (const role of ROLES) {
      const wanted = code[role];
      const place = names[role];
      if (wanted === undefined || place === undefined) continue;
      it(`${role}: ${name}`, async () => {
        const pair = await lab.arrange(scenario(wishes));
        assert.equal(await refusal(role, pair), wanted);
        const explanation = await why(pair.daemon);
        assert.deepEqual([explanation.standing, explanation.code], ['failed', wanted]);
        assert.equal(explanation.blame?.who, blame);
        assert.match(JSON.stringify(explanation), place);
      });
    }
  }

  it('initiator: silence', async () => {
    const pair = await lab.arrange(scenario({ expireTimer: 3 }));
    const [namespace] = lab.network.peers;
    await lab.network.silence(namespace, true);
    try {
      const answer = await pair.daemon.up(pair.scenario.traffic[0]);
      assert.match(answer.failure?.code ?? '', /^(peer-silent|expired)$/);
      const explanation = await why(pair.daemon, pair.scenario.place.peers.own[4]);
      assert.equal(explanation.blame?.who, 'network');
      assert.match(explanation.where, /^message 1 of Main Mode/);
      assert.match(explanation.why, /Nothing came back at all: a filter/);
    } finally {
      await lab.network.silence(namespace, false);
    }
  });

  it('what the explanation says of strongSwan makes charon agree', async () => {
    const wishes = { phase1: { ours: ['aes128-sha1-modp2048'], peers: ['aes256-sha256-modp2048'] } };
    const pair = await lab.arrange(scenario(wishes));
    await refusal('responder', pair);
    const { equivalents } = await why(pair.daemon);
    const lines = equivalents.find(({ product }) => product === 'strongSwan')?.lines ?? [];
    const proposals = lines
      .map((line) => /^proposals = (.+)$/.exec(line)?.[1])
      .filter((text) => text !== undefined);
    assert.equal(proposals.length, 1, lines.join('\n'));
    await pair.daemon.stop();
    const mended = await lab.arrange(scenario({ phase1: { ...wishes.phase1, peers: proposals } }));
    await establish('responder', mended, mended.scenario.traffic[0]);
    assert.equal((await why(mended.daemon, 'p1-1')).standing, 'established');
  });
});
