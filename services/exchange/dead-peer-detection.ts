/**
 * Dead peer detection (RFC 3706): R-U-THERE and its acknowledgement, and what their sequence numbers say.
 *
 *   Notify data of both, 4 bytes: sequence number, u32, network order (RFC 3706 5.2)
 */
import { type Bytes, hex, readU32, u32 } from '../bytes.js';
import { cookiePair } from '../isakmp/header.js';
import type { NotifyPayload } from '../isakmp/payloads/notification.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import type { Phase1Sa } from './phase1-sa.js';

/** What one SA remembers of both directions. */
export interface ProbeCounters {
  /** Of our last R-U-THERE; undefined before the first. */
  sent: number | undefined;
  /** Of the first one that the peer has not answered: an answer to any since then will do. */
  unanswered: number;
  /** Of the peer's last R-U-THERE. */
  heard: number | undefined;
  /** Message ID of that: the same datagram may be sent again, for our answer may be lost. */
  heardId: number | undefined;
  /** `Clock.wallTime()` of the last answer to one of ours; undefined before the first. */
  answeredAt: number | undefined;
}

export function noProbes(): ProbeCounters {
  return { sent: undefined, unanswered: 0, heard: undefined, heardId: undefined, answeredAt: undefined };
}

/** RFC 3706 5.3: random at first, its top bit clear so that it has room to grow; then one more each time. */
export function nextSequence(last: number | undefined, random: () => Bytes): number {
  return last === undefined ? readU32(random(), 0) >>> 1 : (last + 1) >>> 0;
}

export function probe(sa: Phase1Sa, sequence: number): NotifyPayload {
  return aboutPeer(sa, NOTIFY.rUThere, sequence);
}

export function probeAnswer(sa: Phase1Sa, sequence: number): NotifyPayload {
  return aboutPeer(sa, NOTIFY.rUThereAck, sequence);
}

function aboutPeer(sa: Phase1Sa, notifyType: number, sequence: number): NotifyPayload {
  return {
    kind: 'NOTIFY',
    doi: 1,
    protocol: PROTOCOL.isakmp,
    spi: cookiePair(sa),
    notifyType,
    data: u32(sequence),
  };
}

/** The sequence number of a probe or an answer; undefined when it is none, or about another SA (RFC 3706 5.2). */
export function sequenceOf(sa: Phase1Sa, { protocol, spi, data }: NotifyPayload): number | undefined {
  const isOfSa = protocol === PROTOCOL.isakmp && hex(spi) === sa.initiatorCookie + sa.responderCookie;
  return isOfSa && data.length === 4 ? readU32(data, 0) : undefined;
}

/** So many of a peer's probes in a row may be lost; it would have given us up long before. */
const MOST_LOST = 1024;

/**
 * Numbers grow by one (RFC 3706 5.3): one lower than the last is that of an old message, and one far above it was not come
 * to by counting. The same one asks for the answer again.
 */
export function isOutOfTurn({ heard }: ProbeCounters, sequence: number): boolean {
  return heard !== undefined && (sequence < heard || sequence > heard + MOST_LOST);
}

/** Whether this answers one of the probes that are open. */
export function answersProbe(counters: ProbeCounters, sequence: number): boolean {
  return counters.sent !== undefined && sequence >= counters.unanswered && sequence <= counters.sent;
}
