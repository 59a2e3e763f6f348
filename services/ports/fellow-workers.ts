/**
 * Port: the other workers of a daemon that has several. Each has negotiations and SAs of its own, and a peer may have some
 * with one and some with another: for each of its negotiations chance has chosen the worker.
 */
import type { PeerSa } from '../exchange/phase1-sa.js';
import type { WorkerPlace } from '../isakmp/worker-of-cookie.js';
import type { Address } from '../net/address.js';
import type { IpsecProtocol } from './kernel.js';

/** Whom an SA is with, without its rule. */
export type PlacedPeer = Omit<PeerSa, 'rule'>;

export type FellowNews =
  /** A peer has said INITIAL-CONTACT in a negotiation that began so long ago, milliseconds. */
  | { readonly type: 'began-anew'; readonly peer: PlacedPeer; readonly agoMs: number }
  /** A peer has deleted SAs that it receives on, which the worker it told does not have. */
  | {
      readonly type: 'deleted';
      readonly peer: PlacedPeer;
      readonly protocol: IpsecProtocol;
      readonly spis: readonly number[];
    };

export interface FellowWorkers {
  readonly place: WorkerPlace;
  /** Whether anything stands between these addresses at another worker. */
  knows(local: Address, remote: Address): boolean;
  /** Whether anything stands between these addresses here. May be told again and again. */
  standing(local: Address, remote: Address, stands: boolean): void;
  tell(news: FellowNews): void;
  /** One listener. */
  onNews(listener: (news: FellowNews) => void): void;
}
