/** Peers that die, come back, or only look dead (RFC 3706). */
import assert from 'node:assert/strict';
import { udpPacket } from '../../adapters/kernel/embedded/ip-packet.js';
import { probe, probeAnswer } from '../../services/exchange/dead-peer-detection.js';
import { NOTIFY } from '../../services/isakmp/registries/notify-types.js';
import { notifyAbout, onlyPhase1, openMessage, protectedMessage } from './informational-message.js';
import { assertClean, assertEmpty, assertEstablished, liveSas } from './outcome.js';
import { runUntil, type SimulatedDaemon } from './simulated-daemon.js';
import {
  EAST,
  gatewayPlan,
  otherPolicy,
  packetToWest,
  type Pair,
  startPair,
  tunnelPacket,
  tunnelPolicy,
  WEST,
} from './two-gateways.js';

const WINDOW_MS = 40_000;

async function established(
  seed: number,
  globals = '',
  policies = (end: 'east' | 'west') => [tunnelPolicy(end)],
): Promise<Pair> {
  const plan = (end: 'east' | 'west') => gatewayPlan(end, { words: { globals }, policies: policies(end) });
  const pair = await startPair(seed, plan('east'), plan('west'));
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS);
  await runUntil(pair.clock, () => false, 1000);
  assertEstablished(pair, 1, 'at first');
  return pair;
}

function silence({ network }: Pair, address: string): void {
  network.filter = ({ from, to }) => (from.address === address || to.address === address ? 'drop' : 'pass');
}

function notifies({ events }: SimulatedDaemon, name: string): number {
  return events.filter((event) => event.type === 'notify.received' && event.notify === name).length;
}

function toWest({ west }: Pair, bytes: Uint8Array): void {
  west.engine.receive({ local: { address: WEST, port: 500 }, remote: { address: EAST, port: 500 }, bytes });
}

function hasDied({ events }: SimulatedDaemon): boolean {
  return events.some(({ type }) => type === 'peer.dead');
}

describe('a peer that is dead', () => {
  it('is found by packets without an answer, loses all its SAs under one report, and the next packet begins anew', async () => {
    const pair = await established(1);
    const { clock, network, east, west } = pair;
    silence(pair, WEST);
    for (let second = 0; second < 100 && !hasDied(east); second++) {
      east.kernel.output(packetToWest('into the void'));
      await runUntil(clock, () => hasDied(east), 1000);
    }
    assert.ok(hasDied(east), 'within two looks and one round of probes');
    const reports = east.events.filter((event) => event.type === 'peer.dead');
    assert.deepEqual(
      reports.map(({ phase2, failure }) => [phase2, failure.code]),
      [[1, 'peer-dead']],
    );
    assert.equal(east.engine.table.phase1Count + east.engine.table.phase2Count, 0);
    assert.equal(east.kernel.sas().length, 0);
    assert.equal(east.keys.size, east.keysAtStart);
    network.filter = () => 'pass';
    // In this simulation ESP is not lost with IKE.
    west.delivered.length = 0;
    assert.equal(east.kernel.output(packetToWest('again')), 'held');
    await runUntil(clock, () => false, WINDOW_MS);
    assertEstablished(pair, 1, 'west forgot the old ones at INITIAL-CONTACT');
    assert.equal(west.delivered.length, 1);
  });

  it('is found in silence too, when nobody needs it, on both ends', async () => {
    const pair = await established(2);
    pair.network.filter = () => 'drop';
    await runUntil(pair.clock, () => false, 400_000);
    assertEmpty(pair, 'each found that the other does not answer');
  });

  it('that lost everything is found by the end that still sends, and the tunnel comes up again', async () => {
    const pair = await established(3);
    const { clock, network, east, west } = pair;
    // West restarts: nothing it says at its end arrives.
    network.filter = () => 'drop';
    void west.engine.sayGoodbye();
    await runUntil(clock, () => false, 10);
    network.filter = () => 'pass';
    west.delivered.length = 0;
    for (let packet = 0; packet < 140; packet++) {
      east.kernel.output(packetToWest());
      await runUntil(clock, () => false, 1000);
    }
    assertEstablished(pair, 1, 'made anew');
    assert.ok(west.delivered.length > 30, `${String(west.delivered.length)} packets arrived`);
    assert.equal(east.engine.table.phase1Count, 1);
  });

  it('is not asked with dpd_interval_secs 0', async () => {
    const pair = await established(4, 'dpd_interval_secs 0');
    silence(pair, WEST);
    const before = pair.network.sent.length;
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, 600_000);
    assert.equal(pair.network.sent.length, before);
    assert.equal(pair.east.engine.table.phase2Count, 1);
  });
});

