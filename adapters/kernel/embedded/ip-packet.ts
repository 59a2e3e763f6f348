/** IPv4 and IPv6 packets: what a security policy asks about them, and packets made from parts. */
import { concat, readU16, u16, u32, type Bytes } from '../../../services/bytes.js';
import { familyOf, type Address } from '../../../services/net/address.js';
import { knownBytes } from '../../../services/net/known-addresses.js';
import { IpEnd } from './ip-end.js';

export interface IpPacket {
  /** The packet as its length field says, without what may follow. */
  readonly bytes: Bytes;
  readonly family: 4 | 6;
  readonly source: IpEnd;
  readonly destination: IpEnd;
  /** The upper-layer protocol; undefined where a fragment hides it. */
  readonly protocol: number | undefined;
  /** Undefined for protocols without ports and where a fragment hides them. */
  readonly ports: { readonly source: number; readonly destination: number } | undefined;
  readonly fragment: 'whole' | 'first' | 'later';
  /** What follows the IPv4 header, or the fixed IPv6 header, and its protocol number. */
  readonly payload: Bytes;
  readonly payloadProtocol: number;
  /** IPv4 options, or IPv6 headers that routers read (RFC 4303 3.1.1): transport mode has to leave them outside. */
  readonly routed: boolean;
}

/** TCP, UDP, DCCP, SCTP, UDP-Lite: their first four bytes are the ports. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
/** Destination options, mobility, HIP and shim6: headers of 8-byte units that are not an upper layer (RFC 7045). */
const SKIPPED: ReadonlySet<number> = new Set([HOP_BY_HOP, ROUTING, 60, 135, 139, 140]);

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const HOP_LIMIT = 64;
const DONT_FRAGMENT = 0x4000;

export function hasPorts(protocol: number): boolean {
  return WITH_PORTS.has(protocol);
}

/** Undefined when the bytes are no IP packet: wrong version, or lengths that do not fit. Checksums are not looked at. */
export function parseIpPacket(bytes: Bytes): IpPacket | undefined {
  const version = (bytes[0] ?? 0) >>> 4;
  if (version === 4) return parseIpv4(bytes);
  if (version === 6) return parseIpv6(bytes);
  return undefined;
}

function parseIpv4(bytes: Bytes): IpPacket | undefined {
  const headerLength = ((bytes[0] ?? 0) & 0x0f) * 4;
  const total = readU16(bytes, 2);
  if (headerLength < IPV4_HEADER || total < headerLength || bytes.length < total) return undefined;
  const flags = readU16(bytes, 6);
  const fragment = (flags & 0x1fff) > 0 ? 'later' : (flags & 0x2000) > 0 ? 'first' : 'whole';
  const protocol = bytes[9] ?? 0;
  const payload = bytes.subarray(headerLength, total);
  return {
    source: new IpEnd(bytes.subarray(12, 16)),
    destination: new IpEnd(bytes.subarray(16, 20)),
    bytes: bytes.subarray(0, total),
    family: 4,
    protocol,
    ports: fragment === 'later' ? undefined : portsOf(protocol, payload),
    fragment,
    payload,
    payloadProtocol: protocol,
    routed: headerLength > IPV4_HEADER,
  };
}

function parseIpv6(bytes: Bytes): IpPacket | undefined {
  const total = IPV6_HEADER + readU16(bytes, 4);
  if (bytes.length < total) return undefined;
  const payloadProtocol = bytes[6] ?? 0;
  const payload = bytes.subarray(IPV6_HEADER, total);
  const upper = upperLayer(payloadProtocol, payload);
  if (upper === undefined) return undefined;
  return {
    source: new IpEnd(bytes.subarray(8, 24)),
    destination: new IpEnd(bytes.subarray(24, 40)),
    bytes: bytes.subarray(0, total),
    family: 6,
    protocol: upper.protocol,
    ports: upper.protocol === undefined ? undefined : portsOf(upper.protocol, upper.data),
    fragment: upper.fragment,
    payload,
    payloadProtocol,
    routed: payloadProtocol === HOP_BY_HOP || payloadProtocol === ROUTING,
  };
}

interface UpperLayer {
  readonly protocol: number | undefined;
  readonly data: Bytes;
  readonly fragment: IpPacket['fragment'];
}

/** Follows the extension headers of RFC 8200 4; undefined where one runs over the end. */
function upperLayer(first: number, payload: Bytes): UpperLayer | undefined {
  let protocol = first;
  let fragment: IpPacket['fragment'] = 'whole';
  let data = payload;
  while (protocol === FRAGMENT || SKIPPED.has(protocol)) {
    const length = protocol === FRAGMENT ? 8 : ((data[1] ?? 0) + 1) * 8;
    if (data.length < length) return undefined;
    const next = data[0] ?? 0;
    if (protocol === FRAGMENT) {
      const offset = readU16(data, 2);
      if ((offset & 0xfff8) > 0) {
        const hidden = next === FRAGMENT || SKIPPED.has(next);
        return { protocol: hidden ? undefined : next, data: data.subarray(data.length), fragment: 'later' };
      }
      if ((offset & 1) === 1) fragment = 'first';
    }
    protocol = next;
    data = data.subarray(length);
  }
  return { protocol, data, fragment };
}

function portsOf(protocol: number, data: Bytes): IpPacket['ports'] {
  if (!hasPorts(protocol) || data.length < 4) return undefined;
  return { source: readU16(data, 0), destination: readU16(data, 2) };
}

/** A packet of this host around an upper-layer payload; the addresses are of one family. */
export function ipPacket(source: Address, destination: Address, protocol: number, payload: Bytes): Bytes {
  const addresses = concat(knownBytes(source), knownBytes(destination));
  if (familyOf(source) === 6) {
    const fixed = Uint8Array.of(0x60, 0, 0, 0, ...u16(payload.length), protocol, HOP_LIMIT);
    return concat(fixed, addresses, payload);
  }
  // An atomic datagram: never fragmented, so its identification may be zero (RFC 6864 4.1).
  const header = concat(
    Uint8Array.of(0x45, 0, ...u16(IPV4_HEADER + payload.length), 0, 0, ...u16(DONT_FRAGMENT)),
    Uint8Array.of(HOP_LIMIT, protocol, 0, 0),
    addresses,
  );
  header.set(u16(internetChecksum(header)), 10);
  return concat(header, payload);
}

/** A UDP packet with both checksums right. */
export function udpPacket(
  source: Address,
  destination: Address,
  sourcePort: number,
  destinationPort: number,
  payload: Bytes,
): Bytes {
  const length = 8 + payload.length;
  const datagram = concat(u16(sourcePort), u16(destinationPort), u16(length), u16(0), payload);
  const pseudoHeader = concat(knownBytes(source), knownBytes(destination), u32(length), u32(17));
  const checksum = internetChecksum(concat(pseudoHeader, datagram));
  // Zero would mean "no checksum" (RFC 768).
  datagram.set(u16(checksum === 0 ? 0xffff : checksum), 6);
  return ipPacket(source, destination, 17, datagram);
}

/** RFC 1071. */
function internetChecksum(bytes: Bytes): number {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 2) sum += readU16(bytes, i);
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 0x1_0000);
  return ~sum & 0xffff;
}
