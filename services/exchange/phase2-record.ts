/** Everything one Quick Mode has learnt. */
import { type Bytes, NO_BYTES } from '../bytes.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import type { Address } from '../net/address.js';
import type { DhKeyPair } from '../ports/crypto.js';
import type { IpsecPolicy, IpsecProtocol, SpiPair, TrafficSelectors } from '../ports/kernel.js';
import type { KeyHandle } from '../ports/keys.js';
import type { Phase2Suite, Phase2Terms } from '../proposal/phase2-suite.js';
import type { Phase1Sa } from './phase1-sa.js';

export interface SaKeys {
  readonly encryption: KeyHandle | undefined;
  readonly integrity: KeyHandle | undefined;
}

/** What was agreed for one protocol: a pair of SAs. A Quick Mode makes one, or AH and ESP together. */
export interface AgreedPair extends SpiPair {
  readonly suite: Phase2Suite;
  /** Until the kernel has them. */
  readonly inboundKeys: SaKeys | undefined;
  readonly outboundKeys: SaKeys | undefined;
  /** Whether the kernel has taken the outbound SA, so that a failure must take it back. */
  readonly outboundAdded: boolean;
}

/** The two ends' own addresses, as one of them knows them. */
export interface OriginalAddresses {
  readonly local: Address | undefined;
  readonly remote: Address | undefined;
}

/** An SPI that the kernel keeps for an SA of ours. */
export interface ReservedSpi {
  readonly protocol: IpsecProtocol;
  readonly spi: number;
}

export interface Phase2Record {
  readonly role: 'initiator' | 'responder';
  readonly phase1: Phase1Sa;
  readonly messageId: number;
  /** What we want for this traffic; a responder learns it from the kernel. */
  readonly policy: IpsecPolicy | undefined;
  /** The traffic, local side first. */
  readonly selectors: TrafficSelectors;
  /** IDci and IDcr as sent or received; undefined when the peer sent none (RFC 2409 5.5). */
  readonly identities: readonly [IdPayload, IdPayload] | undefined;
  /** What we ask for as initiator; what the rule says. */
  readonly terms: Phase2Terms;
  readonly offer: readonly Proposal[];
  /** What the responder answers: for each protocol one proposal with one transform, still with the peer's SPI. */
  readonly chosen: readonly Proposal[];
  /** One for each protocol that is offered or agreed. */
  readonly reserved: readonly ReservedSpi[];
  /** Empty until agreed; in the order in which the headers stand, AH before ESP. */
  readonly agreed: readonly AgreedPair[];
  readonly nonceLength: number;
  readonly ownNonce: Bytes;
  readonly peerNonce: Bytes;
  readonly keyPair: DhKeyPair | undefined;
  readonly peerPublic: Bytes | undefined;
  readonly iv: Bytes;
  /** What the peer's NAT-OA payloads say (RFC 3947 5.2); undefined where it sent none. */
  readonly peerOriginal: OriginalAddresses;
  /** Whether the peer set the commit bit and will say CONNECTED (RFC 2408 3.1). */
  readonly connectedDue: boolean;
  /** As initiator: it renews SAs, which carry the traffic meanwhile. */
  readonly renews: boolean;
}

export type Phase2Patch = Partial<Phase2Record>;

/** In its place, as that of Phase 1. */
export function learn(record: Phase2Record, patch: Phase2Patch): void {
  Object.assign<{ -readonly [K in keyof Phase2Record]: Phase2Record[K] }, Phase2Patch>(record, patch);
}

export function learnOfPair(pair: AgreedPair, patch: Partial<AgreedPair>): void {
  Object.assign<{ -readonly [K in keyof AgreedPair]: AgreedPair[K] }, Partial<AgreedPair>>(pair, patch);
}

/** What is left of one whose SAs stand: by whom it is found, and where its last message goes again. */
export const AFTER_PHASE2: Phase2Patch = {
  policy: undefined,
  identities: undefined,
  offer: [],
  chosen: [],
  reserved: [],
  agreed: [],
  ownNonce: NO_BYTES,
  peerNonce: NO_BYTES,
  keyPair: undefined,
  peerPublic: undefined,
  iv: NO_BYTES,
};
