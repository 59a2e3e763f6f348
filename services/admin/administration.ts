/** What the administrator may ask of a running daemon. The door codec stands in front of it; values only. */
import type { AuthMethod, GroupNumber, HashAlgorithm, Phase1Cipher } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import type { Failure } from '../failure/failure.js';
import type { Address, Endpoint } from '../net/address.js';
import type { DoorFile } from '../ports/door-file.js';
import type { Result } from '../result.js';
import type { CertificateAdministration } from './certificate-administration.js';
import type { DoctorAdministration } from './doctor.js';
import type { CookiePair } from './door/cookie-pair.js';
import type { DefaultsView } from './door/defaults.js';
import type { DoorError } from './door/door-error.js';
import type { IDENTITY_TYPE } from './door/identity.js';
import type { Established, UpRequest } from './door/own-messages.js';
import type { KEY_TYPE, Phase1Errors, Phase1Usage } from './door/phase1-parts.js';
import type { Phase1Statistics } from './door/statistics.js';
import type { ExplanationAdministration } from './explanation-administration.js';
import type { EventDesk } from './event-batch.js';
import type { InspectorDesk } from './inspector.js';
import type { Listed } from './listing.js';
import type { LoadReport } from './load.js';
import type { PacketDesk } from './packets.js';
import type { PresharedAdministration } from './preshared-administration.js';
import type { PrivilegeLevel } from './privilege-levels.js';
import type { TokenAdministration } from './token-administration.js';
import type { RecorderDesk } from './recorder.js';
import type { RuleAdministration } from './rule-administration.js';

export interface IdentityView {
  /** An address is a `prefix` of full length: `192.0.2.1/32` (RFC 2367 2.3.5). */
  readonly type: keyof typeof IDENTITY_TYPE;
  readonly text: string;
}

/** What `state` numbers mean to the door: how far the negotiation is, whatever the chart calls it. */
export const PHASE1_STATE = {
  beginning: 1,
  sentSa: 2,
  sentKeyExchange: 3,
  sentLast: 4,
  active: 5,
  deleted: 6,
} as const;

export interface Phase1SaView extends CookiePair {
  readonly isInitiator: boolean;
  readonly exchange: 'main' | 'aggressive';
  readonly state: keyof typeof PHASE1_STATE;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Undefined until one is agreed. */
  readonly transform:
    | {
        readonly method: AuthMethod;
        readonly group: GroupNumber;
        readonly hash: HashAlgorithm;
        readonly cipher: Phase1Cipher;
        /** The negotiated size; undefined for ciphers of a fixed one. */
        readonly keyBits: number | undefined;
        /** The prf, when it is not simply the HMAC of the hash. */
        readonly prf: HashAlgorithm | undefined;
        /** Group that Phase 2 asks for; 0 is none. */
        readonly pfsGroup: GroupNumber;
      }
    | undefined;
  /** 0 is no limit. */
  readonly limits: { readonly seconds: number; readonly kilobytes: number; readonly keyUses: number };
  readonly usage: Phase1Usage;
  readonly errors: Phase1Errors;
  /** Undefined unless the peer supports dead peer detection (RFC 3706). `at` in seconds since 1970. */
  readonly deadPeerDetection?: {
    readonly state: 'idle' | 'probing' | 'alive' | 'dead';
    readonly at: number;
  };
  readonly localIdentity: IdentityView | undefined;
  readonly remoteIdentity: IdentityView | undefined;
  /** Only when keying material was asked for. The request handler wipes these copies after use. */
  readonly keys?: readonly { readonly type: keyof typeof KEY_TYPE; readonly bytes: Bytes }[];
}

export type Phase1Match = { readonly local: Address; readonly remote: Address } | CookiePair;

/** Algorithms that Phase 1 can use here and now. */
export interface AlgorithmsView {
  readonly groups: readonly GroupNumber[];
  /** `keyBits` undefined when the size is fixed. */
  readonly ciphers: readonly {
    readonly cipher: Phase1Cipher;
    readonly keyBits: { readonly low: number; readonly high: number } | undefined;
  }[];
  readonly hashes: readonly HashAlgorithm[];
}

export type UpOutcome = Established | { readonly outcome: 'failed'; readonly failure: Failure };

/**
 * Implemented by the daemon. Calls without a promise answer at once from records. `withKeys` is true only at privilege
 * `keymat`; the views then hold copies of the keys, which the caller wipes.
 */
export interface Administration
  extends
    RuleAdministration,
    PresharedAdministration,
    CertificateAdministration,
    TokenAdministration,
    ExplanationAdministration,
    DoctorAdministration {
  /**
   * The Phase 1 SA, negotiating or established, with the lowest serial number at or above `from`; undefined when there
   * is none. Serials grow from 1 within a run and are never reused, so that a listing survives changes under it.
   */
  phase1From(from: number, withKeys: boolean): Listed<Phase1SaView> | undefined;
  /** The first that fits. Ports do not matter. */
  findPhase1(match: Phase1Match, withKeys: boolean): Phase1SaView | undefined;
  /** Deletes all that fit, telling their peers; how many there were. */
  deletePhase1(match: Phase1Match): number;
  /** Deletes all; how many there were. */
  flushPhase1(): number;
  statistics(): Phase1Statistics;
  load(): LoadReport;
  defaults(): { readonly builtIn: DefaultsView; readonly inUse: DefaultsView };
  algorithms(): AlgorithmsView;
  debugLevel(): number;
  /**
   * `level` is within the known bits. With `file`, debug output is appended to it from now on, and it stays open. NO_DESC
   * when there is nowhere to write; SYS_ERR with `errno` when the file is not for writing.
   */
  setDebugLevel(level: number, file: DoorFile | undefined): Result<void, DoorError>;
  privilege(): PrivilegeLevel;
  /** Called with a level at or below the current one only. */
  lowerPrivilege(level: PrivilegeLevel): void;
  /** Negotiates as if a packet had asked; settles when it is decided. Must not reject. */
  up(request: UpRequest): Promise<UpOutcome>;
  /** Present where the kernel takes packets by hand: the embedded one. */
  readonly packets?: PacketDesk;
  /** Present where negotiations can be recorded. */
  readonly recorder?: RecorderDesk;
  /** Present where the page can be served. */
  readonly inspector?: InspectorDesk;
  /** Present where the stream can be followed. */
  readonly eventDesk?: EventDesk;
}
