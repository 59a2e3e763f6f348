/** How negotiations are fed: busy charts, duplicates, and charts that break. */
import assert from 'node:assert/strict';
import type { Crypto } from '../../services/ports/crypto.js';
import type { Clock } from '../../services/ports/clock.js';
import { boundCrypto } from '../sim/bound-crypto.js';
import { assertClean, assertEstablished, failedCodes } from '../sim/outcome.js';
import { runUntil, type SimulatedDaemon } from '../sim/simulated-daemon.js';
import type { SentDatagram } from '../sim/simulated-network.js';
import { EAST, gatewayPlan, packetToWest, startPair, WEST } from '../sim/two-gateways.js';

const WINDOW_MS = 40_000;

/** `sharedSecret` takes `ms`; all else is at once. `later` is set when the clock is known. */
function slowSecret(ms: number): { crypto: (crypto: Crypto) => Crypto; later: { clock: Clock | undefined } } {
  const later: { clock: Clock | undefined } = { clock: undefined };
  const crypto = (real: Crypto): Crypto => ({
    ...boundCrypto(real),
    sharedSecret: async (...args) => {
      const secret = await real.sharedSecret(...args);
      await new Promise<void>((resolve) => later.clock?.setTimeout(resolve, ms));
      return secret;
    },
  });
  return { crypto, later };
}

function from(address: string, sent: readonly SentDatagram[]): readonly SentDatagram[] {
  return sent.filter((datagram) => datagram.from.address === address);
}

function duplicates(daemon: SimulatedDaemon): readonly boolean[] {
  return daemon.events.flatMap((event) => (event.type === 'message.duplicate' ? [event.answered] : []));
}

describe('a chart that computes', () => {
  it('finds the message that came meanwhile as soon as it can take it', async () => {
    const { crypto, later } = slowSecret(300);
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west', { crypto }));
    later.clock = pair.clock;
    pair.east.kernel.output(packetToWest());
    assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS));
    // Message 5 came while west derived keys: nobody had to repeat it.
    assert.equal(pair.network.sent.length, 9);
    assert.ok(pair.clock.now() < 500);
  });

  it('holds one message and drops what comes besides it', async () => {
    const { crypto, later } = slowSecret(5000);
    const pair = await startPair(2, gatewayPlan('east'), gatewayPlan('west', { crypto }));
    later.clock = pair.clock;
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => from(EAST, pair.network.sent).length === 3, WINDOW_MS);
    const proof = from(EAST, pair.network.sent)[2];
    assert.ok(proof);
    for (let copy = 0; copy < 10; copy++) pair.network.send(proof.from, proof.to, proof.bytes);
    await runUntil(pair.clock, () => false, 400);
    assert.equal(pair.west.engine.drops.total, 10);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assertEstablished(pair, 1, 'after all');
  });

  it('does not answer duplicates until it knows its answer', async () => {
    const { crypto, later } = slowSecret(5000);
    const pair = await startPair(3, gatewayPlan('east'), gatewayPlan('west', { crypto }));
    later.clock = pair.clock;
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => from(WEST, pair.network.sent).length === 2, WINDOW_MS);
    const request = from(EAST, pair.network.sent)[1];
    assert.ok(request);
    pair.network.send(request.from, request.to, request.bytes);
    await runUntil(pair.clock, () => false, 100);
    assert.deepEqual(duplicates(pair.west), [false]);
  });
});

describe('a duplicate', () => {
  it('of the last message gets the last answer again, five times a second at most', async () => {
    const pair = await startPair(4, gatewayPlan('east'), gatewayPlan('west'));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS);
    const before = from(WEST, pair.network.sent).length;
    const proof = from(EAST, pair.network.sent)[2];
    assert.ok(proof);
    for (let copy = 0; copy < 100; copy++) {
      pair.network.send(proof.from, proof.to, proof.bytes);
      await runUntil(pair.clock, () => false, 10);
    }
    const answers = from(WEST, pair.network.sent).slice(before);
    assert.ok(answers.length >= 4 && answers.length <= 6, `${String(answers.length)} in a second`);
    const sixth = from(WEST, pair.network.sent)[2];
    assert.ok(answers.every(({ bytes }) => Buffer.compare(bytes, sixth?.bytes ?? new Uint8Array()) === 0));
  });

  it('of an older message gets nothing', async () => {
    const pair = await startPair(5, gatewayPlan('east'), gatewayPlan('west'));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS);
    const before = pair.network.sent.length;
    for (const old of from(EAST, pair.network.sent).slice(0, 2)) {
      pair.network.send(old.from, old.to, old.bytes);
      await runUntil(pair.clock, () => false, 1000);
    }
    assert.equal(pair.network.sent.length, before + 2);
    assert.deepEqual(duplicates(pair.west), [false, false]);
  });
});

describe('a step that throws', () => {
  for (const [end, other] of [
    ['east', 'west'],
    ['west', 'east'],
  ] as const) {
    it(`ends the negotiation of ${end} as a defect and leaves nothing; the next one works`, async () => {
      let broken = true;
      const crypto = (real: Crypto): Crypto => ({
        ...boundCrypto(real),
        encrypt: (...args) => {
          if (broken) throw new Error('a test wanted it');
          return real.encrypt(...args);
        },
      });
      const plans = { east: gatewayPlan('east'), west: gatewayPlan('west') };
      plans[end] = { ...plans[end], crypto };
      const pair = await startPair(6, plans.east, plans.west);
      pair.east.kernel.output(packetToWest());
      await runUntil(pair.clock, () => false, 400_000);
      const defects = pair[end].events.filter((event) => event.type === 'internal.error');
      assert.deepEqual(
        defects.map(({ error }) => error),
        ['a test wanted it'],
      );
      assert.ok(failedCodes(pair[end]).length > 0);
      assert.equal(pair[end].keys.size, pair[end].keysAtStart);
      assert.deepEqual(
        pair[other].events.filter(({ type }) => type === 'internal.error'),
        [],
      );
      broken = false;
      pair.east.events.length = 0;
      pair.west.events.length = 0;
      const again = pair.east.engine.up('10.1.0.5', '10.2.0.9', 17);
      await runUntil(pair.clock, () => false, WINDOW_MS);
      assert.equal((await again).ok, true);
      assertClean(pair, 'after the second');
    });
  }
});
