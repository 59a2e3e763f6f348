/** What random runs have found: ends that were lost or came too late, and left at one end what the other did not have. */
import assert from 'node:assert/strict';
import { withdrawn } from '../../daemon/ending.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { headerOf, isEncrypted, isQuickMode, unluckyKernel } from '../machines/mishaps.js';
import { assertClean, failedCodes, liveSas } from './outcome.js';
import { type DaemonPlan, runUntil, type SimulatedDaemon } from './simulated-daemon.js';
import type { SentDatagram } from './simulated-network.js';
import {
  gatewayPlan,
  otherPolicy,
  packetToWest,
  type Pair,
  startPair,
  tunnelPacket,
  tunnelPolicy,
} from './two-gateways.js';

const WINDOW_MS = 31_500;
/** A retry window and a round of probing. */
const SETTLING_MS = WINDOW_MS + 30_000 + WINDOW_MS;

const plan = (end: 'east' | 'west', rule = ''): DaemonPlan =>
  gatewayPlan(end, { policies: [tunnelPolicy(end), otherPolicy(end)], words: { rule } });

function cookies({ engine }: SimulatedDaemon): readonly string[] {
  return [...engine.table.phase1()].map(({ sa }) => sa.initiatorCookie + sa.responderCookie).sort();
}

function assertSame(pair: Pair, where: string): void {
  const { east, west } = pair;
  assert.deepEqual(liveSas(east), liveSas(west), where);
  assert.deepEqual(cookies(east), cookies(west), where);
  assertClean(pair, where);
}

async function established(seed: number): Promise<Pair> {
  const pair = await startPair(seed, plan('east'), plan('west'));
  pair.east.kernel.output(packetToWest());
  assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS));
  return pair;
}

function deletePhase1({ engine }: SimulatedDaemon): void {
  for (const entry of [...engine.table.phase1()]) engine.deletePhase1(entry, 'an operator deleted it');
}

const isInformational = (datagram: SentDatagram): boolean =>
  headerOf(datagram).exchangeType === EXCHANGE.informational;
/** The HASH alone: messages 1 and 2 are longer. */
const isThirdOfQuickMode = (datagram: SentDatagram): boolean =>
  isQuickMode(datagram) && datagram.bytes.length < 100;

