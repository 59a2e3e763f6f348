/** Datagrams that nobody should send: counted, reported rarely, answered never, and without a trace afterwards. */
import assert from 'node:assert/strict';
import { NO_BYTES } from '../../services/bytes.js';
import { notification } from '../../services/exchange/informational.js';
import { FLAG } from '../../services/isakmp/header.js';
import { encodeMessage } from '../../services/isakmp/message.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { NOTIFY } from '../../services/isakmp/registries/notify-types.js';
import { PROTOCOL } from '../../services/isakmp/registries/protocols.js';
import { Dice } from './dice.js';
import { headerOf } from '../machines/mishaps.js';
import { assertEmpty, assertEstablished, isBusy } from './outcome.js';
import { runUntil, settle, type SimulatedDaemon } from './simulated-daemon.js';
import type { SentDatagram } from './simulated-network.js';
import { EAST, gatewayPlan, packetToWest, type Pair, startPair, WEST } from './two-gateways.js';

const RETRY_WINDOW_MS = 40_000;
const HEADER_LENGTH = 28;
const FLOOD = 10_000;

async function established(seed: number): Promise<Pair> {
  const pair = await startPair(seed, gatewayPlan('east'), gatewayPlan('west'));
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000);
  return pair;
}

/** A message 1 asks for an answer, whatever becomes of its cookie. */
function asksForAnswer(datagram: SentDatagram): boolean {
  const header = headerOf(datagram);
  return header.exchangeType === EXCHANGE.mainMode && /^0+$/.test(header.responderCookie);
}

/** Noise, noise behind a good header, a piece of a real message, or a real message with bits turned over. */
function garbage(dice: Dice, real: readonly SentDatagram[]): Uint8Array {
  const pick = (count: number): number => Math.floor(dice.upTo(count));
  const model = real[pick(real.length)];
  assert.ok(model);
  switch (pick(4)) {
    case 0:
      return dice.bytes(pick(300));
    case 1: {
      const bytes = dice.bytes(HEADER_LENGTH + pick(200));
      const view = new DataView(bytes.buffer);
      view.setUint8(17, 0x10);
      view.setUint8(18, [2, 4, 5, 6, 32][pick(5)] ?? 0);
      view.setUint32(24, bytes.length);
      return bytes;
    }
    case 2:
      return model.bytes.slice(0, pick(model.bytes.length));
    default: {
      const bytes = asksForAnswer(model) ? dice.bytes(pick(300)) : Uint8Array.from(model.bytes);
      for (let turned = 0; turned <= pick(4); turned++) {
        const at = pick(bytes.length);
        bytes[at] = (bytes[at] ?? 0) ^ (1 + pick(255));
      }
      return bytes;
    }
  }
}

interface Flood {
  readonly sources: readonly string[];
  /** Virtual milliseconds between two datagrams. */
  readonly everyMs: number;
}

async function flood(
  { clock, network, west }: Pair,
  real: readonly SentDatagram[],
  { sources, everyMs }: Flood,
) {
  const dice = new Dice(99);
  for (let index = 0; index < FLOOD; index++) {
    const address = sources[index % sources.length] ?? '';
    const datagram = { local: { address: WEST, port: 500 }, remote: { address, port: 500 } };
    west.engine.receive({ ...datagram, bytes: garbage(dice, real) });
    clock.advance(everyMs);
    if (index % 1000 === 0) await settle();
  }
  assert.equal(network.sent.length, real.length, 'garbage was answered');
}

function drops(daemon: SimulatedDaemon) {
  return daemon.events.flatMap((event) => (event.type === 'datagram.dropped' ? [event] : []));
}

