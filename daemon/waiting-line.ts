/** First messages that wait, oldest first; bounded, and bounded for each source. */
import type { Arrival } from './arrival.js';
import type { LedgerLimits } from './source-ledger.js';

export interface Waiting {
  readonly arrival: Arrival;
  readonly source: string;
  /** `Clock.now()`. */
  readonly since: number;
}

export class WaitingLine {
  readonly #limits: LedgerLimits;
  /**
   * A ring, `#size` from `#head` on. A `Set` that gives up its first member keeps the place of each until it grows, and who
   * asks for the first goes over all of them: under a flood, again and again.
   */
  readonly #ring: (Waiting | undefined)[] = [];
  #head = 0;
  #size = 0;
  readonly #ofSource = new Map<string, number>();

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#size;
  }

  /** Gives back the one there is no room for: itself, where its source has its share, else the oldest. */
  add(waiting: Waiting): Waiting | undefined {
    const { perSource, total } = this.#limits;
    const own = this.#ofSource.get(waiting.source) ?? 0;
    if (own >= perSource) return waiting;
    const displaced = this.#size >= total ? this.take() : undefined;
    this.#ring[(this.#head + this.#size) % total] = waiting;
    this.#size += 1;
    this.#ofSource.set(waiting.source, displaced?.source === waiting.source ? own : own + 1);
    return displaced;
  }

  first(): Waiting | undefined {
    return this.#ring[this.#head];
  }

  /** The first, which waits no longer. */
  take(): Waiting | undefined {
    const one = this.#ring[this.#head];
    if (one === undefined) return undefined;
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#limits.total;
    this.#size -= 1;
    const left = (this.#ofSource.get(one.source) ?? 1) - 1;
    if (left === 0) this.#ofSource.delete(one.source);
    else this.#ofSource.set(one.source, left);
    return one;
  }
}
