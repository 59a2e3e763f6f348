/** What RFC 2408 demands where there is an SA already. */
import assert from 'node:assert/strict';
import { headerOf } from '../machines/mishaps.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { gatewayPlan, packetToWest, type Pair, startPair, WEST } from '../sim/two-gateways.js';

describe('a second Main Mode of the same two', () => {
  it('has cookies of its own', async () => {
    const pair = await startPair(2, gatewayPlan('east'), gatewayPlan('west'));
    pair.east.kernel.output(packetToWest());
    assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000));
    void pair.east.engine.sayGoodbye();
    await runUntil(pair.clock, () => false, 1000);
    pair.east.kernel.output(packetToWest());
    assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 1, 60_000));
    const cookies = new Set<string>();
    for (const datagram of pair.network.sent) {
      const { initiatorCookie, responderCookie } = headerOf(datagram);
      cookies.add(initiatorCookie).add(responderCookie);
    }
    // Two of each SA, and the zeros in its message 1.
    assert.equal(cookies.size, 5);
  });
});

describe('a second Quick Mode for the same traffic', () => {
  /** Two pairs of SAs, and the SPIs of what east sends under: the older one first. */
  async function twoPairs(): Promise<{ readonly pair: Pair; readonly spis: readonly [number, number] }> {
    const pair = await startPair(3, gatewayPlan('east'), gatewayPlan('west'));
    assert.ok((await asked(pair)).ok);
    assert.ok((await asked(pair)).ok);
    const [older, newer] = [...pair.east.engine.table.phase2()].map(({ pairs }) => pairs[0]?.outboundSpi);
    assert.ok(older !== undefined && newer !== undefined);
    return { pair, spis: [older, newer] };
  }

  async function asked({ east, clock }: Pair) {
    const question = east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(clock, () => false, 1000);
    return question;
  }

  async function delivered({ east, west, clock }: Pair): Promise<number> {
    east.kernel.output(packetToWest());
    await runUntil(clock, () => false, 100);
    return west.delivered.length;
  }

  it('makes SAs that are sent under at once', async () => {
    const { pair, spis } = await twoPairs();
    await pair.west.kernel.delete({ destination: WEST, protocol: 50, spi: spis[0] });
    assert.equal(await delivered(pair), 1);
  });

  it('leaves the SAs before it receiving until they are deleted', async () => {
    const { pair, spis } = await twoPairs();
    await pair.east.kernel.delete({ destination: WEST, protocol: 50, spi: spis[1] });
    assert.equal(await delivered(pair), 1);
    await pair.west.kernel.delete({ destination: WEST, protocol: 50, spi: spis[0] });
    assert.equal(await delivered(pair), 1);
  });
});
