/** How a started chart is offered to whoever watches charts. Nobody watching costs nothing. */
import type { AnyActorRef } from 'xstate';
import type { NegotiationId } from '../services/events/event.js';

/** Called between creation and start of an actor; returns what ends the watching. */
export interface ChartWatcher {
  (actor: AnyActorRef, id: NegotiationId): () => void;
  /** A record has come into being that rests without an actor, where this chart begins. */
  readonly rests?: (id: NegotiationId, chart: string) => void;
}

export const UNWATCHED: ChartWatcher = () => () => undefined;