describe('what one end has ended', () => {
  it('is not made at the other by a copy of message 6 that is asked for after the SA was deleted', async () => {
    const pair = await startPair(1, plan('east'), plan('west'));
    const { network, clock, east, west } = pair;
    network.filter = (datagram) =>
      datagram.from.address === west.address && isEncrypted(datagram) ? 'drop' : 'pass';
    east.kernel.output(packetToWest());
    assert.ok(await runUntil(clock, () => west.engine.table.phase1Count > 0, WINDOW_MS));
    deletePhase1(west);
    await runUntil(clock, () => false, 10_000);
    assert.equal(east.engine.table.phase1Count, 0);
    network.filter = () => 'pass';
    await runUntil(clock, () => false, SETTLING_MS);
    assert.equal(east.engine.table.phase1Count, 0);
    assertSame(pair, 'after the Deletes');
  });

  it('is not made at the other by a message 3 of Quick Mode that comes after its Delete', async () => {
    let yielded = 0;
    for (let seed = 1; seed <= 8; seed++) {
      const pair = await startPair(seed, plan('east'), plan('west'));
      const { network, clock, east, west } = pair;
      east.kernel.output(packetToWest());
      await runUntil(clock, () => west.delivered.length > 0, WINDOW_MS);
      // Both make SAs for the same traffic at once, and west is long in hearing the end of it.
      network.filter = (datagram) =>
        datagram.from.address === east.address && isThirdOfQuickMode(datagram) ? 'drop' : 'pass';
      east.kernel.output(tunnelPacket('east', 'other'));
      west.kernel.output(tunnelPacket('west', 'other'));
      await runUntil(clock, () => false, 12_000);
      network.filter = (datagram) =>
        datagram.from.address === east.address && isInformational(datagram) ? 'drop' : 'pass';
      await runUntil(clock, () => false, 15_000);
      network.filter = () => 'pass';
      await runUntil(clock, () => false, SETTLING_MS);
      const gone = east.events.filter(
        (event) => event.type === 'phase2.gone' && event.reason === 'newer ones have taken its place',
      );
      yielded += gone.length;
      assertSame(pair, `seed ${String(seed)}`);
    }
    assert.ok(yielded > 0, 'in no run was it the pair of east that went');
  });

  it('goes at the other when the kernel refuses our outbound SA after message 3 of Quick Mode', async () => {
    const kernel = unluckyKernel({ call: 'add', nth: 1, how: 'fails' });
    const pair = await startPair(9, { ...plan('east'), kernel }, plan('west'));
    pair.east.kernel.output(packetToWest());
    const { clock, east, west } = pair;
    await runUntil(clock, () => false, SETTLING_MS);
    assert.ok(failedCodes(east).includes('kernel-refused'));
    assert.ok(west.trace.length > 0, 'it had made its own');
    assert.deepEqual([liveSas(east), liveSas(west)], [[], []]);
  });

  it('goes at the other though all Deletes of a Phase 1 SA that yields are lost', async () => {
    const pair = await startPair(1, plan('east'), plan('west'));
    const { network, clock, east, west } = pair;
    east.kernel.output(packetToWest());
    west.kernel.output(tunnelPacket('west', 'other'));
    await runUntil(clock, () => false, 5000);
    assert.deepEqual([east.engine.table.phase1Count, west.engine.table.phase1Count], [2, 2]);
    network.filter = (datagram) => (isInformational(datagram) ? 'drop' : 'pass');
    await runUntil(clock, () => false, 55_000);
    network.filter = () => 'pass';
    await runUntil(clock, () => false, SETTLING_MS);
    assert.equal(east.engine.table.phase1Count, 1);
    assertSame(pair, 'after the rivals');
  });

  it('goes at the other when its first Quick Mode under a Phase 1 SA has no answer', async () => {
    const pair = await startPair(1, plan('east'), plan('west'));
    const { network, clock, east, west } = pair;
    network.filter = (datagram) => (isInformational(datagram) ? 'drop' : 'pass');
    west.stream.subscribe(({ type }) => {
      if (type === 'phase1.established')
        clock.setTimeout(() => {
          deletePhase1(west);
        }, 0);
    });
    east.kernel.output(packetToWest());
    await runUntil(clock, () => east.engine.table.phase1Count > 0, WINDOW_MS);
    assert.equal(west.engine.table.phase1Count, 0);
    await runUntil(clock, () => false, SETTLING_MS);
    assert.equal(east.engine.table.phase1Count, 0);
    assertSame(pair, 'after the Quick Mode');
  });
});

describe('the Delete of a Phase 1 SA', () => {
  it('is answered with one, and not repeated then', async () => {
    const pair = await established(1);
    const { network, clock, west } = pair;
    const before = network.sent.length;
    deletePhase1(west);
    await runUntil(clock, () => false, 20_000);
    assert.equal(network.sent.slice(before).filter(isInformational).length, 2);
    assertSame(pair, 'after the Delete');
  });

  it('is begun again when the peer still answers under the SA', async () => {
    const pair = await established(1);
    const { network, clock, east, west } = pair;
    const begun = clock.now();
    // The first that gets through is the question, half a minute after the operator.
    let [passed, questions] = [0, 0];
    network.filter = (datagram) => {
      if (!isInformational(datagram) || datagram.from.address !== west.address) return 'pass';
      if (clock.now() < begun + 17_000) return 'drop';
      questions += 1;
      if (questions % 2 === 1 && passed === 0) return 'drop';
      passed += 1;
      return 'pass';
    };
    deletePhase1(west);
    await runUntil(clock, () => east.engine.table.phase1Count === 0, WINDOW_MS);
    assert.equal(east.engine.table.phase1Count, 0);
    assert.deepEqual(
      [questions, passed],
      [3, 2],
      'a Delete that is lost, the question, and a Delete at once',
    );
    await runUntil(clock, () => false, 1000);
    assertSame(pair, 'after the question');
  });

  it('is given up in the end with a peer that does not do as it is told', async () => {
    const pair = await established(1);
    const { network, clock, west } = pair;
    let count = 0;
    network.filter = (datagram) =>
      isInformational(datagram) && datagram.from.address === west.address && ++count % 2 === 1
        ? 'drop'
        : 'pass';
    deletePhase1(west);
    await runUntil(clock, () => false, 600_000);
    assert.ok(count > 2 && count < 80, `${String(count)} messages`);
    assertClean(pair, 'in the end');
    assert.equal(west.events.filter(({ type }) => type === 'phase1.gone').length, 1);
  });
});

