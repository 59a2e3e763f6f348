/** One macrostep under way (SCXML 3.13): what an event, and the events raised by it, have changed so far. */
import type { AnyActorRef, AnyActorScope, AnyEventObject } from 'xstate';

export type Children = Readonly<Record<string, AnyActorRef>>;

export const NO_CHILDREN: Children = {};

/** What a snapshot has beside the states. */
export interface Held {
  readonly context: object;
  readonly children: Children;
}

/** Guards, delays, inputs and assigned values are given it as it is: they look at once, and at nothing else of it. */
export interface Macrostep extends Arguments {
  readonly scope: Scope;
  event: AnyEventObject;
  context: object;
  children: Children;
  /** Children made in it: begun when it is over, unless it has stopped them. */
  unbegun: readonly AnyActorRef[];
  readonly raised: AnyEventObject[];
}

/** What an actor lets its logic do; XState's `ActorScope`. */
export interface Scope {
  readonly self: AnyActorRef;
  readonly system: AnyActorScope['system'];
  /** When the actor has its new snapshot. */
  defer(run: () => void): void;
  stopChild(child: AnyActorRef): void;
  /** At once, or when an actor that is being made is started; and tells those who inspect. */
  actionExecutor(action: {
    readonly type: string;
    readonly info: Arguments;
    readonly params: unknown;
    readonly exec: ((info: Arguments, params: unknown) => void) | undefined;
  }): void;
}

/** What actions and delays are given. */
export interface Arguments {
  readonly context: object;
  readonly event: AnyEventObject;
  readonly self: AnyActorRef;
  readonly system: AnyActorScope['system'];
}

/** For actions, which may look later: a step goes on. */
export function argumentsOf({ context, event, self, system }: Macrostep): Arguments {
  return { context, event, self, system };
}

/** What the interpreter does itself, and looks at nothing that changes. */
export function report(
  step: Macrostep,
  type: string,
  params: object,
  exec?: (info: Arguments) => void,
): void {
  step.scope.actionExecutor({ type, info: step, params, exec });
}

export function stopChild(step: Macrostep, child: AnyActorRef): void {
  report(step, 'xstate.stopChild', child, () => {
    if (step.unbegun.length > 0) step.unbegun = step.unbegun.filter((other) => other !== child);
    step.scope.stopChild(child);
  });
}
