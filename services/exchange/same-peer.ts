/** Whom two Phase 1 SAs are with. */
import { type Bytes, hex } from '../bytes.js';
import type { PeerSa } from './phase1-sa.js';

type Ends = Pick<PeerSa, 'local' | 'remote' | 'features'>;

/** The place a peer speaks from. Behind a NAT several share an address, and the port tells them apart. */
export function placeOf({ local, remote, features }: Ends): string {
  return `${local.address} ${remote.address}${features.nat.remote ? ` ${String(remote.port)}` : ''}`;
}

/** The same authenticated identity at the same place. Neither alone is enough to clear the SAs of the other. */
export function isSamePeer(one: PeerSa, other: PeerSa): boolean {
  return placeOf(one) === placeOf(other) && identityKey(one) === identityKey(other);
}

function identityKey({ peerIdentity }: PeerSa): string {
  if (peerIdentity === undefined) return '';
  const { idType, data }: { readonly idType: number; readonly data: Bytes } = peerIdentity;
  return `${String(idType)}:${hex(data)}`;
}
