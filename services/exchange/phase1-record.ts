/**
 * Everything one Phase 1 negotiation has learnt. The daemon keeps it, steps read it, what they learn from a message comes
 * back as a patch of this record, and nobody but `learn` writes to it.
 */
import type { AuthMethod, GroupNumber } from '../algorithms.js';
import { type Bytes, NO_BYTES } from '../bytes.js';
import type { Certificate } from '../certs/certificate.js';
import type { CertificateStores, StoredCertificate } from '../certs/stores.js';
import type { FailurePlace } from '../failure/build.js';
import { type Cookie, ZERO_COOKIE } from '../isakmp/header.js';
import type { CertReqPayload } from '../isakmp/payloads/certificate-request.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import type { Phase1Keys } from '../keymat/phase1-keys.js';
import type { Endpoint } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import type { IkeConfig, Phase1Transform, Rule } from '../policy/rule.js';
import type { DhKeyPair } from '../ports/crypto.js';
import type { Phase1Suite } from '../proposal/phase1-suite.js';
import { NO_FEATURES, type PeerFeatures } from './peer-features.js';

/** Identity and nonce as they travel under public-key encryption (RFC 2409 5.2). */
export interface SealedBodies {
  readonly identity: Bytes;
  readonly nonce: Bytes;
}

/** What NAT detection compares and sends (RFC 3947 3.2), of the two ends where they were then. */
export interface NatDigests {
  readonly ends: { readonly local: Endpoint; readonly remote: Endpoint };
  readonly local: Bytes;
  readonly remote: Bytes;
}

export interface Phase1Record {
  readonly mode: 'main' | 'aggressive';
  readonly role: 'initiator' | 'responder';
  readonly local: Endpoint;
  /** Where the peer is; behind a NAT it may move (RFC 3947 4). */
  readonly remote: Endpoint;
  /** Where message 1 went or came from: under it the negotiation is found while there is no other cookie. */
  readonly firstRemote: Endpoint;
  /** `Clock.now()` at its first message. */
  readonly begunAt: number;
  readonly initiatorCookie: Cookie;
  /** Zero until the responder has chosen one. */
  readonly responderCookie: Cookie;
  /** The rule in use; for a responder known only when a proposal was chosen. */
  readonly rule: Rule | undefined;
  /** What we offer as initiator: the transforms of the rule for which we have the credentials. */
  readonly offered: readonly Phase1Transform[];
  /** Agreed, or fixed by message 1 of Aggressive Mode (RFC 2409 5). */
  readonly method: AuthMethod | undefined;
  readonly group: GroupNumber | undefined;
  readonly presharedKey: PresharedKey | undefined;
  /** Why that key: named in explanations, never its value. */
  readonly presharedWhy: string;
  /** Configuration, certificates, keys and CRLs as they were when the negotiation began. */
  readonly config: IkeConfig;
  readonly stores: CertificateStores;
  /** Ours, with its private key. */
  readonly certificate: StoredCertificate | undefined;
  /** The peer's: known beforehand for public-key encryption, else once its proof was checked. */
  readonly peerCertificate: Certificate | undefined;
  /** What certificates the peer asked for (RFC 2408 3.10). */
  readonly certificateRequests: readonly CertReqPayload[];
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
  /** What we call ourselves. */
  readonly ownIdentity: IdPayload | undefined;
  /** Ours for the peer, and the peer's for us; public-key encryption only. */
  readonly ownSealed: SealedBodies | undefined;
  readonly peerSealed: SealedBodies | undefined;
  readonly keys: Phase1Keys | undefined;
  /** Of the next encrypted message of this exchange. */
  readonly iv: Bytes;
  /** Our signature over HASH_I or HASH_R. */
  readonly signature: Bytes;
  /** As claimed; proved only when the negotiation is established. */
  readonly peerIdentity: IdPayload | undefined;
  /** IDii_b or IDir_b of the peer as it was on the wire. */
  readonly peerIdBody: Bytes;
  /** The peer asked us to forget older SAs with it (RFC 2407 4.6.3.3). */
  readonly peerInitialContact: boolean;
  readonly features: PeerFeatures;
  /** Made for the peer's message; our own, which follows, says the same. */
  readonly natDigests: NatDigests | undefined;
}

