/**
 * Who is told of the steps of one actor, straight from the interpreter. XState's own inspection copies a report of every
 * event, action and snapshot of the actor and its jobs: a fifth of what a handshake costs. This is told of steps alone.
 */
import type { AnyActorRef, AnyMachineSnapshot, AnyStateMachine, AnyTransitionDefinition } from 'xstate';

export interface StepFollower {
  /** Called after each microstep. Must not throw, and must not keep `after`: it holds jobs. */
  stepped(transitions: readonly AnyTransitionDefinition[], after: AnyMachineSnapshot): void;
}

const byTables = new WeakSet<AnyStateMachine>();

const FOLLOWER: unique symbol = Symbol('follower');

/**
 * The actor has it, not a `Map`: what such a map held when it was made anew, V8's collections of young objects take for
 * alive, and move it to the old ones. Where somebody watches that would be every actor.
 */
type FollowedActor = AnyActorRef & { [FOLLOWER]?: StepFollower | undefined };

export function runsByTables(machine: AnyStateMachine): void {
  byTables.add(machine);
}

export function isRunByTables(machine: AnyStateMachine): boolean {
  return byTables.has(machine);
}

/** Undefined when `machine`, the chart of `actor`, is run by XState itself; else what ends it: it must be called. */
export function followSteps(
  actor: FollowedActor,
  machine: AnyStateMachine,
  follower: StepFollower,
): (() => void) | undefined {
  if (!isRunByTables(machine)) return undefined;
  actor[FOLLOWER] = follower;
  return () => {
    if (actor[FOLLOWER] === follower) actor[FOLLOWER] = undefined;
  };
}

/** Mostly there is none at all. */
export function followerOf(actor: FollowedActor): StepFollower | undefined {
  return actor[FOLLOWER];
}
