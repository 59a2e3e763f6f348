/** What the inspector's list is made from, and what of it is kept by others. */
import type { Bytes } from '../services/bytes.js';
import type { NegotiationId } from '../services/events/event.js';
import type { Explanation } from '../services/explain/explanation.js';
import type { StampedEvent } from '../services/ports/events.js';
import type { RecordingWords } from '../services/ports/inspection.js';

export interface InspectionLimits {
  /** Negotiations under way; beyond it the oldest is forgotten. */
  readonly live: number;
  readonly ended: number;
  /** Events per negotiation; beyond it the oldest are forgotten. */
  readonly events: number;
  /** Negotiations that are followed though nobody has selected them. Undefined: all. */
  readonly followed?: { readonly atOnce: number; readonly perSecond: number };
}

/** A handshake is four: two exchanges and the SAs they make. */
export const DEFAULT_LIMITS: InspectionLimits = {
  live: 50_000,
  ended: 1000,
  events: 500,
  followed: { atOnce: 400, perSecond: 16 },
};

/** The bytes of messages, where somebody keeps them. */
export interface KeptMessages {
  find(
    id: NegotiationId,
    sequence: number,
  ): { readonly datagram: Bytes; readonly plaintext: Bytes | undefined } | undefined;
  /** Whether decrypted bytes may be shown. */
  showsPlaintext(): boolean;
}

export const NONE_KEPT: KeptMessages = { find: () => undefined, showsPlaintext: () => false };

/** Charts of which nobody is told, step by step. */
export interface KeptSteps {
  /** As events, oldest first. */
  of(id: NegotiationId): readonly StampedEvent[];
  /** Its active states now, or at its end; undefined when that is not known. */
  stateOf(id: NegotiationId, chart: string): readonly string[] | undefined;
  /** From now on its steps are events. */
  tell(id: NegotiationId): void;
  /** Nobody will ask. */
  drop(id: NegotiationId): void;
}

export const NO_STEPS: KeptSteps = {
  of: () => [],
  stateOf: () => undefined,
  tell: () => undefined,
  drop: () => undefined,
};

export interface InspectionSources {
  readonly explain: (id: NegotiationId) => Explanation | undefined;
  readonly messages?: KeptMessages;
  /** What is known of negotiations that began before, in the order of the stream. */
  readonly begun?: readonly StampedEvent[];
  /**
   * The same again, where what begins while nobody watches, and is not followed, may be passed over. `isKnown`: not that one.
   */
  readonly catchUp?: (isKnown: (id: NegotiationId) => boolean) => readonly StampedEvent[];
  readonly steps?: KeptSteps;
  /** What the flight recorder has of one that is not followed. */
  readonly recorded?: (id: NegotiationId) => readonly StampedEvent[];
  readonly limits?: InspectionLimits;
  /** Of what it is, when it is not of a daemon. */
  readonly recording?: RecordingWords;
}
