/** Everything one Quick Mode has learnt. */
import type { Bytes } from '../bytes.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import type { DhKeyPair } from '../ports/crypto.js';
import type { IpsecPolicy, TrafficSelectors } from '../ports/kernel.js';
import type { KeyHandle } from '../ports/keys.js';
import type { EspSuite, Phase2Terms } from '../proposal/phase2-suite.js';
import type { Phase1Sa } from './phase1-sa.js';

export interface SaKeys {
  readonly encryption: KeyHandle | undefined;
  readonly integrity: KeyHandle | undefined;
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
  /** What the responder answers: one proposal with one transform, without its SPI. */
  readonly chosen: Proposal | undefined;
  readonly suite: EspSuite | undefined;
  /** 0 until known. Ours is the SPI of what we receive. */
  readonly inboundSpi: number;
  readonly outboundSpi: number;
  readonly nonceLength: number;
  readonly ownNonce: Bytes;
  readonly peerNonce: Bytes;
  readonly keyPair: DhKeyPair | undefined;
  readonly peerPublic: Bytes | undefined;
  readonly iv: Bytes;
  /** Whether the outbound SA was given to the kernel, so that a failure must take it back. */
  readonly outboundAdded: boolean;
  readonly inboundKeys: SaKeys | undefined;
  readonly outboundKeys: SaKeys | undefined;
}

export type Phase2Patch = Partial<Phase2Record>;
