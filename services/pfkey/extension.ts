/** Extensions of PF_KEY messages as values, whatever the dialect: what stands in them, not where. */
import type { Bytes } from '../bytes.js';
import type { Endpoint } from '../net/address.js';

/** RFC 2367 2.3.1. */
export interface SaExtension {
  readonly kind: 'SA';
  readonly spi: number;
  readonly replayWindow: number;
  readonly state: number;
  readonly authentication: number;
  readonly encryption: number;
  readonly flags: number;
}

/** RFC 2367 2.3.2. In CURRENT the times are seconds since 1970, elsewhere durations; 0 is no limit. */
export interface LifetimeExtension {
  readonly kind: 'LIFETIME_CURRENT' | 'LIFETIME_HARD' | 'LIFETIME_SOFT' | 'X_LIFETIME_IDLE';
  readonly allocations: number;
  readonly bytes: number;
  readonly addTime: number;
  readonly useTime: number;
}

/** RFC 2367 2.3.3. */
export interface AddressExtension {
  readonly kind:
    | 'ADDRESS_SRC'
    | 'ADDRESS_DST'
    | 'ADDRESS_PROXY'
    | 'X_ADDRESS_NATT_LOC'
    | 'X_ADDRESS_NATT_REM'
    | 'X_ADDRESS_INNER_SRC'
    | 'X_ADDRESS_INNER_DST'
    | 'X_NAT_T_OA';
  readonly protocol: number;
  readonly prefixLength: number;
  readonly endpoint: Endpoint;
}

/** RFC 2367 2.3.4. The caller wipes `key`. */
export interface KeyExtension {
  readonly kind: 'KEY_AUTH' | 'KEY_ENCRYPT' | 'X_STR_AUTH';
  readonly bits: number;
  /** How many of the bits are the salt of a combined-mode cipher; illumos only, else 0. */
  readonly saltBits: number;
  readonly key: Bytes;
}

/** RFC 2367 2.3.5. `text` without its NUL; DER for names. */
export interface IdentityExtension {
  readonly kind: 'IDENTITY_SRC' | 'IDENTITY_DST';
  readonly type: number;
  readonly id: number;
  readonly text: Bytes;
}

/** RFC 2367 2.3.6. Kept whole; nothing here interprets labels. */
export interface SensitivityExtension {
  readonly kind: 'SENSITIVITY' | 'X_OUTER_SENS';
  readonly body: Bytes;
}

/** Limits of a combination: 0 is none. */
export interface CombinationLimits {
  readonly allocations: number;
  readonly bytes: number;
  readonly addTime: number;
  readonly useTime: number;
}

/** RFC 2367 2.3.7: one authentication and one encryption algorithm; 0 is none. */
export interface Combination {
  readonly authentication: number;
  readonly encryption: number;
  readonly flags: number;
  readonly authenticationBits: { readonly low: number; readonly high: number };
  readonly encryptionBits: { readonly low: number; readonly high: number };
  /** illumos only, else 0. */
  readonly encryptionSaltBits: number;
  readonly soft: CombinationLimits;
  readonly hard: CombinationLimits;
}

export interface ProposalExtension {
  readonly kind: 'PROPOSAL';
  readonly replayWindow: number;
  /** Best first. */
  readonly combinations: readonly Combination[];
}

/** RFC 2367 2.3.8. */
export interface SupportedAlgorithm {
  readonly id: number;
  readonly ivLength: number;
  readonly minBits: number;
  readonly maxBits: number;
  /** illumos only, else 0. */
  readonly incrementBits: number;
  readonly saltBits: number;
}

export interface SupportedExtension {
  readonly kind: 'SUPPORTED_AUTH' | 'SUPPORTED_ENCRYPT';
  readonly algorithms: readonly SupportedAlgorithm[];
}

/** RFC 2367 2.3.9. */
export interface SpiRangeExtension {
  readonly kind: 'SPIRANGE';
  readonly min: number;
  readonly max: number;
}

