/**
 * Dead peer detection (RFC 3706): R-U-THERE and its acknowledgement, and what their sequence numbers say.
 *
 *   Notify data of both, 4 bytes: sequence number, u32, network order (RFC 3706 5.2)
 */
import { concat, fromHex, readU32, u32, type Bytes } from '../bytes.js';
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

function cookiePair(sa: Phase1Sa): Bytes {
  return concat(fromHex(sa.initiatorCookie), fromHex(sa.responderCookie));
}

/** The sequence number of a probe or an answer; undefined when it is none (RFC 3706 5.2). */
export function sequenceOf(notify: NotifyPayload): number | undefined {
  return notify.protocol === PROTOCOL.isakmp && notify.data.length === 4
    ? readU32(notify.data, 0)
    : undefined;
}

/** A number lower than the last is that of an old message (RFC 3706 5.3); the same one asks for the answer again. */
export function isReplayedProbe(counters: ProbeCounters, sequence: number): boolean {
  return counters.heard !== undefined && sequence < counters.heard;
}

/** Whether this answers one of the probes that are open. */
export function answersProbe(counters: ProbeCounters, sequence: number): boolean {
  return counters.sent !== undefined && sequence >= counters.unanswered && sequence <= counters.sent;
}
