/**
 * ICMP that says that a packet of ours was too long for a path: "fragmentation needed" (RFC 792, RFC 1191 4) and "packet too
 * big" (RFC 4443 3.2). Behind 8 bytes of its own it quotes the packet.
 */
import { readU16, readU32, type Bytes } from '../../services/bytes.js';
import { addressText } from '../../services/net/known-addresses.js';
import type { TooBig } from '../../services/ports/data-path.js';

export const ICMP = { 4: 1, 6: 58 } as const;

const UNREACHABLE = 3;
const FRAGMENTATION_NEEDED = 4;
const PACKET_TOO_BIG = 2;
const ICMP_HEADER = 8;
const IPV6_HEADER = 40;
const UDP = 17;
const UDP_HEADER = 8;
const AH = 51;
const ESP = 50;

/**
 * As a raw socket gives it: of IPv4 with the IP header. Undefined where it says something else, quotes too little to find an
 * SA by, or is of a router that does not say how long a packet may be.
 */
export function readTooBig(version: 4 | 6, bytes: Bytes): TooBig | undefined {
  const icmp = version === 4 ? bytes.subarray(headerLength(bytes)) : bytes;
  if (icmp.length < ICMP_HEADER) return undefined;
  const quoted = icmp.subarray(ICMP_HEADER);
  if (version === 6) {
    if (icmp[0] !== PACKET_TOO_BIG || quoted.length < IPV6_HEADER) return undefined;
    const remote = addressText(quoted.subarray(24, 40));
    return named(remote, quoted[6] ?? 0, quoted.subarray(IPV6_HEADER), readU32(icmp, 4));
  }
  if (icmp[0] !== UNREACHABLE || icmp[1] !== FRAGMENTATION_NEEDED || quoted.length < 20) return undefined;
  const remote = addressText(quoted.subarray(16, 20));
  return named(remote, quoted[9] ?? 0, quoted.subarray(headerLength(quoted)), readU16(icmp, 6));
}

function headerLength(packet: Bytes): number {
  return ((packet[0] ?? 0) & 0x0f) * 4;
}

function named(remote: string, protocol: number, payload: Bytes, mtu: number): TooBig | undefined {
  if (mtu === 0) return undefined;
  switch (protocol) {
    case ESP:
      return ofHeader(remote, ESP, payload, 0, mtu);
    case UDP:
      return ofHeader(remote, ESP, payload, UDP_HEADER, mtu);
    case AH:
      return ofHeader(remote, AH, payload, 4, mtu);
    default:
      return undefined;
  }
}

/** `at`: where the SPI stands; the sequence number is behind it, and may be cut off (RFC 792: 8 bytes are quoted). */
function ofHeader(
  remote: string,
  protocol: TooBig['protocol'],
  payload: Bytes,
  at: number,
  mtu: number,
): TooBig | undefined {
  if (payload.length < at + 4) return undefined;
  const sequence = payload.length < at + 8 ? undefined : readU32(payload, at + 4);
  return { remote, protocol, spi: readU32(payload, at), sequence, mtu };
}
