/** Whom two Phase 1 SAs are with. */
import { sameBytes } from '../bytes.js';
import type { PeerSa } from './phase1-sa.js';

type Ends = Pick<PeerSa, 'local' | 'remote' | 'features'>;
type Named = Omit<PeerSa, 'rule'>;

/** The place a peer speaks from. Behind a NAT several share an address, and the port tells them apart. */
export function placeOf({ local, remote, features }: Ends): string {
  return `${local.address} ${remote.address}${features.nat.remote ? ` ${String(remote.port)}` : ''}`;
}

/** By which peers at one address are told apart; 0: there is but one. */
export function portOfPlace({ remote, features }: Ends): number {
  return features.nat.remote ? remote.port : 0;
}

/** The same authenticated identity at the same place. Neither alone is enough to clear the SAs of the other. */
export function isSamePeer(one: Named, other: Named): boolean {
  return isSamePlace(one, other) && isSameIdentity(one.peerIdentity, other.peerIdentity);
}

/**
 * Whether the SAs of `owner` are for `speaker`, at the same address, to delete (RFC 2408 3.15: they are its own). Its NAT may
 * have given it another port since. Of SAs of an earlier run the identity may not be known; the address is all there is then.
 */
export function maySpeakFor(speaker: Named, owner: Named): boolean {
  const says = speaker.peerIdentity;
  const owns = owner.peerIdentity;
  return says === undefined || owns === undefined || isSameIdentity(says, owns);
}

/** What another worker may be told of it: no keys either. */
export function withoutRule({ local, remote, features, peerIdentity }: Named): Named {
  return { local, remote, features, peerIdentity };
}

/** As `placeOf` tells them apart, without making the names of both. */
function isSamePlace(one: Ends, other: Ends): boolean {
  return (
    one.remote.address === other.remote.address &&
    one.local.address === other.local.address &&
    one.features.nat.remote === other.features.nat.remote &&
    (!one.features.nat.remote || one.remote.port === other.remote.port)
  );
}

function isSameIdentity(one: PeerSa['peerIdentity'], other: PeerSa['peerIdentity']): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.idType === other.idType && sameBytes(one.data, other.data);
}
