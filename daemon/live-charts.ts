/**
 * The charts that run, for whoever begins to watch while they do. As long as nobody watches, a chart costs an entry in a
 * table and no event is built; from then on what began earlier is shown like what begins later. Of negotiations that
 * nobody follows, the latest steps are kept and told to who asks: of an SA those since it last was touched.
 */
import type { AnyActorRef } from 'xstate';
import { isMachineSnapshot } from 'xstate';
import { PlaceMap } from '../services/collections/place-map.js';
import type { NegotiationId } from '../services/events/event.js';
import type { EventType, StampedEvent } from '../services/ports/events.js';
import type { ChartDescription } from '../services/ports/inspection.js';
import type { ChartWatcher } from './chart-watcher.js';
import { type EventStream, placeBehind } from './event-stream.js';
import { type ShownState, stateOf, watchBegun, watchNegotiation } from './inspect-hook.js';
import type { KeptSteps } from './inspection-sources.js';
import { followSteps } from './interpreter/step-follower.js';
import { StepTrail } from './step-trail.js';
import type { Beginning, StandingChart } from './standing-runner.js';

type Started = Extract<StampedEvent, { type: 'negotiation.started' }>;
type RuleFound = Extract<StampedEvent, { type: 'negotiation.rule' }>;

const BEGINNINGS: ReadonlySet<EventType> = new Set([
  'negotiation.started',
  'negotiation.rule',
  'negotiation.ended',
]);
/** Trails, also of what has ended; the oldest go, and of what still runs nothing is kept from then on. */
const MOST_TRAILS = 1024;
/** Charts of SAs, whose records know how they began: there may be a hundred thousand of them. */
const OF_RECORDS: ReadonlySet<string> = new Set<StandingChart>(['isakmp-sa', 'ipsec-sa']);

interface Running {
  readonly actor: AnyActorRef;
  unwatch: (() => void) | undefined;
  /** Its steps are events. */
  told: boolean;
}

interface Begun {
  readonly started: Started;
  rule: RuleFound | undefined;
}

export class LiveCharts implements KeptSteps {
  readonly #stream: EventStream;
  readonly #running = new PlaceMap<NegotiationId, Running>();
  /** No SAs that stand. */
  readonly #begun = new PlaceMap<NegotiationId, Begun>();
  readonly #trails = new PlaceMap<NegotiationId, StepTrail>();
  readonly #atRest = new Map<string, ShownState | undefined>();
  /** Whether the steps of this one are to be told as they happen, or kept, or neither; undefined: nobody watches. */
  #follows: ((id: NegotiationId) => boolean | undefined) | undefined;
  #charts: readonly ChartDescription[] = [];

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
      const running: Running = { actor, unwatch: undefined, told: false };
      const told = this.#follows?.(id);
      if (told !== undefined) this.#follow(running, id, told);
      this.#running.set(id, running);
      return () => {
        if (this.#running.get(id) === running) this.#running.delete(id);
        running.unwatch?.();
      };
    },
    {
      rests: (id: NegotiationId, chart: string) => {
        if (this.#follows?.(id) !== true) return;
        const state = this.#resting(chart);
        if (state !== undefined) this.#stream.emit({ type: 'negotiation.state', negotiation: id, ...state });
      },
    },
  );

  /**
   * From now on steps of charts are events where `follows` says so, and kept elsewhere. Returns what is to be known of
   * those that had begun, and of `standing`, whose charts run only when something touches them: that they did, under which
   * rule, and in which state each is; in the order in which it happened.
   */
  watch(
    charts: readonly ChartDescription[],
    standing: Iterable<Beginning>,
    follows: (id: NegotiationId) => boolean | undefined = () => true,
  ): readonly StampedEvent[] {
    this.#charts = charts;
    this.#follows = follows;
    return this.catchUp(standing, () => false);
  }

