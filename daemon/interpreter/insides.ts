/** What XState's system of actors does for its own actors, and has no word for in its types. */
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