describe('a peer that lives', () => {
  it('is not asked while its packets come in', async () => {
    const pair = await established(10);
    for (let second = 0; second < 120; second++) {
      pair.east.kernel.output(packetToWest());
      pair.west.kernel.output(udpPacket('10.2.0.9', '10.1.0.5', 1, 2, new Uint8Array(8)));
      await runUntil(pair.clock, () => false, 1000);
    }
    assert.equal(notifies(pair.west, 'R-U-THERE') + notifies(pair.east, 'R-U-THERE'), 0);
  });

  it('is asked when packets leave and none come, and answers', async () => {
    const pair = await established(11);
    for (let second = 0; second < 120; second++) {
      pair.east.kernel.output(packetToWest());
      await runUntil(pair.clock, () => false, 1000);
    }
    const asked = notifies(pair.west, 'R-U-THERE');
    assert.ok(asked >= 2 && asked <= 4, `${String(asked)} times in two minutes`);
    assert.equal(notifies(pair.east, 'R-U-THERE-ACK'), asked);
    assertEstablished(pair, 1, 'nothing has changed');
  });

  it('but has lost the Phase 1 SA keeps its IPsec SAs as long as their packets come in', async () => {
    const pair = await established(12);
    const { clock, network, east, west } = pair;
    network.filter = () => 'drop';
    for (const entry of [...west.engine.table.phase1()]) west.engine.peers.isakmpSas.forget(entry, 'a test');
    network.filter = () => 'pass';
    const lost = onlyPhase1(east);
    east.engine.peers.isakmpSas.worry(lost);
    for (let second = 0; second < 60; second++) {
      west.kernel.output(udpPacket('10.2.0.9', '10.1.0.5', 1, 2, new Uint8Array(8)));
      await runUntil(clock, () => false, 1000);
    }
    assert.equal(hasDied(east), false);
    assert.equal(east.engine.table.phase2Count, 1);
    // West, whose packets have no answer and whose IPsec SAs nobody speaks for, made another.
    assert.notEqual(onlyPhase1(east).sa.initiatorCookie, lost.sa.initiatorCookie);
    assert.equal(onlyPhase1(west).sa.initiatorCookie, onlyPhase1(east).sa.initiatorCookie);
  });

  it('and is looked for in vain keeps its SAs when it has come by itself meanwhile', async () => {
    const policies = (end: 'east' | 'west') => [tunnelPolicy(end), otherPolicy(end)];
    const pair = await established(1, '', policies);
    const { clock, network, east, west } = pair;
    east.engine.deletePhase1(onlyPhase1(east), 'an operator deleted it');
    await runUntil(clock, () => false, 1000);
    assert.equal(west.engine.table.phase1Count, 0);
    // Nothing of the Main Mode that east begins comes through.
    network.filter = ({ from, bytes }) =>
      from.address === EAST && bytes.subarray(8, 16).every((byte) => byte === 0) ? 'drop' : 'pass';
    const looking = () => [...east.engine.phase1.live()].length > 0;
    for (let second = 0; second < 60 && !looking(); second++) {
      east.kernel.output(packetToWest('into the void'));
      await runUntil(clock, looking, 1000);
    }
    assert.ok(looking(), 'its packets have no answer, and no Phase 1 SA is left');
    west.kernel.output(tunnelPacket('west', 'other'));
    await runUntil(clock, () => !looking(), WINDOW_MS);
    await runUntil(clock, () => false, WINDOW_MS);
    assertEstablished(pair, 2, 'the peer was there');
    assert.equal(hasDied(east), false);
  });

  it('is asked under an SA whose Deletes were lost, once it has made another', async () => {
    const pair = await established(1);
    const { clock, network, east, west } = pair;
    silence(pair, WEST);
    east.engine.deletePhase1(onlyPhase1(east), 'an operator deleted it');
    await runUntil(clock, () => false, 5000);
    network.filter = () => 'pass';
    void east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(clock, () => false, 1000);
    assert.equal(west.engine.table.phase1Count, 2, 'the Deletes were lost');
    for (let second = 0; second < 65; second++) {
      for (const { kernel } of [east, west])
        kernel.output(tunnelPacket(kernel === east.kernel ? 'east' : 'west', 'first'));
      await runUntil(clock, () => false, 1000);
    }
    const cookies = ({ engine }: SimulatedDaemon) =>
      [...engine.table.phase1()].map(({ sa }) => sa.initiatorCookie);
    assert.deepEqual(cookies(west), cookies(east));
    assertEstablished(pair, 2, 'no IPsec SA went with it');
  });

  it('gives up SAs that the other end never had, though the Phase 1 SA that made them went too', async () => {
    const pair = await established(1, '', (end) => [tunnelPolicy(end), otherPolicy(end)]);
    const { clock, network, east, west } = pair;
    east.kernel.output(tunnelPacket('east', 'other'));
    await runUntil(clock, () => east.engine.table.phase2Count === 2, WINDOW_MS);
    assert.equal(west.engine.table.phase2Count, 1, 'it waits for message 3');
    network.filter = () => 'drop';
    west.engine.deletePhase1(onlyPhase1(west), 'an operator deleted it');
    await runUntil(clock, () => false, 5000);
    network.filter = () => 'pass';
    void west.engine.up('10.2.0.9', '10.1.0.5', 17);
    await runUntil(clock, () => false, WINDOW_MS);
    assert.deepEqual(liveSas(east), liveSas(west));
    assertClean(pair, 'after the Delete');
  });

  it('is asked before a Quick Mode under an SA that was silent for long', async () => {
    const pair = await established(13);
    await runUntil(pair.clock, () => false, 100_000);
    const before = notifies(pair.west, 'R-U-THERE');
    const answer = pair.east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(pair.clock, () => false, 1000);
    assert.equal((await answer).ok, true);
    assert.equal(notifies(pair.west, 'R-U-THERE'), before + 1);
    assert.equal(pair.east.engine.table.phase1Count, 1);
  });

  it('and knows the SA no more gets another one, once, when a packet asks', async () => {
    const pair = await established(14);
    const { clock, network, east, west } = pair;
    network.filter = () => 'drop';
    void west.engine.sayGoodbye();
    await runUntil(clock, () => false, 10);
    network.filter = () => 'pass';
    // At once, so that the SA is not old enough to be asked for: the Quick Mode itself finds out.
    const answer = east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(clock, () => false, 120_000);
    const result = await answer;
    assert.ok(result.ok, JSON.stringify(result));
    assert.equal(west.engine.table.phase2Count, 1);
  });

  it('has its idle SAs revalidated after p2_idletime_secs', async () => {
    const pair = await established(15, 'p2_idletime_secs 60');
    await runUntil(pair.clock, () => false, 100_000);
    assert.ok(notifies(pair.west, 'R-U-THERE') + notifies(pair.east, 'R-U-THERE') >= 1);
    assertEstablished(pair, 1, 'it still stands');
  });
});

