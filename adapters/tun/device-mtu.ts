/** How long a packet of the device may be so that it fits, protected, into a packet of the network it leaves by. */
import { readFileSync } from 'node:fs';
import { familyOf, inRange } from '../../services/net/address.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import { ownAddresses } from './own-addresses.js';

const ETHERNET = 1500;
/** Of IPv6 (RFC 8200 5). */
const SMALLEST = 1280;
/** UDP, ESP header, the longest IV, the most padding with its trailer, the longest ICV. */
const ESP_IN_UDP = 8 + 8 + 16 + 17 + 32;
const IP_HEADER = { 4: 20, 6: 40 } as const;

/** A packet of that length before it is protected, so that it fits behind it into one of `path` bytes between the ends. */
export function innerMtu(path: number, outer: 4 | 6, inner: 4 | 6): number {
  const length = path - ESP_IN_UDP - IP_HEADER[outer];
  // Below it the host must cut what comes out of protection (RFC 8200 5).
  return inner === 6 ? Math.max(SMALLEST, length) : length;
}

/** The host does the rest: it fragments what may be fragmented, and tells senders of the others (RFC 4301 8.2). */
export function deviceMtu(policies: readonly IpsecPolicy[]): number {
  let mtu = Infinity;
  for (const policy of policies) {
    const local =
      policy.mode === 'tunnel'
        ? { begin: policy.outer.local, end: policy.outer.local }
        : policy.selectors.local.addresses;
    const overhead = ESP_IN_UDP + IP_HEADER[familyOf(local.begin)];
    for (const { address, device } of ownAddresses()) {
      if (inRange(address, local)) mtu = Math.min(mtu, linkMtu(device) - overhead);
    }
  }
  if (mtu === Infinity) mtu = ETHERNET - ESP_IN_UDP - IP_HEADER[6];
  return Math.max(SMALLEST, mtu);
}

function linkMtu(name: string): number {
  try {
    const mtu = Number(readFileSync(`/sys/class/net/${name}/mtu`, 'utf8'));
    return mtu > 0 ? mtu : ETHERNET;
  } catch {
    return ETHERNET;
  }
}
