/**
 * What went by in each negotiation, as far as an explanation needs it: a reader of the stream with bounded memory. What
 * ended well is forgotten; of what failed the latest are kept, those of strangers apart, so that a flood of them does
 * not wash away the failures that matter.
 */
import type { Course } from '../services/explain/explain-failure.js';
import type { NegotiationFacts } from '../services/explain/facts.js';
import type { MessageSummary, NegotiationId } from '../services/events/event.js';
import type { Subject } from '../services/explain/explanation.js';
import { groupedPayloads } from '../services/events/payload-names.js';
import type { Failure } from '../services/failure/failure.js';
import { type Address, type Endpoint, formatEndpoint } from '../services/net/address.js';
import type { Events, EventType, StampedEvent } from '../services/ports/events.js';
import type { Beginning, StandingChart } from './standing-runner.js';

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
  'phase1.not-renewed',
  'negotiation.rule',
  'message.sent',
  'message.received',
  'message.ignored',
  'notify.received',
  'negotiation.note',
  'negotiation.suspicion',
]);

/** Charts of SAs that stand: records of the table, which says more of them; they are many. */
const OF_RECORDS: ReadonlySet<string> = new Set<StandingChart>(['isakmp-sa', 'ipsec-sa']);

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
  messages: (MessageEvent | string)[] | undefined;
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
  /** As it was when it went. */
  readonly about: Subject;
  readonly remote: Address;
  readonly reason: string;
  /** `Clock.now()`. */
  readonly endedAt: number;
}

export class CourseLog {
  readonly #limits: CourseLimits;
  readonly #beginningOf: (id: NegotiationId) => Beginning | undefined;
  /** Of SAs that stand only those of which something was told. */
  readonly #live = new Map<NegotiationId, Trail>();
  readonly #failures = new Map<NegotiationId, PastFailure>();
  readonly #sameAs = new Map<NegotiationId, NegotiationId>();
  readonly #strangers = new Map<NegotiationId, PastFailure>();
  readonly #facts = new Map<NegotiationId, NegotiationFacts>();
  readonly #gone = new Map<NegotiationId, Parted>();

  /** `beginningOf` knows the Phase 1 SAs that stand. */
  constructor(
    events: Events,
    beginningOf: (id: NegotiationId) => Beginning | undefined,
    limits: CourseLimits = DEFAULT_LIMITS,
  ) {
    this.#limits = limits;
    this.#beginningOf = beginningOf;
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
    const known = this.#live.get(id);
    if (known !== undefined) return known;
    const beginning = this.#beginningOf(id);
    return beginning && trailOf(beginning);
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

  part(parted: Parted): void {
    keep(this.#gone, parted.about.negotiation, parted, this.#limits.gone);
  }

  #take(event: StampedEvent): void {
    switch (event.type) {
      case 'negotiation.started':
        this.#begin(event);
        return;
      case 'negotiation.ended':
        this.#end(event);
        return;
      case 'phase1.not-renewed':
        this.#failRenewal(event);
        return;
      default:
        if ('negotiation' in event && event.negotiation !== undefined) this.#note(event, event.negotiation);
    }
  }

  #begin(event: Extract<StampedEvent, { type: 'negotiation.started' }>): void {
    if (OF_RECORDS.has(event.chart)) return;
    const { negotiation: id, chart, local, remote, rule, parent, at: beganAt } = event;
    this.#live.set(id, trailOf({ negotiation: id, chart, local, remote, rule, parent, beganAt }));
    const above = parent === undefined ? undefined : this.#known(parent);
    if (above !== undefined) above.children = [...above.children, id];
  }

  /** That of an SA that stands is made when there is something to note. */
  #known(id: NegotiationId): Trail | undefined {
    const known = this.#live.get(id);
    if (known !== undefined) return known;
    const beginning = this.#beginningOf(id);
    if (beginning === undefined) return undefined;
    const trail = trailOf(beginning);
    this.#live.set(id, trail);
    return trail;
  }

  #note(event: StampedEvent, id: NegotiationId): void {
    const trail = this.#known(id);
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
    if (trail.messages === undefined) {
      trail.messages = [message];
    } else {
      if (trail.messages.length >= this.#limits.messages) trail.messages.shift();
      trail.messages.push(message);
    }
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
    trail.messages = [...messageLines(trail)];
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
    const trail = this.live(id);
    if (trail === undefined || [...this.#failures.values()].some((past) => past.failure === failure)) return;
    keep(this.#failures, id, { trail, failure, facts: undefined, endedAt: at }, this.#limits.failures);
  }
}

function trailOf(
  began: Pick<Trail, 'chart' | 'local' | 'remote' | 'parent' | 'rule' | 'beganAt'> & {
    readonly negotiation: NegotiationId;
  },
): Trail {
  const { negotiation: id, chart, local, remote, parent, rule, beganAt } = began;
  return {
    id,
    chart,
    local,
    remote,
    parent,
    children: NOTHING,
    beganAt,
    rule,
    messages: undefined,
    remarks: NOTHING,
    lastSentBytes: 0,
    heard: false,
  };
}

export function courseOf(trail: Trail): Course {
  const { remarks, lastSentBytes, heard } = trail;
  return { messages: messageLines(trail), remarks, lastSentBytes, heard };
}

function messageLines({ messages, beganAt }: Trail): readonly string[] {
  return (messages ?? []).map((event) => (typeof event === 'string' ? event : messageLine(event, beganAt)));
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