/** illumos: the SA types an extended REGISTER asks for. */
export interface ExtendedRegisterExtension {
  readonly kind: 'X_EREG';
  readonly saTypes: readonly number[];
}

/** illumos: one algorithm of a conjunction. `algorithmType` 1 is authentication, 2 encryption. */
export interface AlgorithmDescriptor {
  readonly saType: number;
  readonly algorithmType: number;
  readonly algorithm: number;
  readonly saltBits: number;
  readonly minBits: number;
  readonly maxBits: number;
}

export interface ExtendedCombination {
  readonly flags: number;
  readonly soft: CombinationLimits;
  readonly hard: CombinationLimits;
  /** Applied together. */
  readonly algorithms: readonly AlgorithmDescriptor[];
}

export interface ExtendedProposalExtension {
  readonly kind: 'X_EPROP';
  readonly replayWindow: number;
  /** Alternatives, best first. */
  readonly combinations: readonly ExtendedCombination[];
  /** An edition of 2017 counts the cookie that follows into the length of the proposal. */
  readonly cookieInside: KeyManagerCookieExtension | undefined;
}

/** illumos: for IKE, the number of a rule's label. */
export interface KeyManagerCookieExtension {
  readonly kind: 'X_KM_COOKIE';
  readonly protocol: number;
  readonly cookie: number;
}

export interface PairExtension {
  readonly kind: 'X_PAIR';
  readonly spi: number;
}

export interface ReplayValueExtension {
  readonly kind: 'X_REPLAY_VALUE';
  readonly replay32: number;
  readonly replay64: number;
}

export interface ExtendedDumpExtension {
  readonly kind: 'X_EDUMP';
  readonly timeout: number;
}

/** Linux: one transformation of a policy. */
export interface PolicyRequest {
  /** IP protocol: 50 or 51. */
  readonly protocol: number;
  readonly mode: number;
  readonly level: number;
  readonly requestId: number;
  /** In tunnel mode, else undefined. Both of one family. */
  readonly tunnel: { readonly source: Endpoint; readonly destination: Endpoint } | undefined;
}

export interface PolicyExtension {
  readonly kind: 'X_POLICY';
  readonly type: number;
  readonly direction: number;
  readonly id: number;
  readonly priority: number;
  readonly requests: readonly PolicyRequest[];
}

export interface Sa2Extension {
  readonly kind: 'X_SA2';
  readonly mode: number;
  readonly sequence: number;
  readonly requestId: number;
}

export interface NatTypeExtension {
  readonly kind: 'X_NAT_T_TYPE';
  readonly type: number;
}

export interface NatPortExtension {
  readonly kind: 'X_NAT_T_SPORT' | 'X_NAT_T_DPORT';
  readonly port: number;
}

/** Linux: kept whole, nothing of ours reads it. */
export interface OpaqueExtension {
  readonly kind: 'X_KMPRIVATE' | 'X_SEC_CTX' | 'X_KMADDRESS' | 'X_FILTER';
  readonly body: Bytes;
}

/** A type that the dialect does not have; survives a round trip. `body` follows the four bytes of the head. */
export interface UnknownExtension {
  readonly kind: 'unknown';
  readonly number: number;
  readonly body: Bytes;
}

export type PfkeyExtension =
  | SaExtension
  | LifetimeExtension
  | AddressExtension
  | KeyExtension
  | IdentityExtension
  | SensitivityExtension
  | ProposalExtension
  | SupportedExtension
  | SpiRangeExtension
  | ExtendedRegisterExtension
  | ExtendedProposalExtension
  | KeyManagerCookieExtension
  | PairExtension
  | ReplayValueExtension
  | ExtendedDumpExtension
  | PolicyExtension
  | Sa2Extension
  | NatTypeExtension
  | NatPortExtension
  | OpaqueExtension
  | UnknownExtension;

export type ExtensionKind = Exclude<PfkeyExtension['kind'], 'unknown'>;
