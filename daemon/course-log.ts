/**
 * What went by in each negotiation, as far as an explanation needs it: a reader of the stream with bounded memory. What
 * ended well is forgotten; of what failed the latest are kept, those of strangers apart, so that a flood of them does
 * not wash away the failures that matter.
 */
import type { Course } from '../services/explain/explain-failure.js';
import type { NegotiationFacts } from '../services/explain/facts.js';
import type { MessageSummary, NegotiationId } from '../services/events/event.js';
import { groupedPayloads } from '../services/events/payload-names.js';
import type { Failure } from '../services/failure/failure.js';
import { type Endpoint, formatEndpoint } from '../services/net/address.js';
import type { Events, EventType, StampedEvent } from '../services/ports/events.js';

export interface CourseLimits {
  readonly failures: number;
  readonly strangers: number;
  readonly gone: number;
  /** Per negotiation. */
  readonly messages: number;
}

const DEFAULT_LIMITS: CourseLimits = { failures: 256, strangers: 64, gone: 64, messages: 16 };
const MOST_REMARKS = 6;

const TOLD: ReadonlySet<EventType> = new Set([
  'negotiation.started',
  'negotiation.ended',
  'phase1.gone',
  'phase2.gone',
  'phase1.established',
  'phase2.installed',
  'phase1.not-renewed',
  'negotiation.rule',
  'message.sent',
  'message.received',
  'message.ignored',
  'notify.received',
  'negotiation.note',
  'negotiation.suspicion',
]);

/** Most have none, and there may be one for each SA that stands. */
const NOTHING: readonly never[] = [];

type MessageEvent = Extract<StampedEvent, { type: 'message.sent' | 'message.received' }>;

export interface Trail {
  readonly id: NegotiationId;
  readonly chart: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly parent: NegotiationId | undefined;
  children: readonly NegotiationId[];
  readonly beganAt: number;
  rule: string | undefined;
  /** As they went by; words of them are made for who asks, and of what is kept long. */
  messages: readonly (MessageEvent | string)[];
  remarks: readonly string[];
  lastSentBytes: number;
  heard: boolean;
}

export interface PastFailure {
  readonly trail: Trail;
  readonly failure: Failure;
  readonly facts: NegotiationFacts | undefined;
  readonly endedAt: number;
}

/** An SA that stood and is gone, without a failure. */
export interface Parted {
  readonly id: NegotiationId;
  readonly trail: Trail;
  readonly reason: string;
  readonly endedAt: number;
}

export class CourseLog {
  readonly #limits: CourseLimits;
  readonly #live = new Map<NegotiationId, Trail>();
  readonly #failures = new Map<NegotiationId, PastFailure>();
  readonly #sameAs = new Map<NegotiationId, NegotiationId>();
  readonly #strangers = new Map<NegotiationId, PastFailure>();
  readonly #facts = new Map<NegotiationId, NegotiationFacts>();
  /** By cookies or SPIs: negotiations that came to a good end and what they made stands. */
  readonly #standing = new Map<string, Trail>();
  readonly #gone = new Map<NegotiationId, Parted>();

  constructor(events: Events, limits: CourseLimits = DEFAULT_LIMITS) {
    this.#limits = limits;
    events.subscribe(
      (event) => {
        this.#take(event);
      },
      (type) => TOLD.has(type),
    );
  }

