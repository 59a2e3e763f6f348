/** How a started chart is offered to whoever watches charts. Nobody watching costs nothing. */
import type { AnyActorRef } from 'xstate';
import type { NegotiationId } from '../services/events/event.js';

/** Called between creation and start of an actor; returns what ends the watching. */
export type ChartWatcher = (actor: AnyActorRef, id: NegotiationId) => () => void;

export const UNWATCHED: ChartWatcher = () => () => undefined;
