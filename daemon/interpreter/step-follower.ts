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
const followers = new Map<AnyActorRef, StepFollower>();

export function runsByTables(machine: AnyStateMachine): void {
  byTables.add(machine);
}

/** Undefined when `machine`, the chart of `actor`, is run by XState itself; else what ends it: it must be called. */
export function followSteps(
  actor: AnyActorRef,
  machine: AnyStateMachine,
  follower: StepFollower,
): (() => void) | undefined {
  if (!byTables.has(machine)) return undefined;
  followers.set(actor, follower);
  return () => {
    if (followers.get(actor) === follower) followers.delete(actor);
  };
}

/** Mostly there is none at all. */
export function followerOf(actor: AnyActorRef): StepFollower | undefined {
  return followers.size === 0 ? undefined : followers.get(actor);
}
