/**
 * What the inspector may ask: the negotiations of late and what happened to each, in bounded memory and bounded time.
 * However many begin in a second, a bounded number is followed in full; of the others there is the row in the list, and
 * what the flight recorder and the charts keep of them is fetched when somebody selects one.
 */
import type { NegotiationId } from '../services/events/event.js';
import type { Explanation } from '../services/explain/explanation.js';
import { placeBehind } from './event-stream.js';
import { type Entry, entryOf, EntryQueue, type Started, tokenEntry, viewOf } from './inspection-entry.js';
import {
  DEFAULT_LIMITS,
  type InspectionLimits,
  type InspectionSources,
  type KeptMessages,
  type KeptSteps,
  NO_STEPS,
  NONE_KEPT,
} from './inspection-sources.js';
import { PlaceMap } from '../services/collections/place-map.js';
import { dissect, type DissectedPart } from '../services/isakmp/dissect.js';
import type { Clock } from '../services/ports/clock.js';
import type { Events, EventType, StampedEvent } from '../services/ports/events.js';
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

/** Whatever happens to a row of the list, it is one of these. */
type RowEvent = Extract<
  StampedEvent,
  { type: 'negotiation.started' | 'negotiation.rule' | 'negotiation.state' | 'negotiation.ended' }
>;

/** Of no negotiation, and frequent. */
const OF_NONE: ReadonlySet<EventType> = new Set([
  'kernel.call',
  'kernel.packet',
  'kernel.acquire',
  'kernel.expire',
  'phase1.gone',
  'phase2.gone',
  'datagram.dropped',
  'admission.refused',
  'door.request',
]);

