/**
 * AH packets (RFC 4302): one in, one out. The ICV covers the whole IP packet but for what routers may change on the way,
 * which counts as zero (3.3.3.1).
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                           IP header ...                       |
 * |  Next Header  |  Payload Len  |           reserved            |
 * |                              SPI                              |
 * |                        Sequence Number                        |
 * |   ICV, and zeros up to 4 bytes (IPv4) or 8 bytes (IPv6) ...   |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { INTEGRITY, type IntegrityAlgorithm } from '../../../services/algorithms.js';
import { concat, readU32, u16, u32, type Bytes } from '../../../services/bytes.js';
import { type Address, familyOf } from '../../../services/net/address.js';
import { err, ok, type Result } from '../../../services/result.js';
import type { EspContent } from './esp.js';
import { ipPacket, parseIpPacket } from './ip-packet.js';

export interface AhSuite {
  readonly integrity: IntegrityAlgorithm;
  readonly key: Bytes;
}

export type AhFault = 'truncated-ah' | 'bad-icv';

export const AH = 51;
/** Up to the ICV. */
const FIXED = 12;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const IDENTIFICATION = 4;
/** Options that no router changes (RFC 4302 A.1): end, no operation, security, extended security, commercial security, router alert, multi-destination. */
const FIXED_OPTIONS: ReadonlySet<number> = new Set([0, 1, 130, 133, 134, 148, 149]);

/** Length of the header that `authenticate` makes. */
export function ahLength(integrity: IntegrityAlgorithm, family: 4 | 6): number {
  const unit = family === 4 ? 4 : 8;
  return Math.ceil((FIXED + INTEGRITY[integrity].icvLength) / unit) * unit;
}

/** A whole IP packet between the ends, without options. */
export function authenticate(
  suite: AhSuite,
  ends: { readonly source: Address; readonly destination: Address },
  header: { readonly spi: number; readonly sequence: number },
  { payload, nextHeader }: EspContent,
): Bytes {
  const family = familyOf(ends.source);
  const length = ahLength(suite.integrity, family);
  const head = concat(Uint8Array.of(nextHeader, length / 4 - 2, 0, 0), u32(header.spi), u32(header.sequence));
  const packet = ipPacket(
    ends.source,
    ends.destination,
    AH,
    concat(head, new Uint8Array(length - FIXED), payload),
  );
  // Not zero, which a host may replace by something that the ICV does not know.
  if (family === 4) packet.set(u16((header.sequence & 0x7fff) | 0x8000), IDENTIFICATION);
  const start = family === 4 ? IPV4_HEADER : IPV6_HEADER;
  packet.set(icv(suite, immutable(packet, start)), start + FIXED);
  return packet;
}

export interface AhPacket {
  readonly source: Address;
  readonly destination: Address;
  readonly spi: number;
  readonly sequence: number;
  readonly nextHeader: number;
  /** The packet as its IP header says. */
  readonly bytes: Bytes;
  /** Where AH begins, and what it protects. */
  readonly start: number;
  readonly payloadStart: number;
}

/** Undefined where AH does not follow the IP header at once: extension headers before it are not known here. */
export function parseAh(bytes: Bytes): AhPacket | undefined {
  const packet = parseIpPacket(bytes);
  if (packet?.payloadProtocol !== AH || packet.fragment !== 'whole') return undefined;
  const start = packet.bytes.length - packet.payload.length;
  const length = ((packet.payload[1] ?? 0) + 2) * 4;
  if (length < FIXED || packet.payload.length < length) return undefined;
  return {
    source: packet.source.address,
    destination: packet.destination.address,
    spi: readU32(packet.payload, 4),
    sequence: readU32(packet.payload, 8),
    nextHeader: packet.payload[0] ?? 0,
    bytes: packet.bytes,
    start,
    payloadStart: start + length,
  };
}

/** What it protects, a copy, if the ICV is right. Padding behind the ICV may be longer than ours: Linux takes 8 bytes for IPv4. */
export function verify(suite: AhSuite, packet: AhPacket): Result<EspContent, AhFault> {
  const { bytes, start, payloadStart, nextHeader } = packet;
  const { icvLength } = INTEGRITY[suite.integrity];
  const at = start + FIXED;
  if (at + icvLength > payloadStart) return err('truncated-ah');
  const covered = immutable(bytes, start);
  covered.fill(0, at, at + icvLength);
  if (!timingSafeEqual(icv(suite, covered), bytes.subarray(at, at + icvLength))) return err('bad-icv');
  return ok({ payload: covered.subarray(payloadStart), nextHeader });
}

function icv({ integrity, key }: AhSuite, covered: Bytes): Bytes {
  const { hash, icvLength } = INTEGRITY[integrity];
  return createHmac(hash, key).update(covered).digest().subarray(0, icvLength);
}

/** A copy with zeros where routers write (RFC 4302 3.3.3.1.1, 3.3.3.1.2). `end`: of the IP header. */
function immutable(packet: Bytes, end: number): Bytes {
  const copy = packet.slice();
  if ((copy[0] ?? 0) >>> 4 === 6) {
    // Class, flow label; hop limit.
    copy.set([0x60, 0, 0, 0]);
    copy[7] = 0;
    return copy;
  }
  // DSCP and ECN; flags and offset; TTL; checksum.
  copy[1] = 0;
  copy.fill(0, 6, 9);
  copy.fill(0, 10, 12);
  for (let at = IPV4_HEADER; at < end;) {
    const option = copy[at] ?? 0;
    const length = option <= 1 ? 1 : Math.max(2, copy[at + 1] ?? 2);
    if (!FIXED_OPTIONS.has(option)) copy.fill(0, at, Math.min(end, at + length));
    if (option === 0) break;
    at += length;
  }
  return copy;
}
