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

const TIMERS: unique symbol = Symbol('timers');

/**
 * A chart has two at most: a list is smaller than a map, and as quick. It is kept by the actor, not in a `WeakMap`: what such
 * a map has held when it was made anew, V8's collections of young objects take for alive, and move it to the old ones.
 */
type TimedActor = AnyActorRef & { [TIMERS]?: Timer[] | undefined };

export function schedule(
  actor: TimedActor,
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
  const timers = actor[TIMERS];
  if (timers === undefined) actor[TIMERS] = [timer];
  else timers.push(timer);
}

export function cancel(actor: TimedActor, system: System, id: string): void {
  const timer = take(actor, id);
  if (timer !== undefined) system._clock.clearTimeout(timer.handle);
}

/** At the end of the actor. */
export function cancelAll(actor: TimedActor, system: System): void {
  const timers = actor[TIMERS];
  if (timers === undefined) return;
  for (const { handle } of timers) system._clock.clearTimeout(handle);
  actor[TIMERS] = undefined;
}

function take(actor: TimedActor, id: string): Timer | undefined {
  const timers = actor[TIMERS];
  const at = timers?.findIndex((timer) => timer.id === id) ?? -1;
  return at < 0 ? undefined : timers?.splice(at, 1)[0];
}
