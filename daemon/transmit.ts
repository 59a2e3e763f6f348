/** How a message leaves: whole, or in fragments where the peer takes them and the path may not take it whole. */
import { type Bytes, readU16 } from '../services/bytes.js';
import type { PeerFeatures } from '../services/exchange/peer-features.js';
import { fragmentsOf } from '../services/isakmp/fragment.js';
import type { Endpoint } from '../services/net/address.js';
import type { DaemonPorts } from './ports.js';

/** Fits, with UDP and NAT-T heads, into the least MTU of IPv6, which every path has (RFC 8200 5). */
const LARGEST_MESSAGE = 1200;

export interface Destination {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly features: PeerFeatures;
}

export function transmit(
  { udp }: Pick<DaemonPorts, 'udp'>,
  { local, remote, features }: Destination,
  message: Bytes,
): void {
  if (!features.fragmentation || message.length <= LARGEST_MESSAGE) {
    udp.send(local, remote, message);
    return;
  }
  // The same at every repetition, so that pieces of several make a whole; only long, so encrypted, messages come here.
  const id = readU16(message, message.length - 2);
  for (const fragment of fragmentsOf(message, id, LARGEST_MESSAGE)) udp.send(local, remote, fragment);
}
