/** More than one negotiation between the same two ends. */
import assert from 'node:assert/strict';
import { headerOf, isEncrypted } from '../machines/mishaps.js';
import { assertClean, assertEstablished, liveSas } from './outcome.js';
import { runUntil, startSimulated } from './simulated-daemon.js';
import type { Weather } from './simulated-network.js';
import {
  type ConfigWords,
  gatewayPlan,
  otherPolicy,
  packetToWest,
  startPair,
  tunnelPacket,
  tunnelPolicy,
} from './two-gateways.js';

const WINDOW_MS = 60_000;
const LATEST_CRYPTO_MS = 300;
const STORM: Weather = { loss: 0.3, duplication: 0.1, delayMs: 10, jitterMs: 900 };
const FAIR: Weather = { loss: 0, duplication: 0, delayMs: 10, jitterMs: 0 };

const bothPolicies = (end: 'east' | 'west', words: ConfigWords = {}) =>
  gatewayPlan(end, {
    policies: [tunnelPolicy(end), otherPolicy(end)],
    cryptoMs: LATEST_CRYPTO_MS,
    words,
  });

describe('two tunnels at once', function () {
  this.timeout(120_000);

  it('share one Main Mode when both are asked for by the same end', async () => {
    const pair = await startPair(1, bothPolicies('east'), bothPolicies('west'));
    pair.east.kernel.output(packetToWest());
    pair.east.kernel.output(tunnelPacket('east', 'other'));
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assertEstablished(pair, 2, 'two Quick Modes');
    assert.equal(pair.east.engine.table.phase1Count, 1);
    assert.equal(pair.west.delivered.length, 2);
    assert.equal(pair.network.sent.length, 6 + 2 * 3);
  });

  it('come up from both ends, however far apart the two begin', async () => {
    for (let apart = 0; apart <= 1000; apart += 50) {
      const where = `${String(apart)} ms apart`;
      const pair = await startPair(apart, bothPolicies('east'), bothPolicies('west'));
      const { clock, east, west } = pair;
      pair.network.weather = { loss: 0, duplication: 0, delayMs: 5, jitterMs: 150 };
      east.kernel.output(packetToWest());
      clock.setTimeout(() => west.kernel.output(tunnelPacket('west', 'other')), apart);
      await runUntil(clock, () => false, WINDOW_MS);
      assertEstablished(pair, 2, where);
      assert.deepEqual([east.delivered.length, west.delivered.length], [1, 1], where);
    }
  });

  it('come up from both ends in bad weather too, with equal SAs', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const where = `seed ${String(seed)}`;
      const words = { globals: 'retry_limit 20 retry_timer_max 5 expire_timer 600' };
      const pair = await startPair(seed, bothPolicies('east', words), bothPolicies('west', words));
      pair.network.weather = STORM;
      pair.east.kernel.output(packetToWest());
      pair.clock.setTimeout(() => pair.west.kernel.output(tunnelPacket('west', 'other')), seed * 40);
      await runUntil(pair.clock, () => false, 1_300_000);
      assertEstablished(pair, 2, where);
    }
  });

  it('survive an INITIAL-CONTACT that was said before they were there and arrives after it', async () => {
    const pair = await startPair(1, bothPolicies('east'), bothPolicies('west'));
    const { clock, network, east, west } = pair;
    east.kernel.output(packetToWest());
    await runUntil(clock, () => network.sent.length > 0, WINDOW_MS);
    const offer = network.sent[0];
    assert.ok(offer);
    const { initiatorCookie } = headerOf(offer);
    // The proof of east is lost until the negotiation of west, begun later, has come to its end.
    network.filter = (datagram) => {
      const ofEast = headerOf(datagram).initiatorCookie === initiatorCookie;
      return ofEast && isEncrypted(datagram) && west.engine.table.phase2Count === 0 ? 'drop' : 'pass';
    };
    clock.setTimeout(() => west.kernel.output(tunnelPacket('west', 'other')), 1000);
    await runUntil(clock, () => false, WINDOW_MS);
    assertEstablished(pair, 2, 'both');
  });

  it('do not keep what a peer has lost that starts anew while both begin a Phase 1', async () => {
    const before = await startPair(1, bothPolicies('east'), bothPolicies('west'));
    const { clock, network, east } = before;
    east.kernel.output(packetToWest());
    await runUntil(clock, () => before.west.delivered.length > 0, WINDOW_MS);
    for (const entry of [...east.engine.table.phase1()])
      east.engine.deletePhase1(entry, 'an operator deleted it');
    await runUntil(clock, () => false, 1000);
    before.west.crash();
    const peers = new Map([[east.address, east]]);
    const west = await startSimulated(bothPolicies('west'), network, clock, 9, peers);
    east.kernel.output(tunnelPacket('east', 'other'));
    west.kernel.output(tunnelPacket('west', 'other'));
    await runUntil(clock, () => false, WINDOW_MS);
    const pair = { ...before, west };
    assert.ok(west.engine.table.phase2Count > 0);
    assert.deepEqual(liveSas(east), liveSas(west));
    assertClean(pair, 'after the restart');
  });

  it('end the same at both ends after bad weather with few repetitions', async () => {
    for (let seed = 1; seed <= 100; seed++) {
      const pair = await startPair(seed, bothPolicies('east'), bothPolicies('west'));
      pair.network.weather = STORM;
      pair.east.kernel.output(packetToWest());
      pair.clock.setTimeout(() => pair.west.kernel.output(tunnelPacket('west', 'other')), seed * 100);
      await runUntil(pair.clock, () => false, 300_000);
      // In a storm a peer may be taken for dead though it lives; the other end asks after ten looks in silence.
      pair.network.weather = FAIR;
      await runUntil(pair.clock, () => false, 400_000);
      assertClean(pair, `seed ${String(seed)}`);
      assert.deepEqual(liveSas(pair.east), liveSas(pair.west), `seed ${String(seed)}`);
    }
  });
});