describe('IPsec SAs', () => {
  it('that yield stay where no Phase 1 SA is left under which the peer could be told', async () => {
    for (let seed = 1; seed <= 4; seed++) {
      const pair = await established(seed);
      const { clock, east, west } = pair;
      east.kernel.output(tunnelPacket('east', 'other'));
      west.kernel.output(tunnelPacket('west', 'other'));
      await runUntil(clock, () => false, 2000);
      assert.equal(east.engine.table.phase2Count, 3);
      deletePhase1(east);
      await runUntil(clock, () => false, SETTLING_MS);
      assertSame(pair, `seed ${String(seed)}`);
      assert.equal([...east.engine.table.phase2()].length, 3);
    }
  });

  it('that were being deleted when the last Phase 1 SA went are deleted under another, made for that', async () => {
    const pair = await established(1);
    const { network, clock, east, west } = pair;
    east.kernel.output(tunnelPacket('east', 'other'));
    west.kernel.output(tunnelPacket('west', 'other'));
    await runUntil(clock, () => false, 4000);
    // The one that yields is being deleted now, and nobody has heard of it.
    network.filter = (datagram) => (isInformational(datagram) ? 'drop' : 'pass');
    await runUntil(clock, () => false, 3000);
    for (const daemon of [east, west]) deletePhase1(daemon);
    await runUntil(clock, () => false, 100);
    network.filter = () => 'pass';
    await runUntil(clock, () => false, SETTLING_MS);
    assert.equal(east.engine.table.phase2Count, 2);
    assert.equal(east.engine.table.phase1Count, 1);
    assertSame(pair, 'after the Deletes');
  });

  it('of a Quick Mode that lost its Phase 1 SA at the end are deleted under another, made for that', async () => {
    const pair = await established(1);
    const { network, clock, east, west } = pair;
    network.filter = (datagram) =>
      isInformational(datagram) || (datagram.from.address === east.address && isThirdOfQuickMode(datagram))
        ? 'drop'
        : 'pass';
    east.kernel.output(tunnelPacket('east', 'other'));
    await runUntil(clock, () => east.engine.table.phase2Count === 2, WINDOW_MS);
    for (const daemon of [west, east]) deletePhase1(daemon);
    await runUntil(clock, () => false, 100);
    assert.deepEqual([east.engine.table.phase2Count, west.engine.table.phase2Count], [2, 1]);
    network.filter = () => 'pass';
    await runUntil(clock, () => false, SETTLING_MS);
    assert.equal(east.engine.table.phase2Count, 1);
    assertSame(pair, 'after the Deletes');
  });
});

