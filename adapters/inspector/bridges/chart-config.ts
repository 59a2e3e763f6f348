/**
 * A described chart as the configuration of a machine, in JSON: what other tools build their drawing from. Guards and
 * actions are names; the configuration can be shown, not run.
 */
import type { ChartDescription, ChartEdge, ChartNode } from '../../../services/ports/inspection.js';

export type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };
export type MachineConfig = Readonly<Record<string, Json>>;

/** XState 5 says `guard`, XState 4 `cond`. */
export type Generation = 4 | 5;

export function chartConfig(chart: ChartDescription, generation: Generation): MachineConfig {
  const root = chart.nodes.find((node) => node.parent === undefined);
  if (root === undefined) throw new Error(`the chart ${chart.id} has no root`);
  return { id: root.id, ...configOf(root, chart, generation) };
}

function configOf(node: ChartNode, chart: ChartDescription, generation: Generation): MachineConfig {
  const children = chart.nodes.filter(({ parent }) => parent === node.id);
  const initial = children.find(({ id }) => id === node.initial)?.key;
  const whens = whensOf(node, chart, generation);
  return {
    ...(node.type === 'parallel' || node.type === 'final' ? { type: node.type } : {}),
    ...(node.description === '' ? {} : { description: node.description }),
    ...(initial === undefined ? {} : { initial }),
    ...(node.tags.length === 0 ? {} : { tags: node.tags }),
    ...(node.entry.length === 0 ? {} : { entry: node.entry }),
    ...(node.exit.length === 0 ? {} : { exit: node.exit }),
    ...(node.invokes.length === 0
      ? {}
      : { invoke: node.invokes.map((src, index) => ({ src, ...whens.invokes(index) })) }),
    ...whens.rest,
    ...(children.length === 0
      ? {}
      : {
          states: Object.fromEntries(
            children.map((child) => [child.key, configOf(child, chart, generation)]),
          ),
        }),
  };
}

interface Whens {
  readonly invokes: (index: number) => MachineConfig;
  readonly rest: MachineConfig;
}

/** The transitions of a state, by what triggers them: an event, a delay, a job's end, or nothing. */
function whensOf(node: ChartNode, chart: ChartDescription, generation: Generation): Whens {
  const on: Record<string, Json> = {};
  const after: Record<string, Json> = {};
  const rest: Record<string, Json> = {};
  const invokes = new Map<number, Record<string, Json>>();
  for (const [event, branches] of branchesOf(node, chart)) {
    const transitions = branches.map((edges) => transitionOf(edges, generation));
    const job = JOB_END.exec(event);
    const delay = delayOf(event, node);
    if (event === 'always') rest.always = transitions;
    else if (event.startsWith('xstate.done.state.')) rest.onDone = transitions;
    else if (delay !== undefined) after[delay] = transitions;
    else if (job === null) on[event] = transitions;
    else {
      const [, how = '', index = '0'] = job;
      const invoke = invokes.get(Number(index)) ?? {};
      invoke[how === 'done' ? 'onDone' : 'onError'] = transitions;
      invokes.set(Number(index), invoke);
    }
  }
  if (Object.keys(on).length > 0) rest.on = on;
  if (Object.keys(after).length > 0) rest.after = after;
  return { invokes: (index) => invokes.get(index) ?? {}, rest };
}

/** The id that XState gives an invoked job begins with its index. */
const JOB_END = /^xstate\.(done|error)\.actor\.(\d+)\./;

function delayOf(event: string, node: ChartNode): string | undefined {
  const prefix = 'xstate.after.';
  return event.startsWith(prefix) ? event.slice(prefix.length, -(node.id.length + 1)) : undefined;
}

/** By event; of each its branches in order, of each branch the edges to its targets. */
function branchesOf(node: ChartNode, chart: ChartDescription): ReadonlyMap<string, readonly ChartEdge[][]> {
  const events = new Map<string, ChartEdge[][]>();
  for (const edge of chart.edges) {
    if (edge.source !== node.id) continue;
    const end = edge.id.lastIndexOf('#');
    const event = edge.id.slice(node.id.length + 1, end);
    const branches = events.get(event) ?? [];
    const place = Number(edge.id.slice(end + 1));
    (branches[place] ??= []).push(edge);
    events.set(event, branches);
  }
  return new Map(
    [...events].map(([event, branches]) => [event, branches.filter((edges) => edges.length > 0)]),
  );
}

function transitionOf(edges: readonly ChartEdge[], generation: Generation): MachineConfig {
  const [first] = edges;
  const targets = edges.flatMap(({ target }) => (target === undefined ? [] : [`#${target}`]));
  const [only] = targets;
  return {
    ...(only === undefined ? {} : { target: targets.length === 1 ? only : targets }),
    ...(first?.guard === undefined ? {} : { [generation === 5 ? 'guard' : 'cond']: first.guard }),
    ...(first === undefined || first.actions.length === 0 ? {} : { actions: first.actions }),
  };
}

/** The state value of XState, from the ids of the active state nodes. */
export function stateValue(chart: ChartDescription, active: readonly string[]): Json {
  const set = new Set(active);
  const root = chart.nodes.find((node) => node.parent === undefined);
  const valueOf = (node: ChartNode): Json => {
    const inside = chart.nodes.filter(({ id, parent }) => parent === node.id && set.has(id));
    const [only] = inside;
    if (only === undefined) return {};
    if (node.type === 'parallel')
      return Object.fromEntries(inside.map((child) => [child.key, valueOf(child)]));
    const deeper = valueOf(only);
    return only.type === 'atomic' || only.type === 'final' ? only.key : { [only.key]: deeper };
  };
  return root === undefined ? {} : valueOf(root);
}

/** What event a transition answered, as XState calls it. */
export function eventTypeOf(edge: string): string {
  const begin = edge.indexOf('#');
  return edge.slice(begin + 1, edge.lastIndexOf('#'));
}
