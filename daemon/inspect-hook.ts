/** Reports what one running chart does, as events. The chart does not know that it is watched. */
import { isMachineSnapshot } from 'xstate';
import type {
  AnyActorRef,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
  InspectionEvent,
} from 'xstate';
import type { NegotiationId } from '../services/events/event.js';
import type { Events } from '../services/ports/events.js';
import { edgeId, eventWords } from './chart-description.js';
import { followSteps } from './interpreter/step-follower.js';

type Plain = string | number | boolean;

export interface ShownState {
  /** Ids of the active states, leaves and ancestors. */
  readonly active: readonly string[];
  readonly context: Readonly<Record<string, Plain>>;
}

/**
 * Emits `negotiation.transition` and `negotiation.state` for what `actor` itself does (not its jobs) until the returned
 * function is called. Attach it between `createActor` and `start`, so that the first state is reported too.
 */
export function watchNegotiation(actor: AnyActorRef, id: NegotiationId, events: Events): () => void {
  return watchSteps(actor, id, events, 'begins') ?? watch(actor, id, events, undefined);
}

/** The same for a chart that has begun: its state as it is now is known. */
export function watchBegun(actor: AnyActorRef, id: NegotiationId, events: Events): () => void {
  return watchSteps(actor, id, events, 'has begun') ?? watch(actor, id, events, stateOf(actor.getSnapshot()));
}

/** What is shown of a snapshot; undefined when it is none of a chart. */
export function stateOf(seen: unknown): ShownState | undefined {
  if (!isMachineSnapshot(seen)) return undefined;
  const snapshot: AnyMachineSnapshot = seen;
  return stateIn(snapshot.machine, snapshot._nodes, snapshot.context);
}

/** The same of the parts of a snapshot. */
export function stateIn(
  machine: AnyStateMachine,
  nodes: readonly AnyStateNode[],
  context: unknown,
): ShownState {
  return { active: activeIn(machine, nodes), context: shownContext(context, wordsOf(machine)) };
}

/** What is said of a chart again and again, made once: it runs thousands of times, and there are few states to be in. */
interface ChartWords {
  /** The context keys that the chart's root lists in `meta.inspect`. Nothing else gets out. */
  readonly keys: readonly string[];
  /** Ids of active states, by their nodes. */
  readonly active: Map<string, readonly string[]>;
}

const CHARTS = new WeakMap<AnyStateMachine, ChartWords>();
/** The same by the very lists of states: a chart that is run by tables has few of them. */
const LISTS = new WeakMap<readonly AnyStateNode[], readonly string[]>();
const EDGES = new WeakMap<AnyTransitionDefinition, { readonly id: string; readonly event: string }>();

function wordsOf(machine: AnyStateMachine): ChartWords {
  const known = CHARTS.get(machine);
  if (known !== undefined) return known;
  const words = { keys: allowedKeys(machine), active: new Map<string, readonly string[]>() };
  CHARTS.set(machine, words);
  return words;
}

export function edgeOf(transition: AnyTransitionDefinition): { readonly id: string; readonly event: string } {
  const known = EDGES.get(transition);
  if (known !== undefined) return known;
  const edge = { id: edgeId(transition), event: eventWords(transition) };
  EDGES.set(transition, edge);
  return edge;
}

/** Ids of these states of `machine`, leaves and ancestors. */
export function activeIn(machine: AnyStateMachine, nodes: readonly AnyStateNode[]): readonly string[] {
  const listed = LISTS.get(nodes);
  if (listed !== undefined) return listed;
  const { active } = wordsOf(machine);
  let key = '';
  for (const { order } of nodes) key += `${String(order)} `;
  // XState's own order is that of entering.
  const ids = active.get(key) ?? [...nodes].sort((a, b) => a.order - b.order).map((node) => node.id);
  active.set(key, ids);
  LISTS.set(nodes, ids);
  return ids;
}

