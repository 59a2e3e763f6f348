/**
 * The charts that run, for whoever begins to watch while they do. As long as nobody watches, a chart costs an entry in a
 * table and no event is built; from then on what began earlier is shown like what begins later.
 */
import type { AnyActorRef } from 'xstate';
import type { NegotiationId } from '../services/events/event.js';
import type { EventType, StampedEvent } from '../services/ports/events.js';
import type { ChartDescription } from '../services/ports/inspection.js';
import type { ChartWatcher } from './chart-watcher.js';
import type { EventStream } from './event-stream.js';
import { type ShownState, stateOf, watchBegun, watchNegotiation } from './inspect-hook.js';

type Started = Extract<StampedEvent, { type: 'negotiation.started' }>;
type RuleFound = Extract<StampedEvent, { type: 'negotiation.rule' }>;

const BEGINNINGS: ReadonlySet<EventType> = new Set([
  'negotiation.started',
  'negotiation.rule',
  'negotiation.ended',
]);

interface Running {
  readonly actor: AnyActorRef;
  unwatch: (() => void) | undefined;
}

interface Begun {
  readonly started: Started;
  rule: RuleFound | undefined;
}

export class LiveCharts {
  readonly #stream: EventStream;
  readonly #running = new Map<NegotiationId, Running>();
  /** Standing SAs too, whose charts run only when something touches them. */
  readonly #begun = new Map<NegotiationId, Begun>();
  #watched = false;

  constructor(stream: EventStream) {
    this.#stream = stream;
    stream.subscribe(
      (event) => {
        this.#take(event);
      },
      (type) => BEGINNINGS.has(type),
    );
  }

  readonly watcher: ChartWatcher = Object.assign(
    (actor: AnyActorRef, id: NegotiationId) => {
      const running: Running = {
        actor,
        unwatch: this.#watched ? watchNegotiation(actor, id, this.#stream) : undefined,
      };
      this.#running.set(id, running);
      return () => {
        if (this.#running.get(id) === running) this.#running.delete(id);
        running.unwatch?.();
      };
    },
    { isWatching: () => this.#watched },
  );

  /**
   * From now on every step of every chart is an event. Returns what is to be known of those that had begun: that they
   * did, under which rule, and in which state each is; in the order of the stream.
   */
  watch(charts: readonly ChartDescription[]): readonly StampedEvent[] {
    if (!this.#watched) {
      this.#watched = true;
      for (const [id, running] of this.#running)
        running.unwatch = watchBegun(running.actor, id, this.#stream);
    }
    const begun = [...this.#begun.values()];
    const beginnings = begun.flatMap(({ started, rule }) =>
      rule === undefined ? [started] : [started, rule],
    );
    const states = [
      ...[...this.#running].flatMap(([id, { actor }]) => this.#stands(id, stateOf(actor.getSnapshot()))),
      ...begun.flatMap(({ started: { negotiation, chart } }) =>
        this.#running.has(negotiation)
          ? []
          : this.#stands(negotiation, resting(charts.find(({ id }) => id === chart))),
      ),
    ];
    return [...beginnings, ...states];
  }

  /** From now on no event is built. */
  rest(): void {
    this.#watched = false;
    for (const running of this.#running.values()) {
      running.unwatch?.();
      running.unwatch = undefined;
    }
  }

  #stands(negotiation: NegotiationId, state: ShownState | undefined): readonly StampedEvent[] {
    if (state === undefined) return [];
    return [this.#stream.stamp({ type: 'negotiation.state', negotiation, ...state })];
  }

  #take(event: StampedEvent): void {
    switch (event.type) {
      case 'negotiation.started':
        this.#begun.set(event.negotiation, { started: event, rule: undefined });
        return;
      case 'negotiation.rule': {
        const begun = this.#begun.get(event.negotiation);
        if (begun !== undefined) begun.rule = event;
        return;
      }
      case 'negotiation.ended':
        this.#begun.delete(event.negotiation);
        return;
      default:
    }
  }
}

/** An SA that rests has no actor: its chart is where it begins, if that is to be idle. */
function resting(chart: ChartDescription | undefined): ShownState | undefined {
  const active: string[] = [];
  let node = chart?.nodes.find(({ parent }) => parent === undefined);
  while (node !== undefined) {
    const { initial, tags } = node;
    active.push(node.id);
    if (tags.includes('idle')) return { active, context: {} };
    node = chart?.nodes.find(({ id }) => id === initial);
  }
  return undefined;
}
