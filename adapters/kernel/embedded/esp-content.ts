/** What of an IP packet goes into ESP, and what its next header is then. */
import type { Bytes } from '../../../services/bytes.js';
import type { EspContent } from './esp.js';
import type { IpPacket } from './ip-packet.js';
import type { OutboundDrop } from './observation.js';

const IPV4_IN_IP = 4;
const IPV6_IN_IP = 41;

/** What goes into ESP: the whole packet, or what its IP header carries (RFC 4303 3.1). */
export function contentOf(packet: IpPacket, mode: 'transport' | 'tunnel'): EspContent | OutboundDrop {
  if (mode === 'tunnel') {
    return { payload: packet.bytes, nextHeader: packet.family === 4 ? IPV4_IN_IP : IPV6_IN_IP };
  }
  if (packet.fragment !== 'whole') return 'fragment-in-transport-mode';
  if (packet.routed) return 'routed-header-in-transport-mode';
  return { payload: packet.payload, nextHeader: packet.payloadProtocol };
}

/** 4 or 41 by the version of the packet inside; undefined when it is neither. */
export function nextHeaderOf(inner: Bytes): number | undefined {
  const version = (inner[0] ?? 0) >>> 4;
  return version === 4 ? IPV4_IN_IP : version === 6 ? IPV6_IN_IP : undefined;
}
