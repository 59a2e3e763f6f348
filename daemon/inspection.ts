/**
 * What the inspector may ask: the negotiations of late and what happened to each, in bounded memory and bounded time.
 * However many begin in a second, a bounded number is followed in full; of the others there is the row in the list, and
 * what the flight recorder and the charts keep of them is fetched when somebody selects one.
 */
import type { NegotiationId } from '../services/events/event.js';
import type { Explanation } from '../services/explain/explanation.js';
import { placeBehind } from './event-stream.js';
import {
  DEFAULT_LIMITS,
  type InspectionLimits,
  type InspectionSources,
  type KeptMessages,
  type KeptSteps,
  NO_STEPS,
  NONE_KEPT,
} from './inspection-sources.js';
import { dissect, type DissectedPart } from '../services/isakmp/dissect.js';
import { formatEndpoint } from '../services/net/address.js';
import type { Clock } from '../services/ports/clock.js';
import type { Events, StampedEvent } from '../services/ports/events.js';
import type {
  ChartDescription,
  Inspection,
  NegotiationView,
  RecordingWords,
} from '../services/ports/inspection.js';

interface Listener {
  readonly happened: (event: StampedEvent) => void;
  readonly forgotten?: (id: NegotiationId) => void;
  readonly everything?: boolean;
}

type Started = Extract<StampedEvent, { type: 'negotiation.started' }>;
type Ended = Extract<StampedEvent, { type: 'negotiation.ended' }>;

/** Text and views are made for who asks. */
interface Entry {
  readonly id: NegotiationId;
  readonly chart: string;
  readonly startedAt: number;
  /** Undefined: a token. */
  readonly started: Started | undefined;
  readonly remote: string;
  rule: string | undefined;
  active: readonly string[] | undefined;
  endedAt: number | undefined;
  ended: Ended | undefined;
  /** Undefined: it is not followed. */
  history: StampedEvent[] | undefined;
}

/** A reader of the stream that exists while inspection is on. */
export class InspectionLog implements Inspection {
  readonly #charts: readonly ChartDescription[];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #limits: InspectionLimits;
  readonly #live = new Map<NegotiationId, Entry>();
  readonly #ended = new Map<NegotiationId, Entry>();
  readonly #listeners = new Set<Listener>();
  readonly #recording: RecordingWords | undefined;
  readonly #sources: Pick<InspectionSources, 'explain' | 'recorded' | 'catchUp'>;
  readonly #steps: KeptSteps;
  readonly #messages: KeptMessages;
  readonly #unsubscribe: () => void;
  /** Those that listen to everything. */
  #following = 0;
  /** Something has begun that is not here, for nobody watched. */
  #passedOver = false;
  readonly #allowance: { left: number; at: number };

