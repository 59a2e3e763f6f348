/** Answers of several workers that become one: lists, counters, explanations, packets. */
import type { Bytes } from '../../bytes.js';
import { concat } from '../../bytes.js';
import { type Address, addressFromBytes } from '../../net/address.js';
import { DUMP, encodeError, STATREQ } from '../door/heads.js';
import { readExplanations, readWhyRequest } from '../door/own-explanations.js';
import { decodeOwn, encodeOwn, readUpRequest } from '../door/own-messages.js';
import { OWN_SERVICE, SERVICE } from '../door/service.js';
import { decodeStatistics, encodeStatistics, type Phase1Statistics } from '../door/statistics.js';
import { readDiagnosis } from '../door/own-doctor.js';
import { readLoad, sumCounts } from '../load.js';
import { readPacketCounters, readPacketRequest, readSeenPackets } from '../packets.js';
import { readRecorderStatus } from '../recorder.js';
import { askAll, hasNothing, merged, type Way, type Workers } from './ways.js';

/**
 * DUMP_P1S: the SAs of one worker after those of another. A serial number says whose it is (`Numbers`); the lowest that a
 * worker can have is its own number, counted from 1.
 */
export const dumpPhase1: Way = async (request, workers) => {
  const from = DUMP.read(request)?.number('next');
  if (from === undefined) return encodeError({ name: 'REQ_INVALID' });
  let worker = from === 0 ? 0 : (from - 1) % workers.count;
  let reply = await workers.ask(worker, request);
  while (hasNothing(reply) && worker + 1 < workers.count) {
    worker += 1;
    reply = await workers.ask(worker, from1(request, worker));
  }
  if (hasNothing(reply) || DUMP.read(reply)?.number('next') !== 0) return reply;
  const next = await nextWithAny(request, workers, worker + 1);
  return next === undefined ? reply : withNext(reply, next + 1);
};

function from1(request: Bytes, worker: number): Bytes {
  return withNext(request, worker + 1);
}

async function nextWithAny(request: Bytes, workers: Workers, from: number): Promise<number | undefined> {
  for (let worker = from; worker < workers.count; worker++) {
    const reply = await workers.ask(worker, from1(request, worker));
    const none = hasNothing(reply);
    // It may show keys.
    reply.fill(0);
    if (!none) return worker;
  }
  return undefined;
}

/** A copy; requests and replies of DUMP have one head. */
function withNext(dump: Bytes, next: number): Bytes {
  const copy = Uint8Array.from(dump);
  const [offset] = DUMP.numbers.next;
  new DataView(copy.buffer).setUint32(offset, next, true);
  return copy;
}

/** GET_STATS: counters add up; the library is the same for all. */
export const statistics: Way = async (request, workers) =>
  merged(await askAll(request, workers), (replies) => {
    const all = replies.map((reply) => decodeStatistics(reply, STATREQ.size));
    const sum = (name: Exclude<keyof Phase1Statistics, 'library'>): number =>
      all.reduce((total, one) => total + (one?.[name] ?? 0), 0);
    const head = STATREQ.encode({ cmd: SERVICE.GET_STATS, length: replies[0]?.length ?? 0 }, {});
    const total: Phase1Statistics = {
      initiatorCurrent: sum('initiatorCurrent'),
      responderCurrent: sum('responderCurrent'),
      initiatorTotal: sum('initiatorTotal'),
      responderTotal: sum('responderTotal'),
      initiatorAttempts: sum('initiatorAttempts'),
      responderAttempts: sum('responderAttempts'),
      initiatorNoResponse: sum('initiatorNoResponse'),
      initiatorRefused: sum('initiatorRefused'),
      responderFailed: sum('responderFailed'),
      library: all[0]?.library ?? '',
    };
    return concat(head, encodeStatistics(total));
  });

/** UP: with the peer that is asked for something stands at one worker, or nothing at any. */
export const up: Way = (request, workers) => {
  const wanted = readUpRequest(decodeOwn(request));
  return workers.ask(wanted === undefined ? 0 : workers.workerFor(wanted.destination), request);
};

