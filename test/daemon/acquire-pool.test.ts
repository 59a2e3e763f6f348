/** Questions that cannot be answered, and several that can be answered together. */
import assert from 'node:assert/strict';
import { startSimulated, runUntil } from '../sim/simulated-daemon.js';
import { Dice } from '../sim/dice.js';
import { SimulatedNetwork } from '../sim/simulated-network.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { failedCodes } from '../sim/outcome.js';
import { gatewayPlan, packetToWest, type Pair, startPair, tunnelPolicy } from '../sim/two-gateways.js';

const WINDOW_MS = 60_000;

async function refused(plan: Parameters<typeof gatewayPlan>[1]): Promise<readonly string[]> {
  const pair = await startPair(1, gatewayPlan('east', plan), gatewayPlan('west'));
  assert.equal(pair.east.kernel.output(packetToWest()), 'held');
  await runUntil(pair.clock, () => false, WINDOW_MS);
  assert.equal(pair.network.sent.length, 0);
  assert.equal(
    pair.east.kernel.statistics.dropped.outbound['acquire-refused'],
    1,
    'the packet waits for nothing',
  );
  return failedCodes(pair.east);
}

function outcomes({ east }: Pair): readonly string[] {
  return east.events.flatMap((event) =>
    event.type === 'negotiation.ended' && event.negotiation.startsWith('acquire') ? [event.outcome] : [],
  );
}

describe('a packet that asks for SAs', () => {
  it('is refused where no rule covers the two ends', async () => {
    const policy = { ...tunnelPolicy('east'), outer: { local: '192.0.2.1', remote: '192.0.2.77' } };
    assert.deepEqual(await refused({ policies: [policy] }), ['no-rule']);
  });

  it('is refused where the policy names a rule that is not there', async () => {
    assert.deepEqual(await refused({ policies: [{ ...tunnelPolicy('east'), ruleLabel: 'nobody' }] }), [
      'no-rule',
    ]);
  });

  it('is refused where no pre-shared key is for the peer', async () => {
    const preshared = '{ localidtype IP localid 192.0.2.1 remoteidtype IP remoteid 192.0.2.9 key 00ff }\n';
    assert.deepEqual(await refused({ preshared }), ['no-preshared-key']);
  });

  it('is refused where the daemon has no socket on the local address', async () => {
    const clock = new VirtualClock();
    const network = new SimulatedNetwork(clock, new Dice(1));
    const policy = { ...tunnelPolicy('east'), outer: { local: '192.0.2.5', remote: '192.0.2.2' } };
    const config = gatewayPlan('east').config.replace('192.0.2.1', '192.0.2.5');
    const plan = gatewayPlan('east', { policies: [policy], config });
    const east = await startSimulated(plan, network, clock, 1, new Map());
    const result = await east.engine.up('10.1.0.5', '10.2.0.9', 17);
    assert.equal(result.ok, false);
    assert.match(result.error.explanation, /no socket on 192\.0\.2\.5/);
  });

  it('shares the Main Mode with all that ask while it is under way', async () => {
    const pair = await startPair(2, gatewayPlan('east', { cryptoMs: 300 }), gatewayPlan('west'));
    const answers = Array.from({ length: 5 }, () => pair.east.engine.up('10.1.0.5', '10.2.0.9', 17));
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assert.ok((await Promise.all(answers)).every(({ ok }) => ok));
    assert.equal(pair.east.engine.table.phase1Count, 1);
    assert.equal(pair.east.engine.table.phase2Count, 5);
  });

  it('fails with all the others when the Main Mode does, and the next one tries again', async () => {
    const pair = await startPair(3, gatewayPlan('east'), gatewayPlan('west'));
    pair.network.filter = () => 'drop';
    const answers = Array.from({ length: 3 }, () => pair.east.engine.up('10.1.0.5', '10.2.0.9', 17));
    await runUntil(pair.clock, () => false, WINDOW_MS);
    for (const result of await Promise.all(answers)) {
      assert.equal(result.ok, false);
      assert.equal(result.error.code, 'peer-silent');
    }
    assert.deepEqual(outcomes(pair), ['refused', 'refused', 'refused']);
    pair.network.filter = () => 'pass';
    const again = pair.east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assert.equal((await again).ok, true);
  });

  it('asks once for the packets that wait for the same SAs', async () => {
    const pair = await startPair(4, gatewayPlan('east'), gatewayPlan('west'));
    for (let count = 0; count < 4; count++) pair.east.kernel.output(packetToWest(String(count)));
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assert.deepEqual(outcomes(pair), ['answered']);
    assert.equal(pair.west.delivered.length, 4);
  });
});
