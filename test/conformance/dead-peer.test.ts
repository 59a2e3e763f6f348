/** What RFC 3706 demands of both ends of an SA, in virtual time. */
import assert from 'node:assert/strict';
import { hex, readU32 } from '../../services/bytes.js';
import { probe, probeAnswer } from '../../services/exchange/dead-peer-detection.js';
import { allOf } from '../../services/exchange/payloads-of.js';
import type { NotifyPayload } from '../../services/isakmp/payloads/notification.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { NOTIFY } from '../../services/isakmp/registries/notify-types.js';
import { isVendorId, VENDOR_ID } from '../../services/isakmp/registries/vendor-ids.js';
import { udpPacket } from '../../adapters/kernel/embedded/ip-packet.js';
import { headerOf } from '../machines/mishaps.js';
import { onlyPhase1, openMessage, protectedMessage } from '../sim/informational-message.js';
import { failedCodes } from '../sim/outcome.js';
import { runUntil, settle } from '../sim/simulated-daemon.js';
import { EAST, gatewayPlan, packetToWest, type Pair, startPair, WEST } from '../sim/two-gateways.js';
import { opener, type OpenedMessage } from './opened-run.js';

const INTERVAL_MS = 10_000;
const words = { globals: 'dpd_interval_secs 10' };

interface Established {
  readonly pair: Pair;
  /** All that was said, opened. */
  readonly said: () => readonly OpenedMessage[];
}

/** A tunnel, and nothing that still waits for an answer. */
async function established(seed: number, prepare?: (pair: Pair) => void): Promise<Established> {
  const pair = await startPair(seed, gatewayPlan('east', { words }), gatewayPlan('west', { words }));
  prepare?.(pair);
  pair.east.kernel.output(packetToWest());
  assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000));
  pair.west.kernel.output(udpPacket('10.2.0.9', '10.1.0.5', 4001, 4000, new Uint8Array(1)));
  await runUntil(pair.clock, () => false, 1000);
  const open = opener(pair);
  return { pair, said: () => open(pair.network.sent.filter(({ bytes }) => bytes.length > 1)) };
}

function toWest({ west }: Pair, bytes: Uint8Array): void {
  west.engine.receive({ local: { address: WEST, port: 500 }, remote: { address: EAST, port: 500 }, bytes });
}

function notifies(messages: readonly OpenedMessage[], from: string, type: number): readonly NotifyPayload[] {
  return messages
    .filter((message) => message.from === from && message.encrypted)
    .flatMap(({ payloads }) => allOf(payloads, 'NOTIFY'))
    .filter(({ notifyType }) => notifyType === type);
}

const numberOf = ({ data }: NotifyPayload): number => readU32(data, 0);

/** Nothing of west arrives any more, whatever east sends it. */
async function silence({ clock, network, east }: Pair, forMs: number): Promise<void> {
  network.filter = ({ from }) => (from.address === WEST ? 'drop' : 'pass');
  for (let spent = 0; spent < forMs && east.engine.table.phase1Count > 0; spent += 1000) {
    east.kernel.output(packetToWest());
    await runUntil(clock, () => false, 1000);
  }
}

