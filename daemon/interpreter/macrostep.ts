/** One macrostep under way (SCXML 3.13): what an event, and the events raised by it, have changed so far. */
import type { AnyActorRef, AnyActorScope, AnyEventObject } from 'xstate';
import { type Insides, isRunning } from './insides.js';

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
  readonly insides: Insides;
  /** The scope is the actor's own: actions may be executed here, as it does. */
  readonly own: boolean;
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
    readonly exec: ((info: Arguments) => void) | undefined;
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

/** What is done, given what it is told and its parameters. */
type Execution<Params> = (info: Arguments, params: Params) => void;

/**
 * At once, or when an actor that is being made is started. XState makes a closure and three objects for each action to the
 * same end; a handshake has a hundred of them.
 */
export function execute<Params>(
  step: Macrostep,
  type: string,
  info: Arguments,
  params: Params,
  exec: Execution<Params> | undefined,
): void {
  if (!step.own) askScope(step.scope, type, info, params, exec);
  else if (isRunning(step.scope.self)) perform(step, type, info, params, exec);
  else postpone(step, type, info, params, exec);
}

// Apart from `execute`: what closures hold on to would be made for every action that needs none.
function askScope<Params>(
  scope: Scope,
  type: string,
  info: Arguments,
  params: Params,
  exec: Execution<Params> | undefined,
): void {
  const run = (given: Arguments): void => {
    exec?.(given, params);
  };
  scope.actionExecutor({ type, info, params, exec: exec === undefined ? undefined : run });
}

function postpone<Params>(
  step: Macrostep,
  type: string,
  info: Arguments,
  params: Params,
  exec: Execution<Params> | undefined,
): void {
  step.scope.defer(() => {
    perform(step, type, info, params, exec);
  });
}

function perform<Params>(
  { insides, scope }: Macrostep,
  type: string,
  info: Arguments,
  params: Params,
  exec: Execution<Params> | undefined,
): void {
  insides._sendInspectionEvent({ type: '@xstate.action', actorRef: scope.self, action: { type, params } });
  exec?.(info, params);
}

export function stopChild(step: Macrostep, child: AnyActorRef): void {
  execute(step, 'xstate.stopChild', step, child, () => {
    if (step.unbegun.length > 0) step.unbegun = step.unbegun.filter((other) => other !== child);
    step.scope.stopChild(child);
  });
}