describe('a flood of garbage', () => {
  it('from one stranger is counted and reported once a second, and leaves nothing', async () => {
    const pair = await established(1);
    const { west, clock } = pair;
    const real = [...pair.network.sent];
    const before = { pending: clock.pending, keys: west.keys.size, at: clock.now() };
    await flood(pair, real, { sources: ['198.51.100.7'], everyMs: 1 });
    assert.equal(west.engine.drops.total, FLOOD);
    const reported = drops(west);
    assert.ok(reported.length <= 11 && reported.length >= 10, `${String(reported.length)} events in 10 s`);
    const gaps = reported.slice(1).map(({ at }, index) => at - (reported[index]?.at ?? 0));
    assert.ok(gaps.every((gap) => gap >= 1000));
    assert.ok(reported.reduce((sum, { count }) => sum + count, 0) > FLOOD - 1001);
    await settle();
    assert.equal(isBusy(west), false);
    assert.equal(clock.pending, before.pending);
    assert.equal(west.keys.size, before.keys);
    assertEstablished(pair, 1, 'the tunnel stands');
  });

  it('from the address of a peer changes nothing either', async () => {
    const pair = await established(2);
    const real = [...pair.network.sent];
    await runUntil(pair.clock, () => false, RETRY_WINDOW_MS);
    await flood(pair, real, { sources: [EAST], everyMs: 1 });
    await settle();
    assert.ok(drops(pair.west).length <= 11, `${String(drops(pair.west).length)} events in 10 s`);
    assertEstablished(pair, 1, 'the tunnel stands');
    // Both directions of the Phase 1 SA still work.
    void pair.west.engine.sayGoodbye();
    await runUntil(pair.clock, () => false, RETRY_WINDOW_MS);
    assertEmpty(pair, 'after the Deletes');
  });

  it('from many addresses at once does not keep a tunnel from coming up', async () => {
    const pair = await startPair(3, gatewayPlan('east'), gatewayPlan('west'));
    const real = [...(await established(3)).network.sent];
    const sources = Array.from({ length: 5000 }, (_, index) => {
      const [high, low] = [index >> 8, index & 255];
      return `198.18.${String(high)}.${String(low)}`;
    });
    pair.east.kernel.output(packetToWest());
    await settle();
    const sent = pair.network.sent.length;
    const dice = new Dice(5);
    for (let index = 0; index < FLOOD; index++) {
      const remote = { address: sources[index % sources.length] ?? '', port: 500 };
      pair.west.engine.receive({ local: { address: WEST, port: 500 }, remote, bytes: garbage(dice, real) });
    }
    assert.equal(pair.network.sent.length, sent, 'garbage was answered');
    await runUntil(pair.clock, () => false, RETRY_WINDOW_MS);
    assertEstablished(pair, 1, 'in the flood');
    assert.equal(pair.west.delivered.length, 1);
  });
});

describe('a replay of a whole run', () => {
  async function replay(pair: Pair, real: readonly SentDatagram[]): Promise<void> {
    for (const { from, to, bytes } of real) {
      const daemon = to.address === EAST ? pair.east : pair.west;
      daemon.engine.receive({ local: to, remote: from, bytes: Uint8Array.from(bytes) });
      await runUntil(pair.clock, () => false, 300);
    }
  }

  it('after the retry window changes nothing and is not answered', async () => {
    const pair = await established(4);
    const real = [...pair.network.sent];
    await runUntil(pair.clock, () => false, RETRY_WINDOW_MS);
    const started = (daemon: SimulatedDaemon) =>
      daemon.events.filter(({ type }) => type === 'negotiation.started').length;
    const before = [started(pair.east), started(pair.west)];
    await replay(pair, real);
    assert.equal(pair.network.sent.length, real.length, 'a replayed datagram was answered');
    assert.deepEqual([started(pair.east), started(pair.west)], before);
    assertEstablished(pair, 1, 'after the replay');
  });

  it('within the retry window gets at most the last answers again', async () => {
    const pair = await established(5);
    const real = [...pair.network.sent];
    await replay(pair, real);
    await runUntil(pair.clock, () => false, RETRY_WINDOW_MS);
    const again = pair.network.sent.slice(real.length);
    const known = new Set(real.map(({ bytes }) => Buffer.from(bytes).toString('hex')));
    assert.ok(
      again.every(({ bytes }) => known.has(Buffer.from(bytes).toString('hex'))),
      'something new was sent',
    );
    assert.ok(again.length <= 4, `${String(again.length)} answers`);
    assertEstablished(pair, 1, 'after the replay');
  });

  it('when all SAs are gone brings none of them back', async () => {
    const pair = await established(6);
    const real = [...pair.network.sent];
    void pair.west.engine.sayGoodbye();
    await runUntil(pair.clock, () => false, RETRY_WINDOW_MS);
    assertEmpty(pair, 'after the Deletes');
    const all = pair.network.sent.length;
    await replay(pair, real);
    // The old message 1 is as good as a new one; its answer is all there is to it.
    assert.ok(pair.network.sent.length - all <= 1, 'more than message 1 was answered');
    await runUntil(pair.clock, () => false, 400_000);
    assertEmpty(pair, 'after expire_timer');
  });
});

