/** What the chart that runs looks like: `machine.root` walked into plain data, with everything named for people. */
import { and, not, or, stateIn } from 'xstate';
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type { ChartDescription, ChartEdge, ChartNode } from '../services/ports/inspection.js';

/** `id` is the chart's key in the registry; node ids stay those of XState. */
export function describeChart(id: string, machine: AnyStateMachine): ChartDescription {
  const nodes: ChartNode[] = [];
  const edges: ChartEdge[] = [];
  const visit = (node: AnyStateNode): void => {
    nodes.push(describeNode(node));
    for (const transition of transitionsOf(node)) edges.push(...describeTransition(transition));
    for (const child of Object.values<AnyStateNode>(node.states)) visit(child);
  };
  visit(machine.root);
  return { id, nodes, edges };
}

/** `<source id>#<event type>#<branch index>`; what the running chart reports and what the drawing carries are this. */
export function edgeId(transition: AnyTransitionDefinition): string {
  const event = String(transition.eventType);
  const source: AnyStateNode = transition.source;
  const branches: readonly AnyTransitionDefinition[] =
    (event === '' ? source.always : source.transitions.get(event)) ?? [];
  return `${source.id}#${event === '' ? 'always' : event}#${String(branches.indexOf(transition))}`;
}

/** The event of a transition as people say it: `message`, `after interval`, `done: crypto.sharedSecret`, `always`. */
export function eventWords(transition: AnyTransitionDefinition): string {
  const event = String(transition.eventType);
  const source: AnyStateNode = transition.source;
  if (event === '') return 'always';
  if (event === '*') return 'anything else';
  if (event.startsWith('xstate.after.')) {
    const delay = event.slice('xstate.after.'.length, -(source.id.length + 1));
    return /^\d+$/.test(delay) ? `after ${delay} ms` : `after ${delay}`;
  }
  if (event.startsWith('xstate.done.state.')) return 'done';
  for (const [prefix, word] of JOB_EVENTS) {
    if (!event.startsWith(prefix)) continue;
    const job = source.invoke.find((invoke) => invoke.id === event.slice(prefix.length));
    return job === undefined ? word : `${word}: ${sourceName(job.src)}`;
  }
  return event;
}

const JOB_EVENTS: readonly (readonly [prefix: string, word: string])[] = [
  ['xstate.done.actor.', 'done'],
  ['xstate.error.actor.', 'error'],
  ['xstate.snapshot.', 'update'],
];

function transitionsOf(node: AnyStateNode): readonly AnyTransitionDefinition[] {
  return [...[...node.transitions.values()].flat(), ...(node.always ?? [])];
}

function describeNode(node: AnyStateNode): ChartNode {
  return {
    id: node.id,
    key: node.key,
    parent: node.parent?.id,
    type: node.type === 'history' ? 'atomic' : node.type,
    initial: node.type === 'compound' ? node.initial.target[0]?.id : undefined,
    description: node.description ?? '',
    tags: [...node.tags],
    entry: actionNames(node.entry),
    exit: actionNames(node.exit),
    invokes: node.invoke.map((invoke) => sourceName(invoke.src)),
  };
}

/** A transition into several regions gives an edge for each target; they share the id and light up together. */
function describeTransition(transition: AnyTransitionDefinition): readonly ChartEdge[] {
  const source: AnyStateNode = transition.source;
  const targets: readonly (AnyStateNode | undefined)[] = transition.target ?? [undefined];
  return targets.map((target) => ({
    id: edgeId(transition),
    source: source.id,
    target: target?.id,
    event: eventWords(transition),
    guard: transition.guard === undefined ? undefined : guardName(transition.guard),
    actions: actionNames(transition.actions),
  }));
}

/** Actors are declared by name in `setup`; one that is not has none to show. */
function sourceName(source: unknown): string {
  return typeof source === 'string' && !source.startsWith('xstate.invoke.') ? source : 'job';
}

function property(value: unknown, key: string): unknown {
  return (typeof value === 'object' && value !== null) || typeof value === 'function'
    ? Reflect.get(value, key)
    : undefined;
}

/** Told by what they share, not by function names: those are lost when the daemon is bundled and minified. */
const COMPOSITES: readonly (readonly [check: unknown, write: (parts: readonly string[]) => string])[] = [
  [property(and([]), 'check'), (parts) => parts.join(' and ')],
  [property(or([]), 'check'), (parts) => parts.join(' or ')],
  [property(not('x'), 'check'), (parts) => `not ${parts.join('')}`],
];
const STATE_IN = property(stateIn('x'), 'check');

function guardName(guard: unknown, nested = false): string {
  if (typeof guard === 'string') return guard;
  const check = property(guard, 'check');
  if (check !== undefined && check === STATE_IN) return `in ${stateWords(property(guard, 'stateValue'))}`;
  const composite = COMPOSITES.find(([composed]) => composed === check);
  const parts = property(guard, 'guards');
  if (composite !== undefined && check !== undefined && Array.isArray(parts)) {
    const text = composite[1](parts.map((part: unknown) => guardName(part, true)));
    return nested && parts.length > 1 ? `(${text})` : text;
  }
  return namedWithParameters(guard) ?? 'guard';
}

function stateWords(value: unknown): string {
  return typeof value === 'string' ? value.replace(/^#/, '') : JSON.stringify(value);
}

function actionNames(actions: readonly unknown[]): readonly string[] {
  return actions.filter((action) => !isTimerPlumbing(action)).map(actionName);
}

/** XState arms and cancels the timers of `after` by actions of its own, which are no part of the chart as written. */
function isTimerPlumbing(action: unknown): boolean {
  const timer = property(action, 'type') === 'xstate.cancel' ? 'sendId' : 'id';
  const id = property(action, timer);
  return typeof id === 'string' && id.startsWith('xstate.after.');
}

function actionName(action: unknown): string {
  if (typeof action === 'string') return action;
  const type = property(action, 'type');
  if (type === 'xstate.raise') {
    const event = property(property(action, 'event'), 'type');
    return typeof event === 'string' ? `raise ${event}` : 'raise';
  }
  if (typeof type === 'string' && type.startsWith('xstate.')) return type.slice('xstate.'.length);
  return namedWithParameters(action) ?? 'action';
}

/** `name` or `name(values of its plain parameters)`. */
function namedWithParameters(value: unknown): string | undefined {
  const type = property(value, 'type') ?? property(value, 'name');
  if (typeof type !== 'string' || type === '') return undefined;
  const parameters = property(value, 'params');
  if (typeof parameters !== 'object' || parameters === null) return type;
  const plain = Object.values(parameters).filter(
    (parameter: unknown) => typeof parameter === 'string' || typeof parameter === 'number',
  );
  return plain.length === 0 ? type : `${type}(${plain.map(String).join(', ')})`;
}
