/**
 * Everything one Phase 1 negotiation has learnt. The charts' context holds only its id; what is computed from a message
 * comes back as a patch of this record.
 */
import type { Bytes } from '../bytes.js';
import type { Cookie } from '../isakmp/header.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import type { Phase1Keys } from '../keymat/phase1-keys.js';
import type { Endpoint } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import type { Rule } from '../policy/rule.js';
import type { DhKeyPair } from '../ports/crypto.js';
import type { Phase1Suite } from '../proposal/phase1-suite.js';
import type { PeerFeatures } from './peer-features.js';

export interface Phase1Record {
  readonly role: 'initiator' | 'responder';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** `Clock.now()` at its first message. */
  readonly begunAt: number;
  readonly initiatorCookie: Cookie;
  /** Zero until the responder has chosen one. */
  readonly responderCookie: Cookie;
  /** The rule in use; for a responder known only when a proposal was chosen. */
  readonly rule: Rule | undefined;
  readonly presharedKey: PresharedKey | undefined;
  /** Why that key: named in explanations, never its value. */
  readonly presharedWhy: string;
  readonly nonceLength: number;
  /** Initial contact: whether we know of no older SA with this peer, and will say so. */
  readonly initialContact: boolean;
  /** The offer, ours or the peer's. */
  readonly offer: readonly Proposal[];
  /** SAi_b: the body of the initiator's SA payload as it was on the wire. */
  readonly saBody: Bytes;
  readonly suite: Phase1Suite | undefined;
  /** What the responder answers: one proposal with one transform. */
  readonly chosen: Proposal | undefined;
  readonly keyPair: DhKeyPair | undefined;
  readonly peerPublic: Bytes;
  readonly ownNonce: Bytes;
  readonly peerNonce: Bytes;
  readonly keys: Phase1Keys | undefined;
  /** Of the next encrypted message of this exchange. */
  readonly iv: Bytes;
  readonly peerIdentity: IdPayload | undefined;
  /** The peer asked us to forget older SAs with it (RFC 2407 4.6.3.3). */
  readonly peerInitialContact: boolean;
  readonly features: PeerFeatures;
}

export type Phase1Patch = Partial<Phase1Record>;
