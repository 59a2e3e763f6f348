/**
 * The steps of one chart of which nobody has asked to be told: what was taken and where it led, as the interpreter's own
 * tables have it. Events are made of them for who asks.
 */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';
import type { NegotiationId } from '../services/events/event.js';
import type { StampedEvent } from '../services/ports/events.js';
import { type EventStream, placeBehind } from './event-stream.js';
import { activeIn, edgeOf, type ShownState, stateIn } from './inspect-hook.js';
import type { StepFollower } from './interpreter/step-follower.js';

/** A chart that repeats itself for hours takes more; of such its latest are kept. */
const MOST_STEPS = 250;
/** What comes so long after the step before is slow enough to be seen while it happens, milliseconds. */
const SLOW_MS = 250;
const NONE: readonly AnyTransitionDefinition[] = [];

interface Step {
  /** The event of the stream before it, and how many steps there were since. */
  readonly behind: number;
  readonly nth: number;
  readonly at: number;
  readonly transitions: readonly AnyTransitionDefinition[];
  readonly nodes: readonly AnyStateNode[];
  /** Charts never change one: they make the next. */
  readonly context: unknown;
}

export class StepTrail implements StepFollower {
  readonly #id: NegotiationId;
  readonly #machine: AnyStateMachine;
  readonly #stream: EventStream;
  #steps: Step[] = [];

  /** `snapshot`: where it begins. */
  constructor(id: NegotiationId, snapshot: AnyMachineSnapshot, stream: EventStream) {
    this.#id = id;
    this.#machine = snapshot.machine;
    this.#stream = stream;
    this.stepped(NONE, snapshot);
  }

  stepped(
    transitions: readonly AnyTransitionDefinition[],
    { _nodes: nodes, context }: AnyMachineSnapshot,
  ): void {
    const at = this.#stream.now();
    const last = this.#steps.at(-1);
    // In batches: to shift each time would cost the whole length for every step.
    if (this.#steps.length >= 2 * MOST_STEPS) this.#steps = this.#steps.slice(-MOST_STEPS);
    const behind = this.#stream.sequence;
    const nth = last?.behind === behind ? last.nth + 1 : 1;
    this.#steps.push({ behind, nth, at, transitions, nodes, context });
    if (last !== undefined && at - last.at > SLOW_MS)
      this.#stream.emit({ type: 'negotiation.state', negotiation: this.#id, ...this.state() });
  }

  /** Ids of the states in which it is. */
  active(): readonly string[] | undefined {
    const last = this.#steps.at(-1);
    return last && activeIn(this.#machine, last.nodes);
  }

  state(): ShownState {
    const last = this.#steps.at(-1);
    return last === undefined
      ? { active: [], context: {} }
      : stateIn(this.#machine, last.nodes, last.context);
  }

  events(): readonly StampedEvent[] {
    return this.#steps.flatMap((step) => this.#eventsOf(step));
  }

  #eventsOf({ behind, nth, at, transitions, nodes, context }: Step): readonly StampedEvent[] {
    const negotiation = this.#id;
    const { active, context: shown } = stateIn(this.#machine, nodes, context);
    const state: StampedEvent = {
      ...{ type: 'negotiation.state', negotiation, active, context: shown },
      ...{ sequence: placeBehind(behind, 2 * nth), at },
    };
    const first = transitions[0];
    if (first === undefined) return [state];
    const edges = transitions.map((transition) => edgeOf(transition).id);
    const { event } = edgeOf(first);
    const sequence = placeBehind(behind, 2 * nth - 1);
    return [{ type: 'negotiation.transition', negotiation, edges, event, sequence, at }, state];
  }
}
