/** The IP packet in what came out of protection, if the SA may carry it (RFC 4301 5.2). */
import type { Bytes } from '../../../services/bytes.js';
import type { Address } from '../../../services/net/address.js';
import type { EspContent } from './esp.js';
import { nextHeaderOf } from './esp-content.js';
import { ipPacket, parseIpPacket } from './ip-packet.js';
import type { InboundDrop } from './observation.js';
import type { MatureSa } from './sa-record.js';
import type { Sadb } from './sadb.js';
import { trafficOf } from './selector-match.js';

const NO_NEXT_HEADER = 59;

/** `ends` of the packet that was protected: in transport mode they are those of the one in it. */
export function unwrapped(
  sadb: Sadb,
  sa: MatureSa,
  ends: { readonly local: Address; readonly remote: Address },
  { nextHeader, payload }: EspContent,
): Bytes | InboundDrop {
  if (nextHeader === NO_NEXT_HEADER) return 'dummy';
  if (sa.mode === 'tunnel' && nextHeader !== nextHeaderOf(payload)) return 'wrong-next-header';
  const bytes = sa.mode === 'tunnel' ? payload : ipPacket(ends.remote, ends.local, nextHeader, payload);
  const packet = parseIpPacket(bytes);
  if (packet === undefined) return 'malformed-packet';
  if (sadb.match(sa, trafficOf(packet, 'inbound')) !== 'yes') return 'selector-mismatch';
  return packet.bytes;
}