/** WHY: of an id whoever has it; of a peer all that is known of it; of what failed last the last of all. */
export const why: Way = async (request, workers) => {
  const subject = readWhyRequest(decodeOwn(request));
  const replies = await askAll(request, workers);
  const some = replies.filter((reply) => !hasNothing(reply));
  const [none] = replies;
  if (some.length === 0) return none ?? encodeError({ name: 'NO_OBJ' });
  return merged(some, (answers) => {
    const all = answers.flatMap((reply) => readExplanations(decodeOwn(reply)) ?? []);
    const known = all.filter(({ standing }) => standing !== 'unknown');
    const explanations = known.length > 0 ? known : all.slice(0, 1);
    const latest = [...explanations].sort(
      (one, other) => (one.about.endedMsAgo ?? Infinity) - (other.about.endedMsAgo ?? Infinity),
    );
    return encodeOwn(OWN_SERVICE.WHY, {
      explanations: subject?.kind === 'last' ? latest.slice(0, 1) : explanations,
    });
  });
};

/** RECORD_LIST: oldest first; they write to one folder. */
export const recordings: Way = async (request, workers) =>
  merged(await askAll(request, workers), (replies) => {
    const all = replies.flatMap((reply) => readRecorderStatus(decodeOwn(reply)) ?? []);
    const [one] = all;
    if (one === undefined) return encodeError({ name: 'SYS_ERR' });
    const together = all
      .flatMap(({ recordings: some }) => some)
      .sort((older, newer) => older.begunAt - newer.begunAt);
    return encodeOwn(OWN_SERVICE.RECORD_LIST, { ...one, recordings: together });
  });

export const doctor: Way = async (request, workers) =>
  merged(await askAll(request, workers), (replies) => {
    const all = replies.flatMap((reply) => readDiagnosis(decodeOwn(reply)) ?? []);
    const [one] = all;
    if (one === undefined) return encodeError({ name: 'SYS_ERR' });
    return encodeOwn(OWN_SERVICE.DOCTOR, {
      kernel: one.kernel,
      ours: all.reduce((sum, { ours }) => sum + ours, 0),
      foreign: all.flatMap(({ foreign }) => foreign),
      peersAsked: all.reduce((sum, { peersAsked }) => sum + peersAsked, 0),
      unasked: all.flatMap(({ unasked }) => unasked),
      findings: all.flatMap(({ findings }) => findings),
      healthy: all.every(({ healthy }) => healthy),
    });
  });

/** PACKET_LIST: those of one worker after those of another. */
export const packets: Way = async (request, workers) =>
  merged(await askAll(request, workers), (replies) =>
    encodeOwn(
      OWN_SERVICE.PACKET_LIST,
      replies.flatMap((reply) => readSeenPackets(decodeOwn(reply)) ?? []),
    ),
  );

export const packetCounters: Way = async (request, workers) =>
  merged(await askAll(request, workers), (replies) => {
    const all = replies.flatMap((reply) => readPacketCounters(decodeOwn(reply)) ?? []);
    const sum = (of: (one: (typeof all)[number]) => number): number =>
      all.reduce((total, one) => total + of(one), 0);
    const dropped = (way: 'outbound' | 'inbound'): Readonly<Record<string, number>> =>
      sumCounts(all.map((one) => one.dropped[way]));
    return encodeOwn(OWN_SERVICE.PACKET_STATS, {
      sent: sum(({ sent }) => sent),
      received: sum(({ received }) => received),
      bypassed: sum(({ bypassed }) => bypassed),
      acquires: sum(({ acquires }) => acquires),
      dropped: { outbound: dropped('outbound'), inbound: dropped('inbound') },
    });
  });

/** LOAD: each for itself, in the order of the workers. */
export const load: Way = async (request, workers) =>
  merged(await askAll(request, workers), (replies) =>
    encodeOwn(
      OWN_SERVICE.LOAD,
      replies.flatMap((reply) => readLoad(decodeOwn(reply)) ?? []),
    ),
  );

/** PACKET_SEND: as UP, for where the packet goes. */
export const packet: Way = (request, workers) => {
  const sent = readPacketRequest(decodeOwn(request));
  const destination = sent && destinationOf(sent);
  return workers.ask(destination === undefined ? 0 : workers.workerFor(destination), request);
};

/** RFC 791 3.1, RFC 8200 3. */
function destinationOf(ip: Bytes): Address | undefined {
  const version = (ip[0] ?? 0) >>> 4;
  const bytes = version === 4 ? ip.subarray(16, 20) : ip.subarray(24, 40);
  return bytes.length === (version === 4 ? 4 : 16) ? addressFromBytes(bytes) : undefined;
}
