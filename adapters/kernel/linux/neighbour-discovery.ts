/**
 * Neighbour discovery of IPv6 beside policies: a policy for all traffic between two hosts takes in the advertisements by
 * which they find each other, and no SA can be negotiated before they have. So those two messages pass in the clear, as on
 * every link without IPsec (RFC 4861 11.2); for Linux, types of ICMP stand where ports do.
 */
import { familyOf, prefixRange } from '../../../services/net/address.js';
import type { IpsecPolicy } from '../../../services/ports/kernel.js';
import type { SpdEntry } from './spd-entry.js';

const ICMP6 = 58;
/** Neighbour Solicitation and Advertisement (RFC 4861 4.3, 4.4). */
const TYPES = [135, 136];
const ANYWHERE = prefixRange('::', 0);

/** Whether it is in the way of neighbour discovery. */
export function takesNeighbours({ selectors, mode }: IpsecPolicy): boolean {
  const { protocol, local } = selectors;
  return (
    mode === 'transport' && familyOf(local.addresses.begin) === 6 && (protocol === 0 || protocol === ICMP6)
  );
}

/** Asked before the policies of the file. */
export function neighbourEntries(priority: number): readonly SpdEntry[] {
  return TYPES.flatMap((type) =>
    (['out', 'in'] as const).map((direction): SpdEntry => ({
      direction,
      index: 0,
      priority,
      action: 'pass',
      source: { addresses: ANYWHERE, port: type },
      destination: { addresses: ANYWHERE, port: 0 },
      protocol: ICMP6,
      templates: [],
    })),
  );
}
