/** Counts datagrams that led to nothing, and says so at most once a second for each source. */
import type { Endpoint } from '../services/net/address.js';
import type { Clock } from '../services/ports/clock.js';
import type { Events } from '../services/ports/events.js';
import { ReasonCounter } from './reason-counter.js';
import { RefusedPeers } from './refused-peers.js';

const WINDOW_MS = 1000;
/** A flood from forged addresses must make neither this table nor the log grow: past this, sources are only counted. */
const MOST_SOURCES = 1024;

interface Source {
  until: number;
  /** Dropped since the last event. */
  silent: number;
  reason: string;
}

export class DropCounter {
  readonly #clock: Clock;
  readonly #events: Events;
  readonly #sources = new Map<string, Source>();
  readonly #reasons = new ReasonCounter();
  readonly #peers: RefusedPeers;

  constructor(clock: Clock, events: Events, peers = new RefusedPeers()) {
    this.#peers = peers;
    this.#clock = clock;
    this.#events = events;
  }

  get total(): number {
    return this.#reasons.total;
  }

  get reasons(): ReadonlyMap<string, number> {
    return this.#reasons.counts;
  }

  drop(remote: Endpoint, reason: string): void {
    this.#reasons.count(reason);
    const now = this.#clock.thisTurn();
    this.#peers.note(remote.address, reason, now);
    const source = this.#sources.get(remote.address);
    if (source !== undefined && now < source.until) {
      source.silent += 1;
      source.reason = reason;
      return;
    }
    if (source === undefined && this.#sources.size >= MOST_SOURCES && !this.#forgetOldest(now)) return;
    this.#events.emit({ type: 'datagram.dropped', remote, reason, count: 1 + (source?.silent ?? 0) });
    // The map stays in the order of the last events.
    this.#sources.delete(remote.address);
    this.#sources.set(remote.address, { until: now + WINDOW_MS, silent: 0, reason });
  }

  /** False when even the oldest source must still be silent. */
  #forgetOldest(now: number): boolean {
    for (const [address, { until }] of this.#sources) {
      return until <= now && this.#sources.delete(address);
    }
    return false;
  }
}