describe('R-U-THERE', () => {
  it('is answered with its own number; an older one is not', async () => {
    const pair = await established(20);
    const { sa } = onlyPhase1(pair.east);
    const acks = (): number => pair.network.sent.length;
    const before = acks();
    toWest(pair, protectedMessage(pair.east, [probe(sa, 7)], 101));
    toWest(pair, protectedMessage(pair.east, [probe(sa, 8)], 102));
    assert.equal(acks(), before + 2);
    toWest(pair, protectedMessage(pair.east, [probe(sa, 7)], 103));
    assert.equal(acks(), before + 2, 'a replay');
    toWest(pair, protectedMessage(pair.east, [probe(sa, 8)], 104));
    assert.equal(acks(), before + 3, 'the same question again');
    const ignored = pair.west.events.filter(({ type }) => type === 'message.ignored');
    assert.equal(ignored.length, 1);
  });

  it('with a number that no counting came to, or about another SA, is not answered', async () => {
    const pair = await established(25);
    const { sa } = onlyPhase1(pair.east);
    const answers = (): number => pair.network.sent.length;
    const before = answers();
    toWest(pair, protectedMessage(pair.east, [probe(sa, 2 ** 31)], 101));
    assert.equal(answers(), before + 1, 'the first may be any');
    toWest(pair, protectedMessage(pair.east, [probe(sa, 2 ** 31 + 1025)], 102));
    toWest(pair, protectedMessage(pair.east, [{ ...probe(sa, 2 ** 31 + 1), spi: new Uint8Array(16) }], 103));
    assert.equal(answers(), before + 1);
    toWest(pair, protectedMessage(pair.east, [probe(sa, 2 ** 31 + 1024)], 104));
    assert.equal(answers(), before + 2, 'some may have been lost');
    assert.equal(onlyPhase1(pair.west).errors.other, 2);
  });

  it('that is sent again as it was is answered again, at most once a second', async () => {
    const pair = await established(21);
    const { sa } = onlyPhase1(pair.east);
    const message = protectedMessage(pair.east, [probe(sa, 7)], 101);
    const before = pair.network.sent.length;
    for (let copy = 0; copy < 10; copy++) toWest(pair, Uint8Array.from(message));
    assert.equal(pair.network.sent.length, before + 2);
  });

  it('is acknowledged only by the number of an open probe', async () => {
    const pair = await established(22);
    const { sa } = onlyPhase1(pair.east);
    const entry = onlyPhase1(pair.west);
    const heardAt = entry.heardAt;
    await runUntil(pair.clock, () => false, 50);
    toWest(pair, protectedMessage(pair.east, [probeAnswer(sa, 99)], 101));
    assert.equal(entry.heardAt, heardAt, 'nobody asked');
    assert.equal(entry.errors.other, 1);
  });

  it('starts with a number below 2^31 and grows by one', async () => {
    const pair = await established(23);
    silence(pair, WEST);
    const entry = onlyPhase1(pair.east);
    pair.east.engine.peers.isakmpSas.worry(entry);
    const first = entry.probes.sent;
    assert.ok(first !== undefined && first < 2 ** 31);
    await runUntil(pair.clock, () => false, 2000);
    assert.equal(entry.probes.sent, first + 2);
    assert.equal(entry.probes.unanswered, first);
  });

  it('by an unauthenticated INVALID-COOKIE is sent once a minute, to the peer', async () => {
    const pair = await established(24);
    const before = notifies(pair.east, 'R-U-THERE');
    for (let copy = 0; copy < 20; copy++) {
      toWest(pair, openMessage(pair.east, [notifyAbout(NOTIFY.invalidCookie)]));
      await runUntil(pair.clock, () => false, 1000);
    }
    assert.equal(notifies(pair.east, 'R-U-THERE') - before, 1);
    assertEstablished(pair, 1, 'nothing has changed');
  });
});
