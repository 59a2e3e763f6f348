/** What the inspector may ask: the negotiations of late and what happened to each, in bounded memory. */
import type { NegotiationId } from '../services/events/event.js';
import type { Explanation } from '../services/explain/explanation.js';
import type { Bytes } from '../services/bytes.js';
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

export interface InspectionLimits {
  /** Negotiations under way; beyond it the oldest is forgotten. */
  readonly live: number;
  readonly ended: number;
  /** Events per negotiation; beyond it the oldest are forgotten. */
  readonly events: number;
}

const DEFAULT_LIMITS: InspectionLimits = { live: 50_000, ended: 1000, events: 500 };

/** The bytes of messages, where somebody keeps them. */
export interface KeptMessages {
  find(
    id: NegotiationId,
    sequence: number,
  ): { readonly datagram: Bytes; readonly plaintext: Bytes | undefined } | undefined;
  /** Whether decrypted bytes may be shown. */
  showsPlaintext(): boolean;
}

const NONE_KEPT: KeptMessages = { find: () => undefined, showsPlaintext: () => false };

interface Listener {
  readonly happened: (event: StampedEvent) => void;
  readonly forgotten: (id: NegotiationId) => void;
}

interface Entry {
  view: NegotiationView;
  history: StampedEvent[];
}

export interface InspectionSources {
  readonly explain: (id: NegotiationId) => Explanation | undefined;
  readonly messages?: KeptMessages;
  /** What is known of negotiations that began before, in the order of the stream. */
  readonly begun?: readonly StampedEvent[];
  readonly limits?: InspectionLimits;
  /** Of what it is, when it is not of a daemon. */
  readonly recording?: RecordingWords;
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
  readonly #explain: (id: NegotiationId) => Explanation | undefined;
  readonly #messages: KeptMessages;
  readonly #unsubscribe: () => void;

  constructor(
    events: Pick<Events, 'subscribe'>,
    charts: readonly ChartDescription[],
    clock: Pick<Clock, 'now'>,
    { explain, messages = NONE_KEPT, begun = [], limits = DEFAULT_LIMITS, recording }: InspectionSources,
  ) {
    this.#recording = recording;
    this.#messages = messages;
    this.#explain = explain;
    this.#charts = charts;
    this.#clock = clock;
    this.#limits = limits;
    for (const event of begun) this.#take(event);
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
      .map((entry) => entry.view)
      .sort((a, b) => a.startedAt - b.startedAt);
  }

  size(): number {
    return this.#live.size + this.#ended.size;
  }

  negotiation(id: NegotiationId): NegotiationView | undefined {
    return this.#entry(id)?.view;
  }

  history(id: NegotiationId): readonly StampedEvent[] {
    return this.#entry(id)?.history.slice(-this.#limits.events) ?? [];
  }

  explanation(id: NegotiationId): Explanation | undefined {
    return this.#explain(id);
  }

  message(id: NegotiationId, sequence: number): readonly DissectedPart[] | undefined {
    const kept = this.#messages.find(id, sequence);
    if (kept === undefined) return undefined;
    return dissect(kept.datagram, this.#messages.showsPlaintext() ? kept.plaintext : undefined);
  }

  showsPlaintext(): boolean {
    return this.#messages.showsPlaintext();
  }

  watch(
    happened: (event: StampedEvent) => void,
    forgotten: (id: NegotiationId) => void = () => undefined,
  ): () => void {
    const listener = { happened, forgotten };
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Stops reading the stream and forgets everything. */
  close(): void {
    this.#unsubscribe();
    this.#listeners.clear();
    this.#live.clear();
    this.#ended.clear();
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

    entry.history.push(event);
    // In batches: to shift each time would cost the whole length for every event.
    if (entry.history.length >= this.#limits.events * 2) {
      entry.history = entry.history.slice(-this.#limits.events);
    }
    entry.view = advanced(entry.view, event);
    if (entry.view.endedAt !== undefined && this.#live.delete(id)) {
      this.#ended.set(id, entry);
      this.#forgetOldest(this.#ended, this.#limits.ended);
    }
    for (const { happened } of this.#listeners) happened(event);
  }

  #begin(event: Extract<StampedEvent, { type: 'negotiation.started' }>): void {
    this.#ended.delete(event.negotiation);
    this.#put({
      id: event.negotiation,
      chart: event.chart,
      local: formatEndpoint(event.local),
      remote: formatEndpoint(event.remote),
      rule: event.rule,
      parent: event.parent,
      startedAt: event.at,
    });
  }

  /** A token has no peer, and so nothing announces its chart: it is known from the first state that is seen of it. */
  #beginToken(event: StampedEvent): Entry | undefined {
    if (event.type !== 'negotiation.state' || event.active[0] !== 'token') return undefined;
    return this.#put({
      id: event.negotiation,
      chart: 'token',
      local: 'this host',
      remote: `token "${String(event.context.token)}"`,
      rule: undefined,
      parent: undefined,
      startedAt: event.at,
    });
  }

  #put(view: Omit<NegotiationView, 'endedAt' | 'active' | 'outcome' | 'failure'>): Entry {
    const entry: Entry = {
      history: [],
      view: { ...view, endedAt: undefined, active: [], outcome: undefined, failure: undefined },
    };
    this.#live.set(view.id, entry);
    this.#forgetOldest(this.#live, this.#limits.live);
    return entry;
  }

  #forgetOldest(entries: Map<NegotiationId, Entry>, limit: number): void {
    for (const id of entries.keys()) {
      if (entries.size <= limit) return;
      entries.delete(id);
      for (const { forgotten } of this.#listeners) forgotten(id);
    }
  }
}

function advanced(view: NegotiationView, event: StampedEvent): NegotiationView {
  switch (event.type) {
    case 'negotiation.rule':
      return { ...view, rule: event.rule };
    case 'negotiation.state': {
      if (event.active === view.active) return view;
      const isForgotten = view.chart === 'token' && event.active.includes('token.forgotten');
      const ending = isForgotten ? { endedAt: event.at, outcome: 'gone' } : {};
      return { ...view, active: event.active, ...ending };
    }
    case 'negotiation.ended':
      return {
        ...view,
        endedAt: event.at,
        outcome: event.outcome,
        failure: event.failure && {
          code: event.failure.code,
          explanation: event.failure.explanation,
          hint: event.failure.hint,
        },
      };
    default:
      return view;
  }
}