describe('a query whether the peer is there', () => {
  it('is announced by the vendor ID of both ends', async () => {
    const { said } = await established(1);
    for (const { payloads } of said().slice(0, 2))
      assert.ok(allOf(payloads, 'VENDOR').some(({ data }) => isVendorId(VENDOR_ID.dpd, data)));
  });

  it('is sent to nobody who has not said it', async () => {
    const { pair, said } = await established(2, ({ network }) => {
      const prefix = Buffer.from(VENDOR_ID.dpd.bytes).subarray(0, 14);
      network.filter = (datagram) => {
        const at = Buffer.from(datagram.bytes).indexOf(prefix);
        if (at < 0) return 'pass';
        const bytes = datagram.bytes.map((byte, index) => (index === at ? byte ^ 0xff : byte));
        network.send(datagram.from, datagram.to, bytes);
        return 'drop';
      };
    });
    await silence(pair, 10 * INTERVAL_MS);
    assert.equal(notifies(said(), EAST, NOTIFY.rUThere).length, 0);
  });

  it('is answered with its own number', async () => {
    const { pair, said } = await established(3);
    const { sa } = onlyPhase1(pair.east);
    toWest(pair, protectedMessage(pair.east, [probe(sa, 0x1234)], 7));
    const [answer, ...more] = notifies(said(), WEST, NOTIFY.rUThereAck);
    assert.ok(answer && more.length === 0);
    assert.equal(numberOf(answer), 0x1234);
    assert.deepEqual([answer.doi, answer.protocol], [1, 1]);
    assert.equal(hex(answer.spi), sa.initiatorCookie + sa.responderCookie);
  });

  it('is rejected when it is not encrypted, and so is an answer', async () => {
    const { pair } = await established(4);
    const { sa } = onlyPhase1(pair.east);
    const before = pair.network.sent.length;
    toWest(pair, openMessage(pair.east, [probe(sa, 5)]));
    toWest(pair, openMessage(pair.east, [probeAnswer(sa, 5)]));
    await settle();
    assert.equal(pair.network.sent.length, before);
    assert.equal(pair.west.engine.drops.total, 2);
  });

  it('of an old number is rejected', async () => {
    const { pair, said } = await established(5);
    const { sa } = onlyPhase1(pair.east);
    toWest(pair, protectedMessage(pair.east, [probe(sa, 100)], 7));
    toWest(pair, protectedMessage(pair.east, [probe(sa, 99)], 8));
    assert.deepEqual(notifies(said(), WEST, NOTIFY.rUThereAck).map(numberOf), [100]);
  });

  it('is sent by nobody while packets come back, nor soon after', async () => {
    const { pair, said } = await established(6);
    for (let second = 0; second < 60; second += 5) {
      pair.east.kernel.output(packetToWest());
      pair.west.kernel.output(udpPacket('10.2.0.9', '10.1.0.5', 4001, 4000, new Uint8Array(1)));
      await runUntil(pair.clock, () => false, 5000);
    }
    await runUntil(pair.clock, () => false, 30_000);
    for (const end of [EAST, WEST]) assert.equal(notifies(said(), end, NOTIFY.rUThere).length, 0);
  });

  it('is sent to who does not answer, again with the next number, until it is taken for dead', async () => {
    const { pair, said } = await established(7);
    const { sa } = onlyPhase1(pair.east);
    await silence(pair, 30 * INTERVAL_MS);
    const queries = notifies(said(), EAST, NOTIFY.rUThere);
    assert.ok(queries.length > 1, `${String(queries.length)} queries`);
    const numbers = queries.map(numberOf);
    const [first = 0] = numbers;
    assert.ok(first < 2 ** 31);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => first + index),
    );
    for (const query of queries) {
      assert.deepEqual([query.doi, query.protocol, query.data.length], [1, 1, 4]);
      assert.equal(hex(query.spi), sa.initiatorCookie + sa.responderCookie);
    }
    assert.equal(pair.east.engine.table.phase2Count, 0);
    assert.equal(pair.east.kernel.sas().filter(({ state }) => state === 'mature').length, 0);
    assert.ok(pair.east.events.some((event) => event.type === 'phase1.gone'));
  });

  it('begins at another number each time', async () => {
    const firsts = [];
    for (const seed of [8, 9]) {
      const { pair, said } = await established(seed);
      await silence(pair, 3 * INTERVAL_MS);
      const [query] = notifies(said(), EAST, NOTIFY.rUThere);
      assert.ok(query);
      firsts.push(numberOf(query));
    }
    assert.notEqual(firsts[0], firsts[1]);
  });

  it('is not answered by a number that was not asked', async () => {
    const { pair } = await established(10);
    const old = protectedMessage(pair.west, [probeAnswer(onlyPhase1(pair.west).sa, 3)], 9);
    const east = { address: EAST, port: 500 };
    pair.east.engine.receive({ local: east, remote: { address: WEST, port: 500 }, bytes: old });
    const ignored = pair.east.events.filter(({ type }) => type === 'message.ignored');
    assert.equal(ignored.length, 1);
    await silence(pair, 30 * INTERVAL_MS);
    assert.equal(pair.east.engine.table.phase1Count, 0, failedCodes(pair.east).join());
  });

  it('that is answered keeps everything as it is', async () => {
    const { pair, said } = await established(11);
    // East sends and gets no packets back, but west answers its queries.
    for (let second = 0; second < 60; second += 5) {
      pair.east.kernel.output(packetToWest());
      await runUntil(pair.clock, () => false, 5000);
    }
    const asked = notifies(said(), EAST, NOTIFY.rUThere).map(numberOf);
    assert.ok(asked.length > 0);
    assert.deepEqual(notifies(said(), WEST, NOTIFY.rUThereAck).map(numberOf), asked);
    assert.equal(pair.east.engine.table.phase1Count, 1);
    assert.equal(
      pair.network.sent.filter((one) => headerOf(one).exchangeType === EXCHANGE.mainMode).length,
      6,
    );
  });
});
