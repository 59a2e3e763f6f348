/** SAs are renewed before they end, from whichever end, and no packet is lost over it. */
import assert from 'node:assert/strict';
import { udpPacket } from '../../adapters/kernel/embedded/ip-packet.js';
import { headerOf, isQuickMode } from '../machines/mishaps.js';
import { assertClean, assertEmpty, assertEstablished, failures } from './outcome.js';
import { runUntil, type SimulatedDaemon } from './simulated-daemon.js';
import { FAIR } from './simulated-network.js';
import { gatewayPlan, packetToWest, type Pair, startPair, WEST } from './two-gateways.js';

const EVERY_MS = 500;
const packetToEast = (): Uint8Array =>
  udpPacket('10.2.0.9', '10.1.0.5', 4001, 4000, new TextEncoder().encode('hello'));

/** Times in seconds: Phase 1 for ten minutes, Phase 2 for `lifetime`. */
async function gateways(seed: number, lifetime: number, more = ''): Promise<Pair> {
  const globals = `p1_lifetime_secs 600 p2_lifetime_secs ${String(lifetime)} ${more}`;
  return startPair(
    seed,
    gatewayPlan('east', { words: { globals } }),
    gatewayPlan('west', { words: { globals } }),
  );
}

interface Traffic {
  east: number;
  west: number;
}

/** A packet each way every half second; the first one from `starter`. */
async function converse(pair: Pair, seconds: number, starter: 'east' | 'west' = 'east'): Promise<Traffic> {
  const sent: Traffic = { east: 0, west: 0 };
  const end = pair.clock.now() + seconds * 1000;
  while (pair.clock.now() < end) {
    pair[starter].kernel.output(starter === 'east' ? packetToWest() : packetToEast());
    sent[starter] += 1;
    await runUntil(pair.clock, () => false, EVERY_MS / 2);
    const other = starter === 'east' ? 'west' : 'east';
    pair[other].kernel.output(other === 'east' ? packetToWest() : packetToEast());
    sent[other] += 1;
    await runUntil(pair.clock, () => false, EVERY_MS / 2);
  }
  await runUntil(pair.clock, () => false, 100);
  return sent;
}

function assertNoneLost(pair: Pair, sent: Traffic): void {
  assert.equal(pair.west.delivered.length, sent.east, `to west: ${failures(pair)}`);
  assert.equal(pair.east.delivered.length, sent.west, `to east: ${failures(pair)}`);
  for (const { kernel } of [pair.east, pair.west])
    assert.deepEqual(kernel.statistics.dropped, { outbound: {}, inbound: {} });
}

function countOf({ events }: SimulatedDaemon, type: 'phase1.established' | 'phase2.installed'): number {
  return events.filter((event) => event.type === type).length;
}

/** How many exchanges of a kind one end began. */
function begun({ events }: SimulatedDaemon, chart: string): number {
  return events.filter((event) => event.type === 'negotiation.started' && event.chart === chart).length;
}