describe('a Phase 1 SA', () => {
  it('that retires is asked under before a peer is dead that does not answer under its successor', async () => {
    const pair = await established(1);
    const { network, clock, east, west } = pair;
    const [first] = [...east.engine.table.phase1()];
    assert.ok(first);
    east.engine.peers.isakmpSas.renew(first);
    await runUntil(clock, () => east.engine.table.phase1Count === 2, WINDOW_MS);
    const second = east.engine.peers.isakmpSas.youngest(first);
    assert.ok(second !== undefined && second !== first);
    // West loses the second alone, and nothing of it gets out.
    network.filter = ({ from }) => (from.address === west.address ? 'drop' : 'pass');
    for (const entry of [...west.engine.table.phase1()])
      if (entry.sa.initiatorCookie === second.sa.initiatorCookie)
        west.engine.peers.isakmpSas.forget(entry, 'a test wanted it');
    network.filter = () => 'pass';
    east.engine.peers.isakmpSas.worry(second);
    await runUntil(clock, () => false, WINDOW_MS + 5000);
    assert.equal(east.events.filter(({ type }) => type === 'peer.dead').length, 0);
    assert.deepEqual([...east.engine.table.phase1()], [first]);
    await runUntil(clock, () => false, 2 * WINDOW_MS);
    assertSame(pair, 'after the loss');
  });

  it('goes at both ends when the answers of a peer that lives are lost', async () => {
    const pair = await established(1);
    const { network, clock, east, west } = pair;
    network.filter = (datagram) => (isInformational(datagram) ? 'drop' : 'pass');
    for (const entry of east.engine.table.phase1()) east.engine.peers.isakmpSas.worry(entry);
    await runUntil(clock, () => false, 1000);
    west.kernel.output(tunnelPacket('west', 'first'));
    await runUntil(clock, () => east.engine.table.phase1Count === 0, 2 * WINDOW_MS);
    assert.equal(east.engine.table.phase2Count, 1, 'the peer was not taken for dead');
    assert.equal(west.engine.table.phase1Count, 1);
    network.filter = () => 'pass';
    await runUntil(clock, () => false, 20_000);
    assert.equal(west.engine.table.phase1Count, 0);
    assertSame(pair, 'after the answers were lost');
  });

  it('survives an INITIAL-CONTACT while its message 3 of Aggressive Mode is on its way', async () => {
    const pair = await startPair(1, plan('east', 'ike_mode aggressive'), plan('west', 'ike_mode aggressive'));
    const { network, clock, east, west } = pair;
    network.filter = (datagram) =>
      datagram.from.address === east.address && isEncrypted(datagram) && east.engine.table.phase1Count < 2
        ? 'drop'
        : 'pass';
    east.kernel.output(packetToWest());
    assert.ok(await runUntil(clock, () => east.engine.table.phase1Count > 0, WINDOW_MS));
    west.kernel.output(tunnelPacket('west', 'other'));
    await runUntil(clock, () => east.engine.table.phase1Count > 1, WINDOW_MS);
    assert.equal(east.engine.table.phase1Count, 2);
    await runUntil(clock, () => false, SETTLING_MS);
    assertSame(pair, 'in the end');
  });

  it('of Aggressive Mode that nobody uses yet is told to the responder until it has it', async () => {
    const pair = await startPair(1, plan('east', 'ike_mode aggressive'), plan('west', 'ike_mode aggressive'));
    const { network, clock, east, west } = pair;
    network.filter = (datagram) =>
      datagram.from.address === east.address && isEncrypted(datagram) && clock.now() < 4000 ? 'drop' : 'pass';
    const asked = east.engine.up('10.1.0.5', '10.2.0.9', 17);
    assert.ok(await runUntil(clock, () => east.engine.table.phase1Count > 0, WINDOW_MS));
    east.engine.acquires.withdrawAll(withdrawn('operator-deleted'));
    for (const negotiation of [...east.engine.phase2.live()])
      negotiation.send({ type: 'OPERATOR_DELETE', failure: withdrawn('operator-deleted') });
    assert.equal((await asked).ok, false);
    assert.equal(west.engine.table.phase1Count, 0);
    await runUntil(clock, () => false, WINDOW_MS);
    assert.equal(west.engine.table.phase1Count, 1);
    assertSame(pair, 'after the question');
  });

  it('that goes while the peer is asked under it is not used for a Quick Mode', async () => {
    for (let seed = 1; seed <= 8; seed++) {
      const pair = await established(seed);
      const { network, clock, east, west } = pair;
      network.filter = ({ from }) => (from.address === west.address ? 'drop' : 'pass');
      void west.engine.sayGoodbye();
      await runUntil(clock, () => false, 30_100);
      network.filter = () => 'pass';
      const asked = east.engine.up('10.3.0.1', '10.4.0.1', 17);
      west.kernel.output(tunnelPacket('west', 'first'));
      await runUntil(clock, () => false, WINDOW_MS);
      assert.equal((await asked).ok, true);
      assertSame(pair, `seed ${String(seed)}`);
    }
  });
});
