/** What a peer said by vendor IDs that it can, and what was found out about the path to it. */

/** The form of NAT traversal that both ends know. */
export type NatTraversal = 'rfc3947' | 'draft-03' | 'draft-02';

export interface PeerFeatures {
  /** RFC 3706: answers R-U-THERE. */
  readonly deadPeerDetection: boolean;
  /** Takes messages in fragments (payload type 132). */
  readonly fragmentation: boolean;
  readonly natTraversal: NatTraversal | undefined;
  /** Which end is behind a NAT (RFC 3947 3.2); false where it was not looked for. */
  readonly nat: { readonly local: boolean; readonly remote: boolean };
}

export const NO_FEATURES: PeerFeatures = {
  deadPeerDetection: false,
  fragmentation: false,
  natTraversal: undefined,
  nat: { local: false, remote: false },
};

export function hasSameFeatures(one: PeerFeatures, other: PeerFeatures): boolean {
  return (
    one.deadPeerDetection === other.deadPeerDetection &&
    one.fragmentation === other.fragmentation &&
    one.natTraversal === other.natTraversal &&
    one.nat.local === other.nat.local &&
    one.nat.remote === other.nat.remote
  );
}
