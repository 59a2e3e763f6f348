/** What a conversation is told and says, entry by entry; `reel.ts` keeps it. */
import type { NegotiationId } from '../../services/events/event.js';
import type { Endpoint } from '../../services/net/address.js';
import type { Bytes } from '../../services/bytes.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import type {
  Beginning,
  Circumstance,
  Question,
  StandingPhase1,
  Withdrawal,
} from '../../services/ports/recorder.js';
import type { RecordedPort } from '../../services/record/entry.js';

export type TakenOutcome = { readonly value: unknown } | { readonly error: unknown };

export type Taken = {
  /** Orders what several negotiations did. */
  readonly sequence: number;
  readonly at: number;
  readonly by: NegotiationId;
} & (
  | { readonly kind: 'begin'; readonly beginning: Beginning }
  | {
      readonly kind: 'in' | 'out';
      readonly local: Endpoint;
      readonly remote: Endpoint;
      readonly bytes: Bytes;
    }
  | {
      readonly kind: 'call';
      readonly port: RecordedPort;
      readonly op: string;
      readonly args: readonly unknown[];
      /** Undefined for a promise: it is settled by the `done` of the same number. */
      readonly outcome: TakenOutcome | undefined;
      readonly number: number | undefined;
      /** A copy of the key that was made, in a recording with secrets. */
      readonly secret: KeyHandle | undefined;
    }
  | {
      readonly kind: 'done';
      readonly port: RecordedPort;
      readonly op: string;
      readonly number: number;
      readonly outcome: TakenOutcome;
      /** As in `call`. */
      readonly secret: KeyHandle | undefined;
    }
  | { readonly kind: 'timer'; readonly number: number }
  | { readonly kind: 'withdrawn'; readonly withdrawal: Withdrawal }
  | { readonly kind: 'circumstance'; readonly which: Circumstance; readonly value: boolean }
  | { readonly kind: 'answer'; readonly question: Question; readonly value: boolean }
  | { readonly kind: 'stands'; readonly phase1: StandingPhase1; readonly copies: readonly KeyHandle[] }
  | { readonly kind: 'event'; readonly event: StampedEvent }
);

type WithoutStamp<T> = T extends unknown ? Omit<T, 'sequence' | 'at' | 'by'> : never;

/** What a port tells of itself; when and whose it was the tape knows. */
export type Note = WithoutStamp<Taken>;

/** What comes a few times in a conversation. */
export type RareNote = Extract<
  Note,
  { kind: 'begin' | 'withdrawn' | 'circumstance' | 'answer' | 'stands' | 'event' }
>;
