/** How a started chart is offered to whoever watches charts. Nobody watching costs nothing. */
import type { AnyActorRef } from 'xstate';
import type { NegotiationId } from '../services/events/event.js';

/** Called between creation and start of an actor; returns what ends the watching. */
export interface ChartWatcher {
  (actor: AnyActorRef, id: NegotiationId): () => void;
  /** Whether anybody sees what is offered now. One that does not say so always does. */
  readonly isWatching?: () => boolean;
}

export const UNWATCHED: ChartWatcher = Object.assign(() => () => undefined, { isWatching: () => false });
