/** NAT traversal between production engines in virtual time (RFC 3947, 3948): detection, the float, keepalives. */
import assert from 'node:assert/strict';
import { udpPacket } from '../../adapters/kernel/embedded/ip-packet.js';
import { Dice } from './dice.js';
import { bringUp, CLIENT, natPlan, OUTER, startBehindNat } from './natted-clients.js';
import { assertEstablished, failedCodes, liveSas } from './outcome.js';
import { runUntil, type SimulatedDaemon, startSimulated } from './simulated-daemon.js';
import { SimulatedNetwork } from './simulated-network.js';
import { WEST } from './two-gateways.js';
import { VirtualClock } from './virtual-clock.js';

const WINDOW_MS = 60_000;

describe('a client behind a NAT', () => {
  for (const [mode, rule, floats] of [
    ['main', 'ike_mode main', 5],
    ['aggressive', 'ike_mode aggressive', 3],
  ] as const) {
    it(`is found there in ${mode} mode, and goes on at port 4500 from message ${String(floats)}`, async () => {
      const world = await startBehindNat(rule, ['10.1.0.5']);
      const [client] = world.clients;
      assert.ok(client);
      await bringUp(world, client, '10.1.0.5');
      assert.deepEqual(liveSas(client), liveSas(world.west), failedCodes(client).join());
      assert.equal(world.west.engine.table.phase2Count, 1);
      const fromClient = world.network.sent.filter(({ from }) => from.address === CLIENT);
      const first = fromClient.findIndex(({ from, to }) => from.port === 4500 && to.port === 4500);
      assert.equal(first, (floats - 1) / 2);
      assert.ok(fromClient.slice(first).every(({ from, to }) => from.port === 4500 && to.port === 4500));
      const [ours] = [...client.engine.table.phase1()];
      const [theirs] = [...world.west.engine.table.phase1()];
      assert.deepEqual(ours?.sa.features.nat, { local: true, remote: false });
      assert.deepEqual(theirs?.sa.features.nat, { local: false, remote: true });
      assert.equal(ours.sa.features.natTraversal, 'rfc3947');
      assert.deepEqual(theirs.sa.remote, { address: OUTER, port: 4500 });
    });
  }

  it('keeps its mapping open with one byte every 20 seconds, and the other end sends none', async () => {
    const world = await startBehindNat('', ['10.1.0.5']);
    const [client] = world.clients;
    assert.ok(client);
    await bringUp(world, client, '10.1.0.5');
    const before = world.network.sent.length;
    await runUntil(world.clock, () => false, 100_500);
    const keepalives = world.network.sent.slice(before).filter(({ bytes }) => bytes.length === 1);
    assert.equal(keepalives.length, 5);
    assert.ok(keepalives.every(({ from, bytes }) => from.address === CLIENT && bytes[0] === 0xff));
    assert.equal(world.nat.mappings, 1, 'port 500 has lapsed, port 4500 has not');
  });

  it('is followed with its SAs when its NAT gives it another port', async () => {
    const world = await startBehindNat('', ['10.1.0.5']);
    const [client] = world.clients;
    assert.ok(client);
    await bringUp(world, client, '10.1.0.5');
    world.nat.rebind();
    const again = client.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(world.clock, () => false, 5000);
    assert.ok((await again).ok);
    const [theirs] = [...world.west.engine.table.phase1()];
    assert.ok(theirs);
    assert.equal(theirs.sa.remote.address, OUTER);
    assert.notEqual(theirs.sa.remote.port, 4500);
    assert.deepEqual(liveSas(client), liveSas(world.west));
    for (const { pairs } of world.west.engine.table.phase2())
      for (const { protocol, outboundSpi } of pairs)
        assert.ok(world.west.engine.table.phase2BySpi(OUTER, protocol, outboundSpi));
  });

  it('has neighbours there, each with SAs of its own', async () => {
    const world = await startBehindNat('', ['10.1.0.5', '10.1.0.6']);
    const [one, other] = world.clients;
    assert.ok(one && other);
    await bringUp(world, one, '10.1.0.5');
    await bringUp(world, other, '10.1.0.6');
    await runUntil(world.clock, () => false, WINDOW_MS);
    assert.equal(world.west.engine.table.phase1Count, 2);
    assert.equal(world.west.engine.table.phase2Count, 2);
    const ports = [...world.west.engine.table.phase1()].map(({ sa }) => sa.remote.port);
    assert.equal(new Set(ports).size, 2);
    assert.deepEqual([...liveSas(one), ...liveSas(other)].sort(), liveSas(world.west));
  });

  it('and a peer that knows only a draft, or no NAT traversal at all, still come to an SA', async () => {
    const world = await startBehindNat('', ['10.1.0.5']);
    const [client] = world.clients;
    assert.ok(client);
    // RFC 3947's and draft 03's vendor IDs are spoiled in message 1, as if the client did not know them.
    const spoil = (hex: string, bytes: Uint8Array): Uint8Array => {
      const at = Buffer.from(bytes).indexOf(Buffer.from(hex, 'hex'));
      return at < 0 ? bytes : bytes.map((byte, index) => (index === at ? byte ^ 0xff : byte));
    };
    const known = ['4a131c81070358455c5728f20e95452f', '7d9419a65310ca6f2c179d9215529d56'];
    const respoiled = new WeakSet<Uint8Array>();
    world.network.filter = (datagram) => {
      if (respoiled.has(datagram.bytes)) return 'pass';
      const bytes = known.reduce((spoilt, hex) => spoil(hex, spoilt), datagram.bytes);
      if (bytes === datagram.bytes) return 'pass';
      respoiled.add(bytes);
      world.network.send(datagram.from, datagram.to, bytes);
      return 'drop';
    };
    await bringUp(world, client, '10.1.0.5');
    const [ours] = [...client.engine.table.phase1()];
    assert.equal(ours?.sa.features.natTraversal, 'draft-02');
    assert.deepEqual(ours.sa.features.nat, { local: true, remote: false });
    assert.deepEqual(liveSas(client), liveSas(world.west));
  });
});

describe('two ends without a NAT between them', () => {
  it('find none, and stay at port 500', async () => {
    const clock = new VirtualClock();
    const network = new SimulatedNetwork(clock, new Dice(4));
    const peers = new Map<string, SimulatedDaemon>();
    const east = await startSimulated(natPlan('192.0.2.1', WEST, ['10.1.0.5']), network, clock, 1, peers);
    const west = await startSimulated(natPlan(WEST, '192.0.2.1', ['10.1.0.5']), network, clock, 2, peers);
    east.kernel.output(udpPacket('10.1.0.5', '10.2.0.9', 1, 2, new Uint8Array(3)));
    await runUntil(clock, () => west.delivered.length > 0, WINDOW_MS);
    await runUntil(clock, () => false, WINDOW_MS);
    assertEstablished({ clock, network, east, west }, 1, 'no NAT');
    assert.ok(
      network.sent.every(({ from, to, bytes }) => from.port === 500 && to.port === 500 && bytes.length > 1),
    );
    const [sa] = [...east.engine.table.phase1()];
    assert.equal(sa?.sa.features.natTraversal, 'rfc3947');
    assert.deepEqual(sa.sa.features.nat, { local: false, remote: false });
  });
});