export type Phase1Patch = Partial<Phase1Record>;

/** What a message teaches, in the order in which it is learnt: patches spread into one another are made by V8 in C++. */
export type Phase1Patches = readonly Phase1Patch[];

/** In its place: a record has 40 fields, and a handshake learns 20 times. */
export function learn(record: Phase1Record, patch: Phase1Patch): void {
  Object.assign<{ -readonly [K in keyof Phase1Record]: Phase1Record[K] }, Phase1Patch>(record, patch);
}

/** What is known before the first message. */
interface Beginning extends Pick<
  Phase1Record,
  'mode' | 'role' | 'local' | 'remote' | 'initiatorCookie' | 'config' | 'stores' | 'begunAt'
> {
  /** Of a responder, which has chosen it. */
  readonly responderCookie?: Cookie;
}

/** All fields, in one order: so all records are of one kind to the compiler of V8. */
export function blankPhase1(beginning: Beginning): Phase1Record {
  const { mode, role, local, remote, begunAt, initiatorCookie, config, stores } = beginning;
  return {
    mode,
    role,
    local,
    remote,
    firstRemote: remote,
    begunAt,
    initiatorCookie,
    responderCookie: beginning.responderCookie ?? ZERO_COOKIE,
    rule: undefined,
    offered: [],
    method: undefined,
    group: undefined,
    presharedKey: undefined,
    presharedWhy: '',
    config,
    stores,
    certificate: undefined,
    peerCertificate: undefined,
    certificateRequests: [],
    nonceLength: config.globals.phase1NonceLength,
    initialContact: false,
    offer: [],
    saBody: NO_BYTES,
    suite: undefined,
    chosen: undefined,
    keyPair: undefined,
    peerPublic: NO_BYTES,
    ownNonce: NO_BYTES,
    peerNonce: NO_BYTES,
    ownIdentity: undefined,
    ownSealed: undefined,
    peerSealed: undefined,
    keys: undefined,
    iv: NO_BYTES,
    signature: NO_BYTES,
    peerIdentity: undefined,
    peerIdBody: NO_BYTES,
    peerInitialContact: false,
    features: NO_FEATURES,
    natDigests: undefined,
  };
}

/** What is left of one whose SA stands: by whom it is found, and where its last message goes again. */
export const AFTER_PHASE1: Phase1Patch = {
  offered: [],
  presharedKey: undefined,
  presharedWhy: '',
  certificate: undefined,
  peerCertificate: undefined,
  certificateRequests: [],
  offer: [],
  saBody: NO_BYTES,
  chosen: undefined,
  keyPair: undefined,
  peerPublic: NO_BYTES,
  ownNonce: NO_BYTES,
  peerNonce: NO_BYTES,
  ownIdentity: undefined,
  ownSealed: undefined,
  peerSealed: undefined,
  keys: undefined,
  iv: NO_BYTES,
  signature: NO_BYTES,
  peerIdentity: undefined,
  peerIdBody: NO_BYTES,
  natDigests: undefined,
};

export const EXCHANGE_TITLE = { main: 'Main Mode', aggressive: 'Aggressive Mode' } as const;

export function placeOf(record: Phase1Record, message: number): FailurePlace {
  return { exchange: EXCHANGE_TITLE[record.mode], message };
}

/** The state of a record at a step where the field must be there; its absence is a defect, not an input error. */
export function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`a Phase 1 step without ${what}`);
  return value;
}

/** Of two that each end has one of, the initiator's. */
export function initiators<T>(record: Phase1Record, own: T, peer: T): T {
  return record.role === 'initiator' ? own : peer;
}

export function responders<T>(record: Phase1Record, own: T, peer: T): T {
  return record.role === 'initiator' ? peer : own;
}