  /** The same once more: from now on the steps of those that run and are not known are events. */
  catchUp(standing: Iterable<Beginning>, isKnown: (id: NegotiationId) => boolean): readonly StampedEvent[] {
    for (const id of this.#running.keys()) if (!isKnown(id)) this.tell(id);
    const { sequence } = this.#stream;
    const at = this.#stream.now();
    let places = 0;
    const next = (): number => placeBehind(sequence, (places += 1));
    // Told once more, at its own time.
    const sas = [...standing].map(({ beganAt, ...began }): Started => {
      return { type: 'negotiation.started', ...began, sequence: next(), at: beganAt };
    });
    const stands = (negotiation: NegotiationId, state: ShownState | undefined): readonly StampedEvent[] =>
      state === undefined ? [] : [{ type: 'negotiation.state', negotiation, ...state, sequence: next(), at }];
    const begun = [...this.#begun.values()].flatMap(({ started, rule }) =>
      rule === undefined ? [started] : [started, rule],
    );
    const states = [
      ...[...this.#running].flatMap(([id, { actor }]) => stands(id, stateOf(actor.getSnapshot()))),
      ...sas.flatMap(({ negotiation, chart }) =>
        this.#running.has(negotiation) ? [] : stands(negotiation, this.#resting(chart)),
      ),
    ];
    return [...[...sas, ...begun].sort((one, other) => one.at - other.at), ...states];
  }

  /** From now on no event is built, and no step kept. */
  rest(): void {
    this.#follows = undefined;
    for (const running of this.#running.values()) {
      running.unwatch?.();
      running.unwatch = undefined;
      running.told = false;
    }
    this.#trails.clear();
  }

  // What is kept of the others

  of(id: NegotiationId): readonly StampedEvent[] {
    return this.#trails.get(id)?.events() ?? [];
  }

  stateOf(id: NegotiationId, chart: string): readonly string[] | undefined {
    const running = this.#running.get(id);
    if (running !== undefined) return stateOf(running.actor.getSnapshot())?.active;
    return this.#trails.get(id)?.active() ?? this.#resting(chart)?.active;
  }

  tell(id: NegotiationId): void {
    const running = this.#running.get(id);
    if (running === undefined || running.told) return;
    running.unwatch?.();
    running.unwatch = watchBegun(running.actor, id, this.#stream);
    running.told = true;
  }

  drop(id: NegotiationId): void {
    this.#trails.delete(id);
  }

  #follow(running: Running, id: NegotiationId, told: boolean): void {
    const { actor } = running;
    running.unwatch = told ? undefined : this.#keepSteps(actor, id);
    if (running.unwatch !== undefined) return;
    running.unwatch = watchNegotiation(actor, id, this.#stream);
    running.told = true;
  }

  /** Undefined for a chart that does not report its steps. */
  #keepSteps(actor: AnyActorRef, id: NegotiationId): (() => void) | undefined {
    const snapshot: unknown = actor.getSnapshot();
    if (!isMachineSnapshot(snapshot)) return undefined;
    const trail = new StepTrail(id, snapshot, this.#stream);
    const unfollow = followSteps(actor, snapshot.machine, trail);
    if (unfollow === undefined) return undefined;
    this.#trails.delete(id);
    this.#trails.set(id, trail);
    if (this.#trails.size > MOST_TRAILS) this.#forgetOldestTrail();
    return unfollow;
  }

  #forgetOldestTrail(): void {
    for (const id of this.#trails.keys()) {
      this.#trails.delete(id);
      const running = this.#running.get(id);
      if (running === undefined || running.told) return;
      running.unwatch?.();
      running.unwatch = undefined;
      return;
    }
  }

  #resting(chart: string): ShownState | undefined {
    if (this.#atRest.has(chart)) return this.#atRest.get(chart);
    const state = resting(this.#charts.find(({ id }) => id === chart));
    this.#atRest.set(chart, state);
    return state;
  }

  #take(event: StampedEvent): void {
    switch (event.type) {
      case 'negotiation.started':
        if (OF_RECORDS.has(event.chart)) return;
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
