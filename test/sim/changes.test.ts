/** What happens around a negotiation: the configuration changes, the daemon stops, the operator asks. */
import assert from 'node:assert/strict';
import { NO_STORES } from '../../services/certs/stores.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import type { Settings } from '../../daemon/settings.js';
import { assertEmpty, assertEstablished, failedCodes, isBusy } from './outcome.js';
import { runUntil, settle, type SimulatedDaemon } from './simulated-daemon.js';
import { EAST, gatewayPlan, packetToWest, type Pair, startPair, WEST } from './two-gateways.js';

const WINDOW_MS = 40_000;
/** Longer than any lifetime of the defaults. */
const A_DAY_MS = 24 * 3_600_000;
const MESSAGES = [1, 2, 3, 4, 5, 6, 7, 8, 9];

async function startedPair(seed: number): Promise<Pair> {
  const pair = await startPair(seed, gatewayPlan('east'), gatewayPlan('west'));
  pair.east.kernel.output(packetToWest());
  return pair;
}

/** Runs until `count` datagrams were sent and none is on its way any more but the last. */
async function untilSent({ clock, network }: Pair, count: number): Promise<void> {
  assert.ok(await runUntil(clock, () => network.sent.length >= count, WINDOW_MS));
}

/** Settings in which neither our peer nor its key is found any more. */
function strangers(): Settings {
  const text =
    '{ label "other" local_addr 203.0.113.1 remote_addr 203.0.113.2 p2_pfs 0 p1_xform { auth_method preshared oakley_group 2 auth_alg sha1 encr_alg aes } }';
  const { config } = parseIkeConfig(text, 'config');
  assert.ok(config);
  return { config, presharedKeys: [], certificates: NO_STORES };
}

describe('a new configuration', () => {
  for (const count of MESSAGES) {
    it(`after message ${String(count)} does not disturb what is under way`, async () => {
      const pair = await startedPair(count);
      await untilSent(pair, count);
      pair.east.engine.replaceSettings(strangers());
      // Until message 1 is there, the responder has begun nothing.
      await untilSent(pair, Math.max(count, 2));
      pair.west.engine.replaceSettings(strangers());
      await runUntil(pair.clock, () => false, WINDOW_MS);
      assertEstablished(pair, 1, `message ${String(count)}`);
      assert.equal(pair.west.delivered.length, 1);
    });
  }

  it('is what the next question is answered from, on both ends', async () => {
    const pair = await startPair(20, gatewayPlan('east'), gatewayPlan('west'));
    const before = pair.west.engine.settings;
    pair.west.engine.replaceSettings(strangers());
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => isBusy(pair.west), WINDOW_MS);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assert.deepEqual(new Set(failedCodes(pair.west)), new Set(['no-rule']));
    pair.west.engine.replaceSettings(before);
    const result = pair.east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assert.equal((await result).ok, true);
    assertEstablished(pair, 1, 'with the old configuration again');
  });
});

describe('the end of a daemon', () => {
  for (const [end, other] of [
    ['east', 'west'],
    ['west', 'east'],
  ] as const) {
    for (const count of MESSAGES) {
      it(`${end} after message ${String(count)} leaves no SA with the one that stops, and in the end none at all`, async () => {
        const pair = await startedPair(count);
        await untilSent(pair, count);
        void pair[end].engine.sayGoodbye();
        await settle();
        assert.equal(isBusy(pair[end]), false);
        assert.equal(pair[end].kernel.sas().length, 0);
        assert.equal(pair[end].keys.size, pair[end].keysAtStart);
        // It has gone: nothing reaches it and nothing comes from it any more.
        const gone = pair[end].address;
        pair.network.filter = ({ from, to }) =>
          from.address === gone || to.address === gone ? 'drop' : 'pass';
        await runUntil(pair.clock, () => false, 400_000);
        assert.equal(isBusy(pair[other]), false);
        assert.equal(pair[other].kernel.sas().length, 0, 'IPsec SAs with nobody behind them');
        await runUntil(pair.clock, () => false, A_DAY_MS);
        assertEmpty(pair, 'a day later');
      });
    }
  }

  it('with a tunnel takes it down on both ends at once', async () => {
    const pair = await startedPair(30);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assertEstablished(pair, 1, 'before');
    void pair.east.engine.sayGoodbye();
    await runUntil(pair.clock, () => false, 100);
    assertEmpty(pair, 'after the Deletes');
    const reasons = pair.west.events.flatMap((event) => (event.type === 'phase1.gone' ? [event.reason] : []));
    assert.deepEqual(reasons, ['the peer deleted it']);
  });
});

