/**
 * What a step of a chart does, one thing after the other: read once from the actions as XState keeps them, run for every
 * negotiation. Whoever executes actions is asked exactly as XState's own interpreter asks: watchers and tests see no
 * difference.
 */
import {
  type AnyActorLogic,
  type AnyActorRef,
  type AnyEventObject,
  type AnyStateMachine,
  type AnyStateNode,
  createActor,
} from 'xstate';
import type { JobLogic } from '../../machines/job.js';
import { Invocation, JobActor } from './job-actor.js';
import {
  type Arguments,
  argumentsOf,
  type Children,
  execute,
  type Macrostep,
  NO_CHILDREN,
  stopChild,
} from './macrostep.js';
import { cancel, schedule } from './timers.js';

export type Operation = (step: Macrostep) => void;

/** Guards, delays, inputs and assigned values: plain functions of what is known. */
type Mapping = (args: object, params?: unknown) => unknown;

/** What a state does when it is entered. Throws on what no chart here uses. */
export function entryOf(machine: AnyStateMachine, node: AnyStateNode): readonly Operation[] {
  return [
    ...node.entry.map((action) => operationOf(machine, action)),
    ...node.invoke.map(({ id, src, input }: InvokeDefinition) => invoke(machine, id, src, input)),
  ];
}

/** What it does when it is left. */
export function exitOf(machine: AnyStateMachine, node: AnyStateNode): readonly Operation[] {
  return [
    ...node.exit.map((action) => operationOf(machine, action)),
    ...node.invoke.map(({ id }: InvokeDefinition) => stop(id)),
  ];
}

interface InvokeDefinition {
  readonly id: string;
  readonly src: unknown;
  readonly input?: unknown;
}

export function operationOf(machine: AnyStateMachine, action: unknown): Operation {
  const found = typeof action === 'string' ? property(machine.implementations.actions, action) : action;
  if (!isFunction(found)) throw unknown(machine, 'action', action);
  if (property(found, 'resolve') === undefined)
    return effect(typeof action === 'string' ? action : found.name, found);
  switch (property(found, 'type')) {
    case 'xstate.assign':
      return assignment(machine, property(found, 'assignment'));
    case 'xstate.raise':
      return raise(machine, found);
    case 'xstate.cancel':
      return cancellation(String(property(found, 'sendId')));
    default:
      throw unknown(machine, 'action', action);
  }
}

function effect(type: string, exec: Mapping): Operation {
  return (step) => {
    execute(step, type, argumentsOf(step), undefined, exec);
  };
}

function assignment(machine: AnyStateMachine, given: unknown): Operation {
  // A function in place of the table may assign anything: no chart here has one.
  if (typeof given !== 'object' || given === null) throw unknown(machine, 'kind of action', 'xstate.assign');
  const values: readonly (readonly [string, unknown])[] = Object.entries(given);
  return (step) => {
    const context: Record<string, unknown> = { ...step.context };
    for (const [key, value] of values) context[key] = isFunction(value) ? value(step) : value;
    step.context = context;
  };
}

/** At once, or after a delay. */
function raise(machine: AnyStateMachine, action: Mapping): Operation {
  const event = property(action, 'event');
  const id = property(action, 'id');
  const named = property(action, 'delay');
  if (!isEvent(event)) throw unknown(machine, 'event', event);
  const delay: unknown = typeof named === 'string' ? property(machine.implementations.delays, named) : named;
  if (typeof id !== 'string') {
    const raised = { event, id: undefined, delay: undefined };
    return (step) => {
      step.raised.push(event);
      execute(step, 'xstate.raise', step, raised, undefined);
    };
  }
  return (step) => {
    const ms = isFunction(delay) ? delay(step) : delay;
    if (typeof ms !== 'number') throw unknown(machine, 'delay', named);
    execute(step, 'xstate.raise', step, { event, id, delay: ms }, scheduled);
  };
}

interface Delayed {
  readonly event: AnyEventObject;
  readonly id: string;
  readonly delay: number;
}

function scheduled({ self, system }: Arguments, { event, id, delay }: Delayed): void {
  schedule(self, system, event, delay, id);
}

function cancellation(sendId: string): Operation {
  const params = { sendId };
  const exec = ({ self, system }: Arguments): void => {
    cancel(self, system, sendId);
  };
  return (step) => {
    execute(step, 'xstate.cancel', step, params, exec);
  };
}

function invoke(machine: AnyStateMachine, id: string, src: unknown, mapping: unknown): Operation {
  const logic: unknown = typeof src === 'string' ? property(machine.implementations.actors, src) : undefined;
  if (typeof src !== 'string' || !isLogic(logic)) throw unknown(machine, 'job', src);
  const invocation = isJob(logic) ? new Invocation(id, src, logic) : undefined;
  return (step) => {
    const { scope, self } = step;
    const input = isFunction(mapping) ? mapping(step) : mapping;
    const actorRef =
      invocation === undefined
        ? createActor(logic, { id, src, parent: self, input })
        : new JobActor(invocation, self, input);
    // Not a spread that is added to: V8 gives each such object a hidden class of its own.
    const children: Record<string, AnyActorRef> = {};
    if (step.children !== NO_CHILDREN) Object.assign(children, step.children);
    children[id] = actorRef;
    step.children = children;
    // V8 makes room for seventeen where it spreads an empty list.
    step.unbegun = step.unbegun.length === 0 ? [actorRef] : [...step.unbegun, actorRef];
    execute(step, 'xstate.spawnChild', step, { id, actorRef, src, input }, () => {
      scope.defer(() => {
        if (step.unbegun.includes(actorRef)) actorRef.start();
      });
    });
  };
}

function stop(id: string): Operation {
  return (step) => {
    const child = step.children[id];
    if (child === undefined) return;
    step.children = without(step.children, id);
    stopChild(step, child);
  };
}

function without(children: Children, id: string): Children {
  let others: Record<string, AnyActorRef> | undefined;
  for (const key in children) {
    const child = children[key];
    if (key === id || child === undefined) continue;
    others ??= {};
    others[key] = child;
  }
  return others ?? NO_CHILDREN;
}

export function property(value: unknown, key: string): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Reflect.get(value, key)
    : undefined;
}

export function isFunction(value: unknown): value is Mapping {
  return typeof value === 'function';
}

function isEvent(value: unknown): value is AnyEventObject {
  return typeof property(value, 'type') === 'string' && !isFunction(value);
}

function isLogic(value: unknown): value is AnyActorLogic {
  return isFunction(property(value, 'transition'));
}

function isJob(logic: AnyActorLogic): logic is JobLogic<unknown> {
  return property(logic, 'isJob') === true;
}

/** A chart may grow: then its interpreter must learn the word first. */
export function unknown(machine: AnyStateMachine, kind: string, what: unknown): Error {
  const type = property(what, 'type');
  const name = typeof what === 'string' ? what : typeof type === 'string' ? type : typeof what;
  return new Error(`chart ${machine.id} has a ${kind} that daemon/interpreter does not know: ${name}`);
}