/**
 * Of a chart that is run by tables; undefined for others. XState's inspection is left alone: as soon as one chart of them
 * all has been inspected, V8 makes for every chart the reports that nobody reads (3.5 KiB and 3 us of a handshake).
 */
function watchSteps(
  actor: AnyActorRef,
  id: NegotiationId,
  events: Events,
  when: 'begins' | 'has begun',
): (() => void) | undefined {
  const seen: unknown = actor.getSnapshot();
  if (!isMachineSnapshot(seen)) return undefined;
  const snapshot: AnyMachineSnapshot = seen;
  const tell = (transitions: readonly AnyTransitionDefinition[], after: AnyMachineSnapshot): void => {
    try {
      tellTransitions(transitions, id, events);
      const { active, context } = stateIn(after.machine, after._nodes, after.context);
      events.emit({ type: 'negotiation.state', negotiation: id, active, context });
    } catch {
      // It would come out of the actor: being watched must never hurt a negotiation.
    }
  };
  const unfollow = followSteps(actor, snapshot.machine, { stepped: tell });
  if (unfollow !== undefined && when === 'begins') tell([], snapshot);
  return unfollow;
}

/** Whether there was anything to tell. */
function tellTransitions(
  taken: readonly AnyTransitionDefinition[],
  id: NegotiationId,
  events: Events,
): boolean {
  const [first] = taken;
  if (first === undefined) return false;
  const edges = taken.map((transition) => edgeOf(transition).id);
  events.emit({ type: 'negotiation.transition', negotiation: id, edges, event: edgeOf(first).event });
  return true;
}

function watch(
  actor: AnyActorRef,
  id: NegotiationId,
  events: Events,
  known: ShownState | undefined,
): () => void {
  let moved = false;
  let last = known;

  const reportState = (seen: unknown): void => {
    const state = stateOf(seen);
    if (state === undefined) return;
    // An event that changes nothing also yields a snapshot.
    if (!moved && last !== undefined && isSame(last, state)) return;
    moved = false;
    last = state;
    const { active, context } = state;
    events.emit({ type: 'negotiation.state', negotiation: id, active, context });
  };

  const report = (happened: InspectionEvent): void => {
    if (happened.actorRef !== actor) return;
    if (happened.type === '@xstate.microstep') {
      const taken: readonly AnyTransitionDefinition[] = happened._transitions;
      moved = tellTransitions(taken, id, events) || moved;
    } else if (happened.type === '@xstate.snapshot') {
      reportState(happened.snapshot);
    }
  };

  const subscription = actor.system.inspect((happened) => {
    try {
      report(happened);
    } catch {
      // What an inspection callback throws comes out of the actor: being watched must never hurt a negotiation.
    }
  });
  return () => {
    subscription.unsubscribe();
    // An actor tells its observers that it is done before it tells the inspection in which state.
    try {
      reportState(actor.getSnapshot());
    } catch {
      // As above.
    }
  };
}

function isSame(a: ShownState, b: ShownState): boolean {
  // They are made once for the same states.
  if (a.active !== b.active) return false;
  const keys = Object.keys(a.context);
  return (
    keys.length === Object.keys(b.context).length && keys.every((key) => a.context[key] === b.context[key])
  );
}

/** Of the keys that may be shown, the plain values. */
function shownContext(context: unknown, { keys }: ChartWords): Readonly<Record<string, Plain>> {
  const shown: Record<string, Plain> = {};
  if (typeof context !== 'object' || context === null) return shown;
  for (const key of keys) {
    const value: unknown = Reflect.get(context, key);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      shown[key] = value;
  }
  return shown;
}

function allowedKeys(machine: AnyStateMachine): readonly string[] {
  const meta: unknown = machine.root.meta;
  if (typeof meta !== 'object' || meta === null || !('inspect' in meta) || !Array.isArray(meta.inspect))
    return [];
  return meta.inspect.filter((key: unknown): key is string => typeof key === 'string');
}
