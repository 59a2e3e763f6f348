/** Reports what one running chart does, as events. The chart does not know that it is watched. */
import { isMachineSnapshot } from 'xstate';
import type {
  AnyActorRef,
  AnyMachineSnapshot,
  AnyStateNode,
  AnyTransitionDefinition,
  InspectionEvent,
} from 'xstate';
import type { NegotiationId } from '../services/events/event.js';
import type { Events } from '../services/ports/events.js';
import { edgeId, eventWords } from './chart-description.js';

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
  return watch(actor, id, events, '');
}

/** The same for a chart that has begun: its state as it is now is known. */
export function watchBegun(actor: AnyActorRef, id: NegotiationId, events: Events): () => void {
  return watch(actor, id, events, JSON.stringify(stateOf(actor.getSnapshot())));
}

/** What is shown of a snapshot; undefined when it is none of a chart. */
export function stateOf(seen: unknown): ShownState | undefined {
  if (!isMachineSnapshot(seen)) return undefined;
  const snapshot: AnyMachineSnapshot = seen;
  const nodes: readonly AnyStateNode[] = snapshot._nodes;
  // XState's own order is that of entering.
  const active = [...nodes].sort((a, b) => a.order - b.order).map((node) => node.id);
  return { active, context: shownContext(snapshot) };
}

function watch(actor: AnyActorRef, id: NegotiationId, events: Events, known: string): () => void {
  let moved = false;
  let lastState = known;

  const reportState = (seen: unknown): void => {
    const state = stateOf(seen);
    if (state === undefined) return;
    // An event that changes nothing also yields a snapshot.
    const words = JSON.stringify(state);
    if (!moved && words === lastState) return;
    moved = false;
    lastState = words;
    events.emit({ type: 'negotiation.state', negotiation: id, ...state });
  };

  const report = (happened: InspectionEvent): void => {
    if (happened.actorRef !== actor) return;
    if (happened.type === '@xstate.microstep') {
      const taken: readonly AnyTransitionDefinition[] = happened._transitions;
      const [first] = taken;
      if (first === undefined) return;
      moved = true;
      const event = eventWords(first);
      events.emit({ type: 'negotiation.transition', negotiation: id, edges: taken.map(edgeId), event });
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

/** The context keys that the chart's root lists in `meta.inspect`, of those the plain values. Nothing else gets out. */
function shownContext(snapshot: AnyMachineSnapshot): Readonly<Record<string, Plain>> {
  const context: unknown = snapshot.context;
  const shown: Record<string, Plain> = {};
  if (typeof context !== 'object' || context === null) return shown;
  for (const key of allowedKeys(snapshot)) {
    const value: unknown = Reflect.get(context, key);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      shown[key] = value;
  }
  return shown;
}

function allowedKeys(snapshot: AnyMachineSnapshot): readonly string[] {
  const meta: unknown = snapshot.machine.root.meta;
  if (typeof meta !== 'object' || meta === null || !('inspect' in meta) || !Array.isArray(meta.inspect))
    return [];
  return meta.inspect.filter((key: unknown): key is string => typeof key === 'string');
}