describe('a stranger with one half-open negotiation', () => {
  const MANY = 1000;

  /** Main Mode, of which west waits for message 5. */
  async function halfOpen(
    seed: number,
  ): Promise<{ readonly pair: Pair; readonly sent: readonly SentDatagram[] }> {
    const pair = await startPair(seed, gatewayPlan('east'), gatewayPlan('west'));
    pair.network.filter = (datagram) =>
      (headerOf(datagram).flags & FLAG.encryption) === 0 ? 'pass' : 'drop';
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.network.sent.length >= 5, 400);
    const sent = pair.network.sent.filter(({ from }) => from.address === EAST);
    assert.equal(sent.length, 3);
    return { pair, sent };
  }

  const eventsOf = (daemon: SimulatedDaemon): Readonly<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const { type } of daemon.events) counts[type] = (counts[type] ?? 0) + 1;
    return counts;
  };

  async function assertFew(
    { clock, west, network }: Pair,
    type: string,
    most: number,
    bytesOf: (nth: number) => Uint8Array,
  ): Promise<void> {
    const before = eventsOf(west);
    for (let nth = 0; nth < MANY; nth++) {
      west.engine.receive({
        local: { address: WEST, port: 500 },
        remote: { address: EAST, port: 500 },
        bytes: bytesOf(nth),
      });
      if (nth % 100 === 0) await settle();
    }
    const after = eventsOf(west);
    const more = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
    assert.ok((after[type] ?? 0) > 0, `no ${type}`);
    for (const [name, count] of more) assert.ok(count <= most, `${String(count)} times ${name}`);
    // The negotiation is none the worse for it.
    network.filter = () => 'pass';
    await runUntil(clock, () => west.delivered.length > 0, RETRY_WINDOW_MS);
    assert.equal(west.delivered.length, 1);
  }

  it('that sends what cannot be read fills no log', async () => {
    const { pair, sent } = await halfOpen(7);
    const dice = new Dice(7);
    const [, , proof] = sent;
    assert.ok(proof);
    await assertFew(pair, 'negotiation.suspicion', 16, () => {
      const bytes = Uint8Array.from(proof.bytes);
      bytes.set(dice.bytes(bytes.length - HEADER_LENGTH), HEADER_LENGTH);
      return bytes;
    });
    assert.equal(eventsOf(pair.west)['negotiation.suspicion'], 1);
  });

  it('that repeats what was accepted, or sends notifies in the clear, fills none either', async () => {
    const [, duplicated] = (await halfOpen(8)).sent;
    const { pair } = await halfOpen(8);
    assert.ok(duplicated);
    await assertFew(pair, 'message.duplicate', 17, () => duplicated.bytes);
    const other = await halfOpen(9);
    const header = headerOf(other.sent[2] ?? assert.fail());
    const { initiatorCookie, responderCookie } = header;
    await assertFew(other.pair, 'notify.received', 3, (nth) =>
      encodeMessage(
        {
          initiatorCookie,
          responderCookie,
          exchangeType: EXCHANGE.informational,
          flags: 0,
          messageId: nth + 1,
        },
        [notification(PROTOCOL.isakmp, NO_BYTES, NOTIFY.noProposalChosen)],
      ),
    );
  });
});