describe('an operator who asks for a tunnel', () => {
  it('is told that no policy covers the two addresses', async () => {
    const { east } = await startPair(40, gatewayPlan('east'), gatewayPlan('west'));
    const result = await east.engine.up('172.16.0.1', '172.16.0.2', 0);
    assert.equal(result.ok, false);
    assert.equal(result.error.code, 'no-policy');
  });

  it('gets the SPIs of the SAs, and another pair each time', async () => {
    const pair = await startPair(41, gatewayPlan('east'), gatewayPlan('west'));
    const ask = async () => {
      const answer = pair.east.engine.up('10.1.0.5', '10.2.0.9', 17);
      await runUntil(pair.clock, () => false, 1000);
      const result = await answer;
      assert.ok(result.ok);
      return result.value;
    };
    const first = await ask();
    const second = await ask();
    assert.notDeepEqual(first.pairs, second.pairs);
    assert.equal(first.phase1, second.phase1);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assertEstablished(pair, 2, 'both pairs');
    assert.deepEqual(spisOf(pair.west), spisOf(pair.east));
  });
});

describe('an established tunnel', () => {
  it('that was used is renewed once, and ends at its lifetime on both ends when nobody uses it any more', async () => {
    const pair = await startedPair(50);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assertEstablished(pair, 1, 'before');
    await runUntil(pair.clock, () => false, A_DAY_MS);
    assertEmpty(pair, 'a day later');
    const reasons = ({ events }: SimulatedDaemon) =>
      events.flatMap((event) => (event.type === 'phase2.gone' ? [event.reason] : []));
    assert.deepEqual(reasons(pair.east), ['newer ones have taken its place', 'its lifetime is over']);
    assert.deepEqual(reasons(pair.west), ['the peer deleted it', 'its lifetime is over']);
  });

  it('is forgotten where the kernel was flushed, and can be made anew', async () => {
    const pair = await startedPair(51);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    pair.west.engine.flushed();
    assert.equal(pair.west.engine.table.phase2Count, 0);
    const again = pair.east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(pair.clock, () => false, 1000);
    assert.equal((await again).ok, true);
    assert.equal(pair.west.engine.table.phase2Count, 1);
  });

  it('is replaced when a peer that lost everything begins anew', async () => {
    const pair = await startedPair(52);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    // East forgets without a Delete, as after a power failure.
    pair.network.filter = () => 'drop';
    void pair.east.engine.sayGoodbye();
    await runUntil(pair.clock, () => false, 1000);
    pair.network.filter = () => 'pass';
    assert.equal(pair.west.engine.table.phase2Count, 1);
    const again = pair.east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assert.equal((await again).ok, true);
    assertEstablished(pair, 1, 'after INITIAL-CONTACT');
    assert.equal(pair.west.engine.table.phase1Count, 1);
  });
});

describe('different pre-shared keys', () => {
  it('fail on both ends with the probable cause, and the peer learns nothing but that it goes no further', async () => {
    const preshared = `{ localidtype IP localid ${WEST} remoteidtype IP remoteid ${EAST} key ffff }\n`;
    const pair = await startPair(60, gatewayPlan('east'), gatewayPlan('west', { preshared }));
    pair.east.kernel.output(packetToWest());
    const suspicion = () => pair.west.events.find((event) => event.type === 'negotiation.suspicion');
    await runUntil(pair.clock, () => suspicion() !== undefined, WINDOW_MS);
    assert.equal(suspicion()?.failure.code, 'wrong-preshared-key');
    await runUntil(pair.clock, () => false, 400_000);
    assert.ok(failedCodes(pair.west).includes('wrong-preshared-key'));
    assert.ok(failedCodes(pair.east).length > 0);
    const words = JSON.stringify([pair.east.events, pair.west.events]);
    assert.ok(!words.includes('ffff'), 'an event shows a key');
    assert.equal(pair.east.engine.table.phase1Count + pair.west.engine.table.phase1Count, 0);
    assertEmpty(pair, 'after expire_timer');
  });
});

function spisOf(daemon: SimulatedDaemon): readonly number[] {
  return [...daemon.engine.table.phase2()]
    .flatMap(({ pairs }) => pairs.flatMap((pair) => [pair.inboundSpi, pair.outboundSpi]))
    .sort();
}