  constructor(
    events: Pick<Events, 'subscribe'>,
    charts: readonly ChartDescription[],
    clock: Pick<Clock, 'now'>,
    sources: InspectionSources,
  ) {
    const { messages = NONE_KEPT, begun = [], limits = DEFAULT_LIMITS, steps = NO_STEPS } = sources;
    this.#recording = sources.recording;
    this.#messages = messages;
    this.#sources = sources;
    this.#steps = steps;
    this.#charts = charts;
    this.#clock = clock;
    this.#limits = limits;
    this.#allowance = { left: limits.followed?.atOnce ?? 0, at: clock.now() };
    this.#takeKnown(begun);
    this.#unsubscribe = events.subscribe(
      (event) => {
        this.#take(event);
      },
      // Of no negotiation, and frequent.
      (type) => type !== 'kernel.call' && type !== 'kernel.packet',
    );
  }

  now(): number {
    return this.#clock.now();
  }

  recording(): RecordingWords | undefined {
    return this.#recording;
  }

  charts(): readonly ChartDescription[] {
    return this.#charts;
  }

  negotiations(): readonly NegotiationView[] {
    return [...this.#ended.values(), ...this.#live.values()]
      .sort((a, b) => a.startedAt - b.startedAt)
      .map((entry) => this.#view(entry));
  }

  size(): number {
    return this.#live.size + this.#ended.size;
  }

  negotiation(id: NegotiationId): NegotiationView | undefined {
    const entry = this.#entry(id);
    return entry && this.#view(entry);
  }

  history(id: NegotiationId): readonly StampedEvent[] {
    const entry = this.#entry(id);
    if (entry === undefined) return [];
    return (entry.history ?? this.#keptOf(entry)).slice(-this.#limits.events);
  }

  /** Whether everything is told of it; so it is of what has no beginning: a token. Undefined: nobody wants to know. */
  follows(id: NegotiationId): boolean | undefined {
    const entry = this.#entry(id);
    if (entry !== undefined) return entry.history !== undefined;
    if (!this.#isPassingOver) return true;
    this.#passedOver = true;
    return undefined;
  }

  follow(id: NegotiationId): void {
    const entry = this.#entry(id);
    if (entry === undefined || entry.history !== undefined) return;
    const history = [...this.history(id)];
    entry.active = this.#activeIn(entry);
    const state = entry.active && this.#stateBehind(history, entry, entry.active);
    entry.history = state === undefined ? history : [...history, state];
    this.#steps.tell(id);
  }

  explanation(id: NegotiationId): Explanation | undefined {
    return this.#sources.explain(id);
  }

  message(id: NegotiationId, sequence: number): readonly DissectedPart[] | undefined {
    const kept = this.#messages.find(id, sequence);
    if (kept === undefined) return undefined;
    return dissect(kept.datagram, this.#messages.showsPlaintext() ? kept.plaintext : undefined);
  }

  showsPlaintext(): boolean {
    return this.#messages.showsPlaintext();
  }

  watch(watching: Parameters<Inspection['watch']>[0]): () => void {
    const listener = { ...watching };
    if (this.#passedOver) this.#catchUp();
    this.#listeners.add(listener);
    if (listener.everything === true) {
      this.#following += 1;
      // Of what had begun, as many as are followed at once: the newest.
      const most = this.#limits.followed?.atOnce ?? this.#live.size;
      for (const id of [...this.#live.keys()].slice(-Math.max(1, most))) this.follow(id);
    }
    return () => {
      if (this.#listeners.delete(listener) && listener.everything === true) this.#following -= 1;
    };
  }

  /** Stops reading the stream and forgets everything. */
  close(): void {
    this.#unsubscribe();
    this.#listeners.clear();
    this.#live.clear();
    this.#ended.clear();
  }

  get #isPassingOver(): boolean {
    return this.#listeners.size === 0 && this.#sources.catchUp !== undefined;
  }

  #catchUp(): void {
    this.#passedOver = false;
    const known = new Set([...this.#live.keys(), ...this.#ended.keys()]);
    const told = this.#sources.catchUp?.((id) => known.has(id)) ?? [];
    this.#takeKnown(
      told.filter(
        (event) => 'negotiation' in event && event.negotiation !== undefined && !known.has(event.negotiation),
      ),
    );
  }

  /** What is known already needs not be kept elsewhere. */
  #takeKnown(events: readonly StampedEvent[]): void {
    this.#following += 1;
    for (const event of events) this.#take(event);
    this.#following -= 1;
  }

  #entry(id: NegotiationId): Entry | undefined {
    return this.#live.get(id) ?? this.#ended.get(id);
  }

  #take(event: StampedEvent): void {
    if (!('negotiation' in event) || event.negotiation === undefined) return;
    const id = event.negotiation;
    if (event.type === 'negotiation.started') this.#begin(event);
    const entry = this.#entry(id) ?? this.#beginToken(event);
    if (entry === undefined) return;
    const { history } = entry;
    if (history !== undefined) {
      history.push(event);
      // In batches: to shift each time would cost the whole length for every event.
      if (history.length >= this.#limits.events * 2) entry.history = history.slice(-this.#limits.events);
    }
    const changes = this.#advance(entry, event);
    if (history === undefined && !changes) return;
    for (const { happened } of this.#listeners) happened(event);
  }

  /** Whether its view has changed. */
  #advance(entry: Entry, event: StampedEvent): boolean {
    switch (event.type) {
      case 'negotiation.started':
        return true;
      case 'negotiation.rule':
        entry.rule = event.rule;
        return true;
      case 'negotiation.state':
        entry.active = event.active;
        if (entry.chart === 'token' && event.active.includes('token.forgotten')) this.#end(entry, event.at);
        return true;
      case 'negotiation.ended':
        entry.ended = event;
        if (entry.history === undefined) {
          entry.active = this.#activeIn(entry);
          // What went well among many is told from packets: a trail that is kept is one that the collector must move.
          if (event.failure === undefined) this.#steps.drop(entry.id);
        }
        this.#end(entry, event.at);
        return true;
      default:
        return false;
    }
  }

  #end(entry: Entry, at: number): void {
    entry.endedAt = at;
    if (!this.#live.delete(entry.id)) return;
    this.#ended.set(entry.id, entry);
    this.#forgetOldest(this.#ended, this.#limits.ended);
  }

  #begin(event: Started): void {
    const { negotiation: id, chart, rule, at } = event;
    this.#ended.delete(id);
    const history = this.#mayFollow() ? [] : undefined;
    if (history === undefined && this.#isPassingOver) {
      this.#passedOver = true;
      this.#live.delete(id);
      return;
    }
    this.#put({
      ...{ id, chart, startedAt: at, started: event, remote: '', rule, active: undefined },
      ...{ endedAt: undefined, ended: undefined, history },
    });
  }

  /** A token has no peer, and so nothing announces its chart: it is known from the first state that is seen of it. */
  #beginToken(event: StampedEvent): Entry | undefined {
    if (event.type !== 'negotiation.state' || event.active[0] !== 'token') return undefined;
    const remote = `token "${String(event.context.token)}"`;
    return this.#put({
      ...{ id: event.negotiation, chart: 'token', startedAt: event.at, started: undefined, remote },
      ...{ rule: undefined, active: undefined, endedAt: undefined, ended: undefined, history: [] },
    });
  }

  #put(entry: Entry): Entry {
    this.#live.set(entry.id, entry);
    this.#forgetOldest(this.#live, this.#limits.live);
    return entry;
  }

  #mayFollow(): boolean {
    const { followed } = this.#limits;
    if (followed === undefined || this.#following > 0) return true;
    const allowance = this.#allowance;
    const now = this.#clock.now();
    const gained = ((now - allowance.at) / 1000) * followed.perSecond;
    allowance.left = Math.min(followed.atOnce, allowance.left + gained);
    allowance.at = now;
    if (allowance.left < 1) return false;
    allowance.left -= 1;
    return true;
  }

  #forgetOldest(entries: Map<NegotiationId, Entry>, limit: number): void {
    if (entries.size <= limit) return;
    for (const id of entries.keys()) {
      if (entries.size <= limit) return;
      entries.delete(id);
      this.#steps.drop(id);
      for (const { forgotten } of this.#listeners) forgotten?.(id);
    }
  }

  /** Of one that is not followed: what others keep of it. */
  #keptOf({ id, started, ended }: Entry): readonly StampedEvent[] {
    const own = [started, ended].filter((event) => event !== undefined);
    const kept = [...own, ...(this.#sources.recorded?.(id) ?? []), ...this.#steps.of(id)];
    const bySequence = new Map(kept.map((event) => [event.sequence, event]));
    return [...bySequence.values()].sort((a, b) => a.sequence - b.sequence);
  }

  /** Where it stands, for who begins to follow one whose steps nobody kept: an SA at rest. */
  #stateBehind(
    history: readonly StampedEvent[],
    { id, startedAt }: Entry,
    active: readonly string[],
  ): StampedEvent | undefined {
    if (history.some(({ type }) => type === 'negotiation.state')) return undefined;
    const { sequence, at } = history.at(-1) ?? { sequence: 0, at: startedAt };
    const place = placeBehind(Math.floor(sequence), 0xfffff);
    return { type: 'negotiation.state', negotiation: id, active, context: {}, sequence: place, at };
  }

  #activeIn({ id, chart, history, endedAt, active }: Entry): readonly string[] | undefined {
    if (history !== undefined || endedAt !== undefined) return active;
    return this.#steps.stateOf(id, chart) ?? active;
  }

  #view(entry: Entry): NegotiationView {
    const { id, chart, started, remote, rule, startedAt, endedAt, ended } = entry;
    const isForgotten = ended === undefined && endedAt !== undefined;
    return {
      ...{ id, chart, rule, startedAt, endedAt },
      local: started === undefined ? 'this host' : formatEndpoint(started.local),
      remote: started === undefined ? remote : formatEndpoint(started.remote),
      parent: started?.parent,
      active: this.#activeIn(entry) ?? [],
      outcome: isForgotten ? 'gone' : ended?.outcome,
      failure: ended?.failure && {
        code: ended.failure.code,
        explanation: ended.failure.explanation,
        hint: ended.failure.hint,
      },
    };
  }
}
