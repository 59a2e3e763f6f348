/** Quick Modes that begin long after their Phase 1, of which little or nothing is kept: they are replayed all the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { RECORDER_LIMITS } from '../../adapters/recorder/limits.js';
import { hex } from '../../services/bytes.js';
import type { DaemonEvent } from '../../services/events/event.js';
import { handlesOf } from '../../services/keymat/phase1-keys.js';
import { changedConfig } from '../../services/record/change-config.js';
import { read, recorded, replayed, savedText } from './recorded-pair.js';
import { runUntil } from './simulated-daemon.js';
import {
  type ConfigWords,
  gatewayPlan,
  otherPolicy,
  packetToWest,
  startPair,
  tunnelPacket,
  tunnelPolicy,
} from './two-gateways.js';

type State = 'without secrets' | 'with secrets';

/** Whatever begins under a Phase 1 is a conversation of its own. */
const APART = { ...RECORDER_LIMITS, conversation: { ...RECORDER_LIMITS.conversation, head: 0 } };
/** The peer is asked whether it lives before an SA under which it was silent for a minute is used. */
const LOOKED_AFTER = { globals: 'dpd_interval_secs 60' };

async function late(
  state: State,
  options: { readonly words?: ConfigWords; readonly waitMs?: number; readonly limits?: typeof APART } = {},
) {
  const { words = {}, waitMs = 10_000, limits = APART } = options;
  const plan = (end: 'east' | 'west') =>
    gatewayPlan(end, { words, policies: [tunnelPolicy(end), otherPolicy(end)] });
  const [east, west] = [recorded(plan('east'), state, limits), recorded(plan('west'), state, limits)];
  const pair = await startPair(1, east.plan, west.plan);
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.delivered.length > 0, 3000);
  await runUntil(pair.clock, () => false, waitMs);
  pair.east.kernel.output(tunnelPacket('east', 'other'));
  await runUntil(pair.clock, () => pair.west.delivered.length > 1, 3000);
  await runUntil(pair.clock, () => false, 1000);
  assert.equal(pair.west.delivered.length, 2);
  return { ...pair, records: { east: east.recorder(), west: west.recorder() } };
}

function endings(events: readonly DaemonEvent[]) {
  return events
    .filter((event) => event.type === 'negotiation.ended')
    .map(({ negotiation, outcome, failure }) => [negotiation, failure?.code ?? outcome]);
}

async function assertSame(text: string) {
  const result = await replayed(text);
  assert.equal(result.parting, undefined, JSON.stringify(result.parting, undefined, 1));
  assert.equal(result.missing, undefined);
  return result;
}

/** As a daemon before version 2 of the file would have written it. */
function kept(name: string): string {
  return readFileSync(new URL(`recordings/${name}.ikerec`, import.meta.url), 'utf8');
}

