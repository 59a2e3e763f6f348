/** The charts as subjects of tests: where one can be, what can happen there, and what then does. Nothing is run. */
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  type AnyTransitionDefinition,
  getNextTransitions,
} from 'xstate';
import { getAdjacencyMap, getShortestPaths } from 'xstate/graph';
import { JobRefused } from '../../machines/exchange.js';
import { RunsWithoutRules, StartRefused } from '../../machines/daemon.js';
import { TokenJobFailed } from '../../machines/token.js';
import { failure } from '../../services/failure/build.js';

export const WHY = failure('internal', { exchange: '', message: 0 }, 'local', 'a test wanted it', 'nothing');
export const RETRY_LIMIT = 1;
export const TIMING = { retryLimit: RETRY_LIMIT, retryInitMs: 500, retryMaxMs: 800, expireMs: 300_000 };

export const METHODS = ['preshared', 'rsa_sig', 'rsa_encrypt'] as const;

/** Bounds the exploration: a chart with more places than this counts without end. */
const MOST_PLACES = 5000;

/** Past every limit that guards look at: a counter that goes on from here makes no new places. */
const MOST_COUNTED = 4;

export interface ChartEvent {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** Every way a chart can be begun that its guards and delays can tell. */
export function inputs(chart: string): readonly object[] {
  const all = { negotiation: 'p1-1', timing: TIMING, pfs: false };
  if (chart.startsWith('quick-mode')) return [all, { ...all, pfs: true }];
  // Elsewhere the method is learnt on the way.
  if (chart === 'aggressive-mode-initiator') return [all, ...METHODS.map((method) => ({ ...all, method }))];
  if (chart === 'token') return [{ token: 'one' }];
  if (chart.endsWith('-sa'))
    return [
      { role: 'initiator', canAsk: true },
      { role: 'responder', canAsk: false },
    ].map((end) => ({ ...all, ...end, graceMs: 100_000, jitter: 0.5 }));
  return [all];
}

/** One event per way its guards can go. */
export function variants(type: string): readonly ChartEvent[] {
  if (type === 'message') {
    return [
      { type, id: 1, verdict: 'acceptable' },
      ...METHODS.map((method) => ({ type, id: 1, verdict: 'acceptable', method })),
      { type, id: 1, verdict: 'refused', failure: WHY },
    ];
  }
  if (type === 'sent')
    return [{}, { connectedDue: true }, { othersCarry: true }].map((due) => ({ type, ...due }));
  if (type === 'chosen') return METHODS.map((method) => ({ type, method }));
  if (type === 'unreadable') {
    return [
      { type, reason: 'a test wanted it', suspicion: WHY },
      { type, reason: 'a test wanted it', suspicion: undefined },
    ];
  }
  if (type.startsWith('xstate.error.'))
    return [
      { type, error: new JobRefused(WHY) },
      { type, error: new JobRefused({ ...WHY, code: 'peer-silent' }) },
      { type, error: new JobRefused({ ...WHY, code: 'phase1-lost' }) },
      { type, error: new StartRefused('permission', ['a test wanted it']) },
      { type, error: new TokenJobFailed({ reason: 'absent', message: 'a test wanted it' }) },
      { type, error: new RunsWithoutRules() },
      { type, error: new Error('broken') },
    ];
  if (type.startsWith('xstate.done.')) return [{ type, output: undefined }];
  return [{ type, failure: WHY, suspicion: WHY, reason: 'a test wanted it' }];
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** The words of `meta.events` or `meta.ignored` of one node. */
export function words(node: AnyStateNode, key: 'events' | 'ignored'): Readonly<Record<string, string>> {
  const meta: unknown = node.meta;
  const table: unknown = Reflect.get(Object(meta), key);
  return Object.fromEntries(entriesOf(table).map(([type, text]) => [type, String(text)]));
}

/** Every event some active state listens to, timers and jobs included, and every one the chart may be sent. */
export function possible(snapshot: AnyMachineSnapshot): readonly ChartEvent[] {
  if (snapshot.status !== 'active') return [];
  const root: AnyStateNode = snapshot.machine.root;
  const types = new Set([
    ...getNextTransitions(snapshot).map((candidate: AnyTransitionDefinition) => String(candidate.eventType)),
    ...Object.keys(words(root, 'events')),
  ]);
  return [...types].filter((type) => type !== '').flatMap(variants);
}

function isPlain(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'boolean';
}

/** Two snapshots are the same place when they can do the same: state and plain values, and which others are known. */
export function placeOf(snapshot: AnyMachineSnapshot): string {
  const context: unknown = snapshot.context;
  const plain = entriesOf(context).map(([key, value]) => [
    key,
    typeof value === 'number' ? Math.min(value, MOST_COUNTED) : isPlain(value) ? value : value !== undefined,
  ]);
  return JSON.stringify([snapshot.value, plain]);
}

/** What a test compares. */
export interface Place {
  readonly value: unknown;
  readonly status: string;
  readonly context: unknown;
  readonly output: unknown;
  /** Ids of the jobs under way, none at the end. */
  readonly jobs: readonly string[];
}

export function placeIn(snapshot: AnyMachineSnapshot): Place {
  const children: unknown = snapshot.children;
  return {
    value: snapshot.value,
    status: snapshot.status,
    context: snapshot.context,
    output: snapshot.output,
    jobs: snapshot.status === 'active' ? entriesOf(children).map(([id]) => id) : [],
  };
}

export function activeNodes(snapshot: AnyMachineSnapshot): readonly AnyStateNode[] {
  return snapshot._nodes;
}

/** What a chart tells itself between its regions: never sent from outside. */
export function raisedTypes(machine: AnyStateMachine): readonly string[] {
  return entriesOf(machine.implementations.actions).flatMap(([, action]) => {
    const type: unknown = Reflect.get(Object(Reflect.get(Object(action), 'event')), 'type');
    return typeof type === 'string' ? [type] : [];
  });
}

/** Names of the effects or jobs that a chart only names. */
export function placeholders(machine: AnyStateMachine, kind: 'actions' | 'actors'): readonly string[] {
  return entriesOf(machine.implementations[kind])
    .filter(([, given]) => kind === 'actors' || Reflect.get(Object(given), 'resolve') === undefined)
    .map(([name]) => name);
}

function traversal(input: unknown, events = possible) {
  return {
    input,
    events,
    serializeState: placeOf,
    serializeEvent: nameOf,
    limit: MOST_PLACES * 40,
  };
}

/** Variants of one event differ in their name. */
export function nameOf(event: ChartEvent): string {
  const { type, verdict, error, suspicion, method } = event;
  if (type === 'message' || type === 'chosen')
    return [type, verdict, method].map((word) => (typeof word === 'string' ? ` ${word}` : '')).join('');
  if (type === 'sent') return `${type} ${String(event.connectedDue)} ${String(event.othersCarry)}`;
  if (error instanceof JobRefused) return `${type} ${error.failure.code}`;
  if (error instanceof Error) return `${type} ${error.name}`;
  return type === 'unreadable' && suspicion === undefined ? `${type} again` : type;
}

/** Every place a chart can be in. */
export function places(machine: AnyStateMachine): readonly AnyMachineSnapshot[] {
  const found = inputs(machine.id).flatMap((input) => {
    const map = getAdjacencyMap<AnyMachineSnapshot, ChartEvent, unknown>(machine, traversal(input));
    return Object.values(map).map((place: { readonly state: AnyMachineSnapshot }) => place.state);
  });
  if (found.length > MOST_PLACES) throw new Error(`${machine.id} has no end: ${String(found.length)} places`);
  const distinct = new Map(found.map((snapshot) => [placeOf(snapshot), snapshot]));
  return [...distinct.values()];
}

export interface Path {
  readonly input: object;
  readonly events: readonly ChartEvent[];
}

/** A shortest way to every place that can be reached by `events`. */
export function shortestPaths(machine: AnyStateMachine, events: typeof possible): readonly Path[] {
  return inputs(machine.id).flatMap((input) =>
    getShortestPaths(machine, traversal(input, events)).map(({ steps }) => ({
      input,
      events: steps
        .map((taken: { readonly event: ChartEvent }) => taken.event)
        .filter(({ type }) => type !== 'xstate.init'),
    })),
  );
}

/** The transitions that an event takes in a place, in all regions; none when nobody listens. */
export function takenBy(snapshot: AnyMachineSnapshot, event: ChartEvent): readonly AnyTransitionDefinition[] {
  return snapshot.machine.getTransitionData(snapshot, event);
}
