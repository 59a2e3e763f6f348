/**
 * What the inspector keeps of one negotiation, and how it is shown. Of all that begin while somebody watches there is one:
 * it has its fields written out, for V8 gives what is put together from spreads a hidden class each.
 */
import { LinkedList, type Links } from '../services/collections/linked-list.js';
import type { NegotiationId } from '../services/events/event.js';
import { formatEndpoint } from '../services/net/address.js';
import type { StampedEvent } from '../services/ports/events.js';
import type { NegotiationView } from '../services/ports/inspection.js';

export type Started = Extract<StampedEvent, { type: 'negotiation.started' }>;
export type Ended = Extract<StampedEvent, { type: 'negotiation.ended' }>;

/** Text and views are made for who asks. */
export interface Entry extends Links<Entry> {
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

export function entryOf(started: Started, history: StampedEvent[] | undefined): Entry {
  return {
    id: started.negotiation,
    chart: started.chart,
    startedAt: started.at,
    started,
    remote: '',
    rule: started.rule,
    active: undefined,
    endedAt: undefined,
    ended: undefined,
    history,
    before: undefined,
    after: undefined,
  };
}

/** Nothing announces the chart of a token, which has no peer. */
export function tokenEntry(id: NegotiationId, token: string, startedAt: number): Entry {
  return {
    id,
    chart: 'token',
    startedAt,
    started: undefined,
    remote: `token "${token}"`,
    rule: undefined,
    active: undefined,
    endedAt: undefined,
    ended: undefined,
    history: [],
    before: undefined,
    after: undefined,
  };
}

/** `active`: ids of the states in which it is. */
export function viewOf(entry: Entry, active: readonly string[]): NegotiationView {
  const { started, endedAt, ended } = entry;
  const failure = ended?.failure;
  return {
    id: entry.id,
    chart: entry.chart,
    local: started === undefined ? 'this host' : formatEndpoint(started.local),
    remote: started === undefined ? entry.remote : formatEndpoint(started.remote),
    rule: entry.rule,
    parent: started?.parent,
    startedAt: entry.startedAt,
    endedAt,
    active,
    outcome: ended === undefined && endedAt !== undefined ? 'gone' : ended?.outcome,
    failure: failure && { code: failure.code, explanation: failure.explanation, hint: failure.hint },
  };
}

/** In the order in which they came. A map that is kept so is searched for its oldest among all that have left it. */
export class EntryQueue {
  readonly #entries = new LinkedList<Entry>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get oldest(): Entry | undefined {
    return this.#entries.first;
  }

  append(entry: Entry): void {
    this.#entries.append(entry);
    this.#size += 1;
  }

  /** It is in this queue. */
  remove(entry: Entry): void {
    this.#entries.remove(entry);
    this.#size -= 1;
  }

  all(): readonly Entry[] {
    const all: Entry[] = [];
    for (let entry = this.oldest; entry !== undefined; entry = entry.after) all.push(entry);
    return all;
  }
}
