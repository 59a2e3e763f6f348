/** What XState's actors and their system do for each other, and have no word for in their types. */
import type { AnyActorRef, AnyActorScope, AnyEventObject } from 'xstate';

export interface Insides {
  /** A name for an actor that no other has. */
  _bookId(): string;
  /** From actor to actor, and to those who inspect. */
  _relay(source: AnyActorRef | undefined, target: AnyActorRef, event: AnyEventObject): void;
  _sendInspectionEvent(event: object): void;
}

export function insidesOf(system: AnyActorScope['system']): Insides {
  if (!hasInsides(system)) throw new Error('this version of XState has another system of actors inside');
  return system;
}

function hasInsides(system: object): system is Insides {
  return '_bookId' in system && '_relay' in system && '_sendInspectionEvent' in system;
}

/** Of XState's `ProcessingStatus`. */
const RUNNING = 1;

/** Whether `scope` is what the actor itself gives its logic, and not somebody's who asks what a chart would do. */
export function isScopeOf(actor: AnyActorRef, scope: object): boolean {
  return '_actorScope' in actor && actor._actorScope === scope;
}

/** Between its start and its end: before, actions wait for the start. */
export function isRunning(actor: AnyActorRef): boolean {
  return '_processingStatus' in actor && actor._processingStatus === RUNNING;
}