/** A reader of the stream that exists while inspection is on. */
export class InspectionLog implements Inspection {
  readonly #charts: readonly ChartDescription[];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #limits: InspectionLimits;
  readonly #entries = new PlaceMap<NegotiationId, Entry>();
  #live = new EntryQueue();
  #ended = new EntryQueue();
  #listeners: readonly Listener[] = [];
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
      (type) => !OF_NONE.has(type),
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
    return [...this.#ended.all(), ...this.#live.all()]
      .sort((a, b) => a.startedAt - b.startedAt)
      .map((entry) => this.#view(entry));
  }

  size(): number {
    return this.#entries.size;
  }

  negotiation(id: NegotiationId): NegotiationView | undefined {
    const entry = this.#entries.get(id);
    return entry && this.#view(entry);
  }

  history(id: NegotiationId): readonly StampedEvent[] {
    const entry = this.#entries.get(id);
    if (entry === undefined) return [];
    return (entry.history ?? this.#keptOf(entry)).slice(-this.#limits.events);
  }

  /** Whether everything is told of it; so it is of what has no beginning: a token. Undefined: nobody wants to know. */
  follows(id: NegotiationId): boolean | undefined {
    const entry = this.#entries.get(id);
    if (entry !== undefined) return entry.history !== undefined;
    if (!this.#isPassingOver) return true;
    this.#passedOver = true;
    return undefined;
  }

  follow(id: NegotiationId): void {
    const entry = this.#entries.get(id);
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
    this.#listeners = [...this.#listeners, listener];
    if (listener.everything === true) {
      this.#following += 1;
      // Of what had begun, as many as are followed at once: the newest.
      const most = this.#limits.followed?.atOnce ?? this.#live.size;
      for (const { id } of this.#live.all().slice(-Math.max(1, most))) this.follow(id);
    }
    return () => {
      if (!this.#listeners.includes(listener)) return;
      this.#listeners = this.#listeners.filter((other) => other !== listener);
      if (listener.everything === true) this.#following -= 1;
    };
  }

  /** Stops reading the stream and forgets everything. */
  close(): void {
    this.#unsubscribe();
    this.#listeners = [];
    this.#entries.clear();
    this.#live = new EntryQueue();
    this.#ended = new EntryQueue();
  }

  get #isPassingOver(): boolean {
    return this.#listeners.length === 0 && this.#sources.catchUp !== undefined;
  }

  #catchUp(): void {
    this.#passedOver = false;
    const known = new Set(this.#entries.keys());
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

  #take(event: StampedEvent): void {
    switch (event.type) {
      case 'negotiation.started':
      case 'negotiation.rule':
      case 'negotiation.state':
      case 'negotiation.ended':
        this.#change(event);
        return;
      default:
        if ('negotiation' in event && event.negotiation !== undefined) this.#note(event, event.negotiation);
    }
  }

  /** Its view stays as it is. */
  #note(event: StampedEvent, id: NegotiationId): void {
    const entry = this.#entries.get(id);
    if (entry?.history === undefined) return;
    this.#remember(entry, entry.history, event);
    for (const { happened } of this.#listeners) happened(event);
  }

  #change(event: RowEvent): void {
    const entry = this.#concerned(event);
    if (entry === undefined) return;
    if (entry.history !== undefined) this.#remember(entry, entry.history, event);
    this.#advance(entry, event);
    for (const { happened } of this.#listeners) happened(event);
  }

  /** Undefined: it is passed over. */
  #concerned(event: RowEvent): Entry | undefined {
    if (event.type === 'negotiation.started') return this.#begin(event);
    const known = this.#entries.get(event.negotiation);
    return known ?? (event.type === 'negotiation.state' ? this.#beginToken(event) : undefined);
  }

  #remember(entry: Entry, history: StampedEvent[], event: StampedEvent): void {
    history.push(event);
    // In batches: to shift each time would cost the whole length for every event.
    if (history.length >= this.#limits.events * 2) entry.history = history.slice(-this.#limits.events);
  }

  #advance(entry: Entry, event: RowEvent): void {
    switch (event.type) {
      case 'negotiation.started':
        return;
      case 'negotiation.rule':
        entry.rule = event.rule;
        return;
      case 'negotiation.state':
        entry.active = event.active;
        if (entry.chart === 'token' && event.active.includes('token.forgotten')) this.#end(entry, event.at);
        return;
      case 'negotiation.ended':
        entry.ended = event;
        if (entry.history === undefined) {
          entry.active = this.#activeIn(entry);
          // What went well among many is told from packets: a trail that is kept is one that the collector must move.
          if (event.failure === undefined) this.#steps.drop(entry.id);
        }
        this.#end(entry, event.at);
        return;
    }
  }

  #end(entry: Entry, at: number): void {
    const isOver = entry.endedAt !== undefined;
    entry.endedAt = at;
    if (isOver) return;
    this.#live.remove(entry);
    this.#ended.append(entry);
    this.#forgetOldest(this.#ended, this.#limits.ended);
  }

  #begin(event: Started): Entry | undefined {
    const before = this.#entries.get(event.negotiation);
    if (before !== undefined) this.#leave(before);
    const history = this.#mayFollow(event.at) ? [] : undefined;
    if (history === undefined && this.#isPassingOver) {
      this.#passedOver = true;
      return undefined;
    }
    return this.#put(entryOf(event, history));
  }

  /** A token has no peer, and so nothing announces its chart: it is known from the first state that is seen of it. */
  #beginToken(event: Extract<RowEvent, { type: 'negotiation.state' }>): Entry | undefined {
    if (event.active[0] !== 'token') return undefined;
    return this.#put(tokenEntry(event.negotiation, String(event.context.token), event.at));
  }

  #put(entry: Entry): Entry {
    this.#entries.set(entry.id, entry);
    this.#live.append(entry);
    this.#forgetOldest(this.#live, this.#limits.live);
    return entry;
  }

  #leave(entry: Entry): void {
    this.#entries.delete(entry.id);
    (entry.endedAt === undefined ? this.#live : this.#ended).remove(entry);
  }

  /** Of one that begins `now`. */
  #mayFollow(now: number): boolean {
    const { followed } = this.#limits;
    if (followed === undefined || this.#following > 0) return true;
    const allowance = this.#allowance;
    const gained = ((now - allowance.at) / 1000) * followed.perSecond;
    allowance.left = Math.min(followed.atOnce, allowance.left + gained);
    allowance.at = now;
    if (allowance.left < 1) return false;
    allowance.left -= 1;
    return true;
  }

  #forgetOldest(queue: EntryQueue, limit: number): void {
    while (queue.size > limit) {
      const { oldest } = queue;
      if (oldest === undefined) return;
      this.#leave(oldest);
      this.#steps.drop(oldest.id);
      for (const { forgotten } of this.#listeners) forgotten?.(oldest.id);
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
    return viewOf(entry, this.#activeIn(entry) ?? []);
  }
}