describe('renewal', function () {
  this.timeout(120_000);

  it('of both phases loses no packet of half an hour, and is begun by the end that began', async () => {
    const pair = await gateways(1, 200);
    assertNoneLost(pair, await converse(pair, 1800));
    assert.ok(countOf(pair.east, 'phase2.installed') >= 9);
    assert.ok(countOf(pair.east, 'phase1.established') >= 3);
    assert.equal(begun(pair.west, 'quick-mode-initiator'), 0);
    assert.equal(begun(pair.west, 'main-mode-initiator'), 0);
    await runUntil(pair.clock, () => false, 60_000);
    assertClean(pair, 'after the last renewal');
    assert.equal(pair.west.engine.table.phase1Count, pair.east.engine.table.phase1Count);
  });

  it('leaves one pair and one Phase 1 SA, and in the end nothing', async () => {
    const pair = await gateways(2, 200);
    await converse(pair, 195);
    await runUntil(pair.clock, () => false, 70_000);
    assertEstablished(pair, 1, 'the old pair is gone');
    assert.equal(pair.east.engine.table.phase1Count, 1);
    await runUntil(pair.clock, () => false, 3 * 3_600_000);
    assertEmpty(pair, 'nobody used it any more');
  });

  it('is done by the responder when the initiator does not', async () => {
    const pair = await gateways(3, 200);
    // East renews nothing: soft and hard limit are one.
    const sent = await converse(pair, 100);
    const { config } = pair.east.engine.settings;
    assert.ok(config);
    pair.network.filter = (datagram) =>
      isQuickMode(datagram) && datagram.from.address !== WEST && countOf(pair.west, 'phase2.installed') < 2
        ? beginsQuickMode(pair, headerOf(datagram).messageId)
        : 'pass';
    const more = await converse(pair, 150);
    assertNoneLost(pair, { east: sent.east + more.east, west: sent.west + more.west });
    assert.ok(begun(pair.west, 'quick-mode-initiator') > 0);
  });

  it('from both ends at once leaves SAs of one maker and loses no packet, however far apart the two are', async () => {
    for (let apart = 0; apart <= 400; apart += 25) {
      const where = `${String(apart)} ms apart`;
      const pair = await gateways(10 + apart, 3000, 'dpd_interval_secs 600');
      pair.network.weather = { ...FAIR, delayMs: 20, jitterMs: 60 };
      const before = await converse(pair, 5);
      const renew = (end: 'east' | 'west'): void => {
        const [entry] = pair[end].engine.table.phase2();
        assert.ok(entry);
        void pair[end].engine.acquires.ask(entry.policy, entry.phase1);
      };
      renew('east');
      pair.clock.setTimeout(() => {
        renew('west');
      }, apart);
      const after = await converse(pair, 60);
      assertNoneLost(pair, { east: before.east + after.east, west: before.west + after.west });
      const standing = [...pair.east.engine.table.phase2()];
      assertEstablished(pair, standing.length, where);
      assert.equal(new Set(standing.map(({ role }) => role)).size, 1, `${where}: of two makers`);
    }
  });

  it('of Phase 1 from both ends at once settles to one SA that speaks for all', async () => {
    for (let apart = 0; apart <= 400; apart += 50) {
      const where = `${String(apart)} ms apart`;
      const pair = await gateways(50 + apart, 3000, 'dpd_interval_secs 600');
      pair.network.weather = { ...FAIR, delayMs: 20, jitterMs: 60 };
      // One end begins, so that there is one SA to renew.
      pair.east.kernel.output(packetToWest());
      await runUntil(pair.clock, () => false, 2000);
      const renew = (end: 'east' | 'west'): void => {
        const [oldest] = pair[end].engine.table.phase1();
        assert.ok(oldest);
        pair[end].engine.peers.isakmpSas.renew(oldest);
      };
      renew('east');
      pair.clock.setTimeout(() => {
        renew('west');
      }, apart);
      const after = await converse(pair, 90);
      assertNoneLost(pair, { east: 1 + after.east, west: after.west });
      assertEstablished(pair, 1, where);
      const cookies = [pair.east, pair.west].map(({ engine }) =>
        [...engine.table.phase1()].map(({ sa }) => sa.initiatorCookie + sa.responderCookie),
      );
      assert.equal(cookies[0]?.length, 1, `${where}: ${JSON.stringify(cookies)}`);
      assert.deepEqual(cookies[0], cookies[1], where);
      const [child] = pair.east.engine.table.phase2();
      assert.equal(child?.phase1.children.has(child), true);
      const phase1 = pair.east.engine.table.phase1ById(child.phase1.id);
      assert.ok(phase1 !== undefined && pair.east.engine.peers.isakmpSas.isUsable(phase1));
    }
  });

  it('sends nothing under the new SAs before the peer had time to install them', async () => {
    const pair = await gateways(5, 3000);
    await converse(pair, 2);
    const [entry] = pair.east.engine.table.phase2();
    assert.ok(entry);
    const outbound = (): number =>
      pair.east.kernel.sas().filter(({ destination, complete }) => complete && destination === WEST).length;
    assert.equal(outbound(), 1);
    void pair.east.engine.acquires.ask(entry.policy, entry.phase1, entry.standing);
    assert.ok(await runUntil(pair.clock, () => countOf(pair.west, 'phase2.installed') === 2, 5000));
    assert.equal(outbound(), 1, 'the peer is done, and the old SA carries the traffic');
    assert.ok(await runUntil(pair.clock, () => countOf(pair.east, 'phase2.installed') === 2, 2000));
    assert.equal(outbound(), 2);
  });

  it('that did not come is told to the peer at the hard limit, whose own lifetime may be longer', async () => {
    const pair = await startPair(
      6,
      gatewayPlan('east', { words: { globals: 'p2_lifetime_secs 100' } }),
      gatewayPlan('west'),
    );
    pair.east.kernel.output(packetToWest());
    assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 5000));
    const [entry] = pair.east.engine.table.phase2();
    assert.ok(entry);
    pair.east.engine.peers.ipsecSas.hardLimit(entry);
    await runUntil(pair.clock, () => false, 1000);
    assertEmptyOfPairs(pair);
  });

  it('goes on from the old SAs when the new ones come to nothing', async () => {
    const pair = await gateways(4, 200);
    const sent = await converse(pair, 100);
    const installed = countOf(pair.west, 'phase2.installed');
    // Message 3 of every renewal is lost: west never has the new pair, and says so.
    pair.network.filter = (datagram) =>
      isQuickMode(datagram) && datagram.from.address !== WEST && isThird(pair, headerOf(datagram).messageId)
        ? 'drop'
        : 'pass';
    await converse(pair, 70);
    assert.equal(countOf(pair.west, 'phase2.installed'), installed);
    pair.network.filter = () => 'pass';
    pair.east.delivered.length = 0;
    pair.west.delivered.length = 0;
    const more = await converse(pair, 60);
    assert.ok(sent.east > 0);
    assert.equal(pair.east.delivered.length, more.west, 'what west sends always gets in');
  });
});

function assertEmptyOfPairs({ east, west }: Pair): void {
  assert.deepEqual([east.engine.table.phase2Count, west.engine.table.phase2Count], [0, 0]);
  assert.deepEqual([east.kernel.sas().length, west.kernel.sas().length], [0, 0]);
}

/** Whether east's Quick Mode with this message ID was begun by east: its message 1. */
function beginsQuickMode({ west }: Pair, messageId: number): 'drop' | 'pass' {
  const answered = west.events.some(
    (event) =>
      event.type === 'message.sent' &&
      event.message.exchange === 'Quick Mode' &&
      event.message.messageId === messageId.toString(16).padStart(8, '0'),
  );
  return answered ? 'pass' : 'drop';
}

function isThird(pair: Pair, messageId: number): boolean {
  return beginsQuickMode(pair, messageId) === 'pass';
}
