/**
 * The timers of `after`, for each actor that has any. XState's scheduler names each by the actor and the state in one new
 * string, which is a new property of a table: that took 10 us a timer, this takes one.
 */
import type { AnyActorRef, AnyActorScope, AnyEventObject } from 'xstate';

type System = AnyActorScope['system'];

/** One that is set. */
interface Timer {
  readonly id: string;
  /** Of the clock. */
  readonly handle: unknown;
}

/** A chart has two at most: a list is smaller than a map, and as quick. */
const timersOf = new WeakMap<AnyActorRef, Timer[]>();

export function schedule(
  actor: AnyActorRef,
  system: System,
  event: AnyEventObject,
  ms: number,
  id: string,
): void {
  const handle: unknown = system._clock.setTimeout(() => {
    take(actor, id);
    actor.send(event);
  }, ms);
  const timer = { id, handle };
  const timers = timersOf.get(actor);
  if (timers === undefined) timersOf.set(actor, [timer]);
  else timers.push(timer);
}

export function cancel(actor: AnyActorRef, system: System, id: string): void {
  const timer = take(actor, id);
  if (timer !== undefined) system._clock.clearTimeout(timer.handle);
}

/** At the end of the actor. */
export function cancelAll(actor: AnyActorRef, system: System): void {
  const timers = timersOf.get(actor);
  if (timers === undefined) return;
  for (const { handle } of timers) system._clock.clearTimeout(handle);
  timersOf.delete(actor);
}

function take(actor: AnyActorRef, id: string): Timer | undefined {
  const timers = timersOf.get(actor);
  const at = timers?.findIndex((timer) => timer.id === id) ?? -1;
  return at < 0 ? undefined : timers?.splice(at, 1)[0];
}
