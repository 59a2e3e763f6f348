/**
 * What a recording holds: the inputs of a negotiation in the order in which they came, and what it said and asked.
 * Values of port calls stand as text: `0x...` for bytes, `#n` for a key handle, `?` for what was left out, `?...`
 * at the end of arguments for any number of them.
 */
import type { NegotiationId } from '../events/event.js';
import type { Endpoint } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import type { SourcePosition } from '../policy/rule.js';
import type { StampedEvent } from '../ports/events.js';
import type { IpsecPolicy } from '../ports/kernel.js';
import type { Circumstance, Question, Withdrawal } from '../ports/recorder.js';
import type { RecordedPhase1 } from './recorded-phase1.js';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** How a call came out: what it gave, or what it threw or rejected with. */
export type CallOutcome =
  { readonly value: Json } | { readonly error: { readonly [key: string]: Json; readonly message: string } };

export type RecordedPort = 'crypto' | 'kernel' | 'random';

interface Stamp {
  /** `Clock.now()`, milliseconds. */
  readonly at: number;
  /** Whose it is. */
  readonly by: NegotiationId;
}

export interface RecordedDatagram {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly bytes: string;
}

export type Entry = Stamp &
  (
    | {
        readonly kind: 'begin';
        readonly chart: string;
        readonly parent?: NegotiationId;
        readonly under?: NegotiationId;
        readonly offer?: { readonly local: Endpoint; readonly remote: Endpoint; readonly rule: string };
        readonly question?: {
          readonly policy: IpsecPolicy;
          readonly near?: NegotiationId;
          readonly local: Endpoint;
        };
      }
    | ({ readonly kind: 'in' } & RecordedDatagram)
    | ({ readonly kind: 'out' } & RecordedDatagram)
    | {
        readonly kind: 'call';
        readonly port: RecordedPort;
        readonly op: string;
        readonly args: readonly Json[];
        /** Undefined for a promise: it settles in the `done` of the same number. */
        readonly outcome?: CallOutcome;
        readonly number?: number;
        /** Bytes of the key that the call made, in hex, in a recording with secrets. */
        readonly secret?: string;
      }
    | {
        readonly kind: 'done';
        readonly number: number;
        readonly outcome: CallOutcome;
        /** As in `call`. */
        readonly secret?: string;
      }
    /** The timer that this negotiation set as its `number`th went off. */
    | { readonly kind: 'timer'; readonly number: number }
    /** What begins from here on begins with another configuration. */
    | { readonly kind: 'config'; readonly config: RecordedConfig }
    | { readonly kind: 'withdrawn'; readonly withdrawal: Withdrawal }
    | { readonly kind: 'circumstance'; readonly which: Circumstance; readonly value: boolean }
    /** What the peer answered under an SA that stands. */
    | { readonly kind: 'answer'; readonly question: Question; readonly value: boolean }
    /** A Phase 1 whose exchange is not in the recording, as its SA stood when the recording begins. */
    | { readonly kind: 'stands'; readonly phase1: RecordedPhase1 }
    /** What its readers were told; a replay tells it again, and it must be the same. */
    | { readonly kind: 'event'; readonly event: StampedEvent }
  );

/** What an entry of ike.preshared(5) says, without the key unless it is a recording with secrets. */
export interface RecordedKey extends Omit<PresharedKey, 'key'> {
  readonly handle: number;
  readonly secret?: string;
}

export interface RecordedCertificate {
  readonly slot: string;
  readonly der: string;
  /** What kind of private key belongs to it and is ours. The key itself is in no recording. */
  readonly privateKey?: { readonly algorithm: 'rsa' | 'dsa'; readonly bits: number };
}

/** DER in hex, and where it came from. */
export interface RecordedObject {
  readonly source: string;
  readonly der: string;
}

export interface RecordedConfig {
  /** Counts configurations within a run of the daemon, from 1. */
  readonly version: number;
  /** As ike.config(5). */
  readonly text: string;
  /** Where rules and their transforms, as written, stood in the files they came from; by label. */
  readonly positions: Readonly<
    Record<string, { readonly rule: SourcePosition; readonly transforms: readonly SourcePosition[] }>
  >;
  readonly presharedKeys: readonly RecordedKey[];
  readonly certificates: readonly RecordedCertificate[];
  /** Those that are not too long. */
  readonly crls: readonly RecordedObject[];
  /** What had been fetched over the network, and what not. */
  readonly fetched: {
    readonly certificates: readonly RecordedObject[];
    readonly crls: readonly RecordedObject[];
    readonly pending: readonly string[];
    readonly failed: Readonly<Record<string, string>>;
  };
}

export interface RecordHeader {
  readonly format: 'ikerec';
  readonly version: number;
  /** The first negotiation that is more than a question, and all that are in it. */
  readonly id: NegotiationId;
  readonly negotiations: readonly NegotiationId[];
  readonly secrets: boolean;
  /** Milliseconds since 1970 UTC when `Clock.now()` was 0. */
  readonly epoch: number;
  readonly ikePort: number;
  readonly nattPort: number;
  /** Whether entries at the beginning or in the middle had to make room for later ones. */
  readonly incomplete: boolean;
  readonly config: RecordedConfig;
}

export interface Recording {
  readonly header: RecordHeader;
  readonly entries: readonly Entry[];
}

/**
 * 2 has `stands`, `answer` and the circumstance `isQuiet`; in 3 calls that may come later may have their outcome at once; in
 * 4 arguments may end with what was left out; in 5 keys are derived by one call for several. Files of 1 to 4 are read.
 */
export const RECORD_VERSION = 5;