  /** What is left of the record of a negotiation that is about to end in a failure. */
  remember(id: NegotiationId, facts: NegotiationFacts): void {
    if (this.#live.has(id)) this.#facts.set(id, facts);
  }

  live(id: NegotiationId): Trail | undefined {
    return this.#live.get(id);
  }

  liveTrails(): IterableIterator<Trail> {
    return this.#live.values();
  }

  failure(id: NegotiationId): PastFailure | undefined {
    const own = this.#sameAs.get(id) ?? id;
    return this.#failures.get(own) ?? this.#strangers.get(own);
  }

  /** Oldest first. */
  failures(): readonly PastFailure[] {
    return [...this.#strangers.values(), ...this.#failures.values()].sort((a, b) => a.endedAt - b.endedAt);
  }

  gone(id: NegotiationId): Parted | undefined {
    return this.#gone.get(id);
  }

  /** Oldest first. */
  parted(): readonly Parted[] {
    return [...this.#gone.values()];
  }

  #take(event: StampedEvent): void {
    switch (event.type) {
      case 'negotiation.started':
        this.#begin(event);
        return;
      case 'negotiation.ended':
        this.#end(event);
        return;
      case 'phase1.gone':
        this.#part(event.cookies, event.reason, event.at);
        return;
      case 'phase2.gone':
        this.#part(spisOf(event.pairs), event.reason, event.at);
        return;
      case 'phase1.established':
        this.#stand(event.cookies, event.negotiation);
        return;
      case 'phase2.installed':
        this.#stand(spisOf(event.pairs), event.negotiation);
        return;
      case 'phase1.not-renewed':
        this.#failRenewal(event);
        return;
      default:
        if ('negotiation' in event && event.negotiation !== undefined) this.#note(event, event.negotiation);
    }
  }

  #begin(event: Extract<StampedEvent, { type: 'negotiation.started' }>): void {
    // IPsec SAs that stand are records of the table, which says more; they are many.
    if (event.chart === 'ipsec-sa') return;
    const { negotiation: id, chart, local, remote, rule, parent } = event;
    this.#live.set(id, {
      id,
      chart,
      local,
      remote,
      parent,
      children: NOTHING,
      // V8 keeps a fraction as an object of its own.
      beganAt: Math.floor(event.at),
      rule,
      messages: NOTHING,
      remarks: NOTHING,
      lastSentBytes: 0,
      heard: false,
    });
    const above = parent === undefined ? undefined : this.#live.get(parent);
    // Where V8 spreads an empty list into another it makes room for seventeen.
    if (above !== undefined) above.children = above.children.length === 0 ? [id] : [...above.children, id];
  }

  #note(event: StampedEvent, id: NegotiationId): void {
    const trail = this.#live.get(id);
    if (trail === undefined) return;
    switch (event.type) {
      case 'negotiation.rule':
        trail.rule = event.rule;
        return;
      case 'message.sent':
        trail.lastSentBytes = event.message.bytes;
        this.#pass(trail, event);
        return;
      case 'message.received':
        trail.heard = true;
        this.#pass(trail, event);
        return;
      case 'message.ignored':
        trail.heard = true;
        remark(trail, `ignored: ${event.reason}`);
        return;
      case 'notify.received':
        trail.heard = true;
        remark(trail, `the peer said ${event.notify}${event.authenticated ? '' : ', unauthenticated'}`);
        return;
      case 'negotiation.note':
        remark(trail, event.note);
        return;
      case 'negotiation.suspicion':
        remark(trail, `suspected: ${event.failure.explanation}`);
        return;
      default:
    }
  }

  /** An SA stands long, and there are many: text is a fifth of what an event weighs. */
  #pass(trail: Trail, event: MessageEvent): void {
    const message = trail.chart === 'isakmp-sa' ? messageLine(event, trail.beganAt) : event;
    trail.messages = [...trail.messages, message].slice(-this.#limits.messages);
  }

  #end({ negotiation: id, failure, at }: Extract<StampedEvent, { type: 'negotiation.ended' }>): void {
    const trail = this.#live.get(id);
    this.#live.delete(id);
    const facts = this.#facts.get(id);
    this.#facts.delete(id);
    if (trail === undefined || failure === undefined) return;
    // What asked fails with what it had asked for, and that knows more.
    const same = [...this.#failures.values()].findLast((past) => past.failure === failure);
    if (same !== undefined) {
      keep(this.#sameAs, id, same.trail.id, this.#limits.failures);
      return;
    }
    // As above, of failures.
    trail.messages = messageLines(trail);
    const past = { trail, failure, facts, endedAt: at };
    const strange =
      failure.code === 'crowded-out' || (failure.code === 'no-rule' && trail.chart.endsWith('responder'));
    if (strange) keep(this.#strangers, id, past, this.#limits.strangers);
    else keep(this.#failures, id, past, this.#limits.failures);
  }

  /** The SA stands on; what its renewal failed of is kept under its name, unless a negotiation has said it. */
  #failRenewal({
    negotiation: id,
    failure,
    at,
  }: Extract<StampedEvent, { type: 'phase1.not-renewed' }>): void {
    const trail = this.#live.get(id);
    if (trail === undefined || [...this.#failures.values()].some((past) => past.failure === failure)) return;
    keep(this.#failures, id, { trail, failure, facts: undefined, endedAt: at }, this.#limits.failures);
  }

  #stand(name: string, id: NegotiationId): void {
    const trail = this.#live.get(id);
    if (trail === undefined) return;
    trail.messages = NOTHING;
    trail.remarks = NOTHING;
    this.#standing.set(name, trail);
  }

  #part(name: string, reason: string, at: number): void {
    const trail = this.#standing.get(name);
    if (!this.#standing.delete(name) || trail === undefined) return;
    keep(this.#gone, trail.id, { id: trail.id, trail, reason, endedAt: at }, this.#limits.gone);
  }
}

export function courseOf(trail: Trail): Course {
  const { remarks, lastSentBytes, heard } = trail;
  return { messages: messageLines(trail), remarks, lastSentBytes, heard };
}

function messageLines({ messages, beganAt }: Trail): readonly string[] {
  return messages.map((event) => (typeof event === 'string' ? event : messageLine(event, beganAt)));
}

function messageLine(event: MessageEvent, beganAt: number): string {
  const after = `+${((event.at - beganAt) / 1000).toFixed(3)} s`;
  if (event.type === 'message.received') return `${after} <- ${messageWords(event.message)}`;
  return `${after} -> ${messageWords(event.message)}${event.retransmission === 0 ? '' : ', again'}`;
}

function remark(trail: Trail, line: string): void {
  if (!trail.remarks.includes(line) && trail.remarks.length < MOST_REMARKS)
    trail.remarks = [...trail.remarks, line];
}

function messageWords({ exchange, number, payloads, encrypted, bytes }: MessageSummary): string {
  const which = number === 0 ? exchange : `${exchange} ${String(number)}`;
  return `${which} [${groupedPayloads(payloads).join(' ')}] ${String(bytes)} bytes${encrypted ? ', encrypted' : ''}`;
}

function spisOf(pairs: readonly { readonly inboundSpi: number; readonly outboundSpi: number }[]): string {
  return pairs.map(({ inboundSpi, outboundSpi }) => `${String(inboundSpi)}/${String(outboundSpi)}`).join(' ');
}

function keep<V>(map: Map<NegotiationId, V>, id: NegotiationId, value: V, most: number): void {
  map.set(id, value);
  for (const oldest of map.keys()) {
    if (map.size <= most) return;
    map.delete(oldest);
  }
}

/** For the words of an explanation. */
export function endsOf({ local, remote }: Pick<Trail, 'local' | 'remote'>) {
  return { local: formatEndpoint(local), remote: formatEndpoint(remote) };
}
