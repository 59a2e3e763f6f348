/** Why something failed, for two audiences that never share a field: the peer (`wire`) and the operator. */
import type { Wanted } from '../certs/wanted.js';
import type { FailureCode } from './codes.js';

export type Blame = 'peer' | 'local' | 'config' | 'network';

/** What the peer may learn: a notify of this type (RFC 2408 3.14.1), or nothing. */
export type WireAnswer =
  { readonly answer: 'silence' } | { readonly answer: 'notify'; readonly type: number };

export const SILENCE: WireAnswer = { answer: 'silence' };

/** One offer against one thing we accept, attribute by attribute; the evidence of a refusal. */
export interface Comparison {
  /** What was offered, e.g. `offer 1, transform 2`. */
  readonly offered: string;
  /** What it was held against, e.g. `rule "alpha to beta", transform 1`. */
  readonly against: string;
  readonly where?: { readonly file: string; readonly line: number };
  readonly attributes: readonly {
    readonly name: string;
    readonly offered: string;
    readonly accepted: string;
    readonly agrees: boolean;
  }[];
}

/** Something in a configuration file, and where it stands. */
export interface NamedPlace {
  /** As in `rule "east"`, `an entry of ike.preshared`. */
  readonly what: string;
  readonly file: string;
  readonly line: number;
}

export interface Failure {
  readonly code: FailureCode;
  /** `Main Mode`, `Quick Mode`, ...; empty when no exchange had begun. */
  readonly exchange: string;
  /** Number of the message at which it failed, from 1; 0 when none. */
  readonly message: number;
  readonly payload?: string;
  readonly blame: Blame;
  readonly wire: WireAnswer;
  /** What happened, one or two plain sentences for the operator. Never holds key material. */
  readonly explanation: string;
  /** What to do about it. */
  readonly hint: string;
  /** What a fetch could bring so that another attempt succeeds; the certificate fetcher reads it. */
  readonly wanted?: readonly Wanted[];
  /** Nearest first. */
  readonly comparisons?: readonly Comparison[];
  /** What in the configuration it is about, where more than the rule in use; what to look at first comes first. */
  readonly places?: readonly NamedPlace[];
}
