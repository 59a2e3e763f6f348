/** Clients behind one NAT, authenticated each: none of them touches the SAs of another. */
import assert from 'node:assert/strict';
import { phase1Lost } from '../../daemon/ending.js';
import type { Kernel, SpiPair } from '../../services/ports/kernel.js';
import { deletePhase2 } from '../../services/exchange/informational.js';
import { boundKernel } from './bound-kernel.js';
import { onlyPhase1, protectedMessage } from './informational-message.js';
import { bringUp, type NatWorld, startBehindNat } from './natted-clients.js';
import { failedCodes, liveSas } from './outcome.js';
import { runUntil, settle, type SimulatedDaemon } from './simulated-daemon.js';
import { gatewayPlan, packetToWest, startPair, WEST } from './two-gateways.js';

const FIRST = '10.1.0.5';
const SECOND = '10.1.0.6';
const WINDOW_MS = 60_000;

function onlyPair(daemon: SimulatedDaemon): SpiPair {
  const [entry, ...more] = daemon.engine.table.phase2();
  const [pair] = entry?.pairs ?? [];
  assert.ok(pair !== undefined && more.length === 0);
  return pair;
}

function clientsOf({ clients }: NatWorld): readonly [SimulatedDaemon, SimulatedDaemon] {
  const [victim, attacker] = clients;
  assert.ok(victim !== undefined && attacker !== undefined);
  return [victim, attacker];
}

/** Says that `spi` is its own, and believes it. */
function claiming(spi: () => number): (kernel: Kernel) => Kernel {
  return (kernel) => ({
    ...boundKernel(kernel),
    getSpi: () => Promise.resolve(spi()),
    update: () => Promise.resolve(),
    add: () => Promise.resolve(),
  });
}

describe('a client that names an SPI of its neighbour as its own', () => {
  it('gets no SA, and leaves those of the neighbour alone', async () => {
    let claimed = 0;
    const world = await startBehindNat('', [FIRST, SECOND], [{}, { kernel: claiming(() => claimed) }]);
    const [victim, attacker] = clientsOf(world);
    await bringUp(world, victim, FIRST);
    const before = liveSas(world.west);
    assert.equal(before.length, 2);
    claimed = onlyPair(victim).inboundSpi;
    await bringUp(world, attacker, SECOND);
    const made = attacker.events.flatMap((event) => (event.type === 'phase2.installed' ? event.pairs : []));
    assert.deepEqual(
      made.map(({ inboundSpi }) => inboundSpi),
      [claimed],
      'it was not tried',
    );
    await runUntil(world.clock, () => false, WINDOW_MS);
    assert.deepEqual(liveSas(world.west), before);
    assert.equal(world.west.engine.table.phase2Count, 1);
    assert.deepEqual(failedCodes(world.west), ['kernel-refused']);
  });
});

describe('a Delete', () => {
  const say = async (world: NatWorld, client: SimulatedDaemon, spi: number): Promise<void> => {
    const bytes = protectedMessage(client, [deletePhase2(50, [spi])], 77);
    world.network.send({ address: client.address, port: 4500 }, { address: WEST, port: 4500 }, bytes);
    await runUntil(world.clock, () => false, WINDOW_MS);
  };

  it('of a client is not obeyed about SAs of its neighbour', async () => {
    const world = await startBehindNat('', [FIRST, SECOND]);
    const [victim, attacker] = clientsOf(world);
    await bringUp(world, victim, FIRST);
    await bringUp(world, attacker, SECOND);
    const before = liveSas(world.west);
    await say(world, attacker, onlyPair(victim).inboundSpi);
    assert.deepEqual(liveSas(world.west), before);
    assert.equal(world.west.engine.table.phase2Count, 2);
  });

  it('of the client itself is obeyed, also under a Phase 1 SA that it has made from another port', async () => {
    const world = await startBehindNat('', [FIRST]);
    const [client] = world.clients;
    assert.ok(client);
    await bringUp(world, client, FIRST);
    const { inboundSpi } = onlyPair(client);
    const [old] = world.west.engine.table.phase1();
    const [ours] = client.engine.table.phase1();
    assert.ok(old && ours);
    // The client has lost the SA without a word, and its NAT the mapping.
    client.engine.peers.isakmpSas.forget(ours, 'it is lost');
    world.nat.rebind();
    void client.engine.up(FIRST, '10.2.0.9', 17);
    await runUntil(world.clock, () => world.west.engine.table.phase1Count === 2, WINDOW_MS);
    await runUntil(world.clock, () => false, 1000);
    const [, renewed] = world.west.engine.table.phase1();
    assert.ok(renewed);
    assert.notEqual(renewed.sa.remote.port, old.sa.remote.port);
    await say(world, client, inboundSpi);
    const gone = world.west.events.flatMap((event) => (event.type === 'phase2.gone' ? [event] : []));
    const reasons = gone.filter(({ pairs }) => pairs.some(({ outboundSpi }) => outboundSpi === inboundSpi));
    assert.deepEqual(
      reasons.map(({ reason }) => reason),
      ['the peer deleted it'],
    );
  });
});

describe('a Quick Mode that is withdrawn while the kernel adds its outbound SA', () => {
  it('leaves none behind', async () => {
    const gates: (() => void)[] = [];
    const slowly = (kernel: Kernel): Kernel => ({
      ...boundKernel(kernel),
      add: async (sa) => {
        await kernel.add(sa);
        await new Promise<void>((resolve) => gates.push(resolve));
      },
    });
    const pair = await startPair(7, gatewayPlan('east'), gatewayPlan('west', { kernel: slowly }));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => gates.length > 0, WINDOW_MS);
    assert.equal(liveSas(pair.west).length, 2);
    const entry = onlyPhase1(pair.west);
    pair.west.engine.phase2.underWay.phase1Lost(entry, phase1Lost(entry.sa.remote));
    await settle();
    gates[0]?.();
    await settle();
    assert.deepEqual(liveSas(pair.west), []);
  });
});
