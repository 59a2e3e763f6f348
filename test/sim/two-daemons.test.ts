import assert from 'node:assert/strict';
import { runUntil } from './simulated-daemon.js';
import { gatewayPlan, packetToWest, startPair } from './two-gateways.js';

describe('two simulated daemons', () => {
  it('build a tunnel when a packet asks for it, with equal keys, and carry the packet', async () => {
    const { clock, east, west, network } = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    const packet = packetToWest();
    assert.equal(east.kernel.output(packet), 'held');
    const arrived = await runUntil(clock, () => west.delivered.length > 0, 60_000);
    assert.ok(
      arrived,
      JSON.stringify(
        east.events.map((event) => [event.at, event.type, 'failure' in event ? event.failure : '']),
        null,
        1,
      ),
    );
    assert.deepEqual([...(west.delivered[0] ?? [])], [...packet]);
    assert.equal(network.sent.length, 9);
    const keys = (daemon: typeof east) =>
      daemon.trace.map(({ spi, enc, auth }) => [spi, enc?.key, auth?.key]).sort();
    assert.deepEqual(keys(east), keys(west));
    assert.equal(east.trace.length, 2);
  });

  it('do not answer duplicates of last messages with each other for ever', async () => {
    const { clock, east, west, network } = await startPair(2, gatewayPlan('east'), gatewayPlan('west'));
    // A round trip longer than the interval in which one duplicate is answered at most.
    network.weather = { ...network.weather, duplication: 1, delayMs: 150 };
    east.kernel.output(packetToWest());
    await runUntil(clock, () => west.delivered.length > 0, 60_000);
    // Nine messages, and at most one repeated answer for each that may be answered again.
    await runUntil(clock, () => false, 40_000);
    assert.ok(network.sent.length <= 22, `${String(network.sent.length)} datagrams were sent`);
  });
});