describe('a Quick Mode whose Phase 1 is not kept', () => {
  for (const end of ['east', 'west'] as const) {
    for (const state of ['without secrets', 'with secrets'] as const) {
      it(`is replayed to the same end, ${end}, ${state}`, async () => {
        const { records, ...pair } = await late(state);
        const text = savedText(records[end], pair[end], 'p2-2', state === 'with secrets');
        const { header, entries } = read(text);
        assert.equal(header.id, 'p2-2');
        assert.equal(entries.filter(({ kind }) => kind === 'stands').length, 1);
        assert.ok(!entries.some((entry) => entry.kind === 'begin' && entry.by === 'p1-1'), 'no Phase 1 ran');
        const result = await assertSame(text);
        const asked = end === 'east' ? [['acquire-2', 'answered']] : [];
        assert.deepEqual(endings(result.events), [['p2-2', 'installed'], ...asked]);
        assert.equal(result.alike.datagrams, end === 'east' ? 2 : 1);
        assert.equal(result.alike.computed > 5, state === 'with secrets', JSON.stringify(result.alike));
      });
    }
  }

  it('is recorded without a key of the Phase 1, unless secrets were asked for', async () => {
    const { records, ...pair } = await late('with secrets');
    const [phase1] = pair.west.engine.table.phase1();
    assert.ok(phase1);
    const secrets = handlesOf(phase1.sa.keys).map((key) => hex(pair.west.keys.bytes(key)));
    const without = savedText(records.west, pair.west, 'p2-2', false);
    assert.deepEqual(
      secrets.filter((secret) => without.includes(secret)),
      [],
    );
    const { skeyidD, skeyidA, encryptionKey } = phase1.sa.keys;
    const whole = savedText(records.west, pair.west, 'p2-2', true);
    for (const key of [skeyidD, skeyidA, encryptionKey])
      assert.ok(whole.includes(hex(pair.west.keys.bytes(key))));
  });

  it('leaves the recording of its Phase 1 as it was', async () => {
    const { records, ...pair } = await late('without secrets');
    const text = savedText(records.east, pair.east, 'p1-1');
    assert.ok(read(text).entries.some((entry) => entry.kind === 'begin' && entry.by === 'p1-1'));
    const result = await assertSame(text);
    assert.deepEqual(endings(result.events)[0], ['p1-1', 'established']);
    assert.deepEqual(
      records.east.list().map(({ id }) => id),
      ['p1-1', 'p2-2'],
    );
  });

  for (const limits of [RECORDER_LIMITS, APART]) {
    it(`is replayed with another p2_pfs up to its refusal, ${limits === APART ? 'by itself' : 'behind its Phase 1'}`, async () => {
      const { records, ...pair } = await late('without secrets', { limits });
      const text = savedText(records.west, pair.west, 'p2-2');
      const changed = await replayed(text, (config) => changedConfig(config, 'p2_pfs 14'));
      assert.ok(changed.parting);
      const which = limits === APART ? 'p2-2' : 'p2-1';
      assert.deepEqual(endings(changed.events).at(-1), [which, 'pfs-mismatch']);
      assert.equal(changed.missing, undefined);
    });
  }

  it('cannot be replayed under a rule that a change takes away, and says so', async () => {
    const { records, ...pair } = await late('without secrets');
    const text = savedText(records.west, pair.west, 'p2-2').replaceAll('\\"peer\\"', '\\"gone\\"');
    await assert.rejects(replayed(text), /Rule "peer" of the Phase 1 SA that stood is not in/);
  });

  it('is renewed later, and that is replayed, too', async () => {
    const words = { rule: 'p2_lifetime_secs 120 p2_softlife_secs 90' };
    const { records, ...pair } = await late('without secrets', { words, waitMs: 1000 });
    await runUntil(
      pair.clock,
      () => [...pair.east.engine.table.phase2()].some(({ id }) => id === 'p2-3'),
      95_000,
    );
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, 100_000);
    for (const end of ['east', 'west'] as const) {
      const { header } = read(savedText(records[end], pair[end], 'p2-3'));
      assert.ok(header.negotiations.includes('p2-3'), header.negotiations.join());
      await assertSame(savedText(records[end], pair[end], 'p2-3'));
    }
  });
});

describe('a Quick Mode under a Phase 1 whose peer was silent for long', () => {
  for (const limits of [RECORDER_LIMITS, APART]) {
    const where = limits === APART ? 'by itself' : 'behind its Phase 1';
    for (const state of ['without secrets', 'with secrets'] as const) {
      it(`is replayed with the question whether the peer lives, ${where}, ${state}`, async () => {
        const { records, ...pair } = await late(state, { words: LOOKED_AFTER, waitMs: 70_000, limits });
        const text = savedText(records.east, pair.east, 'p2-2', state === 'with secrets');
        const { entries } = read(text);
        const answers = entries.filter((entry) => entry.kind === 'answer');
        assert.deepEqual(
          answers.map(({ by, question, value }) => [by, question, value]),
          [['acquire-2', 'probe', true]],
        );
        await assertSame(text);
        await assertSame(savedText(records.west, pair.west, 'p2-2', state === 'with secrets'));
      });
    }
  }

  it('comes to an end in the replay of a recording that does not tell the answer', async () => {
    const { parting } = await replayed(kept('version-1-asked-the-peer'));
    assert.equal(parting?.recorded, 'calls random.bytes(4)', 'what it does not tell is where the two part');
  });
});

describe('a recording of version 1', () => {
  it('is read and replayed', async () => {
    const text = kept('version-1');
    assert.match(text, /"version":1/);
    const result = await assertSame(text);
    assert.equal(endings(result.events).length, 5);
  });
});
