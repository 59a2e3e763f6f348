/** Named scenarios: a power failure at every moment, a small MTU, a wrong time of day, a worker thread that dies. */
import assert from 'node:assert/strict';
import { Dice } from './dice.js';
import { failingCrypto } from './failing-crypto.js';
import { assertEmpty, assertEstablished, failedCodes, liveSas } from './outcome.js';
import { runUntil, startSimulated } from './simulated-daemon.js';
import { gatewayPlan, packetToWest, type Pair, startPair, tunnelPacket } from './two-gateways.js';

const WINDOW_MS = 60_000;
const EXPIRY_MS = 400_000;

/** Another daemon with the same configuration at the address of the one that crashes. */
async function restarted(pair: Pair, end: 'east' | 'west'): Promise<Pair> {
  pair[end].crash();
  const other = pair[end === 'east' ? 'west' : 'east'];
  const peers = new Map([[other.address, other]]);
  const daemon = await startSimulated(gatewayPlan(end), pair.network, pair.clock, 77, peers);
  return { ...pair, [end]: daemon };
}

describe('a power failure', () => {
  for (const end of ['east', 'west'] as const) {
    for (const message of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
      it(`of ${end} after message ${String(message)} leaves the same SAs on both ends as soon as it sends something`, async () => {
        const first = await startPair(message, gatewayPlan('east'), gatewayPlan('west'));
        first.east.kernel.output(packetToWest());
        await runUntil(first.clock, () => first.network.sent.length >= message, WINDOW_MS);
        const pair = await restarted(first, end);
        // What was under way arrives while it starts.
        await runUntil(pair.clock, () => false, 1000);
        pair[end].kernel.output(tunnelPacket(end, 'first'));
        await runUntil(pair.clock, () => false, EXPIRY_MS);
        assertEstablished(pair, pair.east.engine.table.phase2Count, `after message ${String(message)}`);
        assert.ok(pair.east.engine.table.phase2Count > 0, failedCodes(pair[end]).join());
      });
    }
  }
});

describe('an MTU', () => {
  it('of 576 bytes lets a tunnel come up', async () => {
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    pair.network.mtu = 576;
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assertEstablished(pair, 1, 'over a small MTU');
  });

  it('that no message 3 fits through ends in silence on both ends, and in nothing else', async () => {
    const pair = await startPair(2, gatewayPlan('east'), gatewayPlan('west'));
    pair.network.mtu = 250;
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, EXPIRY_MS);
    assert.deepEqual(new Set(failedCodes(pair.east)), new Set(['peer-silent']));
    assert.deepEqual(failedCodes(pair.west), ['expired']);
    assertEmpty(pair, 'afterwards');
  });
});

describe('a wrong time of day', () => {
  for (const [name, ms] of [
    ['a year too late', 365 * 86_400_000],
    ['a year too early', -365 * 86_400_000],
  ] as const) {
    it(`that is set to ${name} disturbs neither a negotiation nor a lifetime`, async () => {
      const run = async (steps: boolean) => {
        const pair = await startPair(3, gatewayPlan('east'), gatewayPlan('west'));
        pair.east.kernel.output(packetToWest());
        await runUntil(pair.clock, () => pair.network.sent.length >= 4, WINDOW_MS);
        if (steps) pair.east.clock.stepWall(ms);
        await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS);
        if (steps) pair.west.clock.stepWall(ms);
        const gone = () =>
          pair.east.events.find(({ type }) => type === 'phase2.gone' || type === 'phase1.gone');
        assert.ok(await runUntil(pair.clock, () => gone() !== undefined, 86_400_000));
        return pair.clock.now();
      };
      assert.equal(await run(true), await run(false));
    });
  }
});

describe('a worker thread that dies', () => {
  it('ends the negotiation it worked for, and the next one succeeds', async () => {
    let failing = 1;
    const crypto = failingCrypto(new Dice(1), () => failing);
    const pair = await startPair(4, gatewayPlan('east', { crypto }), gatewayPlan('west', { crypto }));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => failedCodes(pair.east).length > 0, WINDOW_MS);
    assert.ok(failedCodes(pair.east).includes('crypto-failed'), failedCodes(pair.east).join());
    failing = 0;
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, EXPIRY_MS);
    assertEstablished(pair, 1, 'the second time');
    assert.deepEqual(liveSas(pair.east), liveSas(pair.west));
  });
});
