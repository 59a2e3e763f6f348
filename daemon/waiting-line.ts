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
  /** In the order of their coming: a `Set` gives up its first member without moving the others. */
  readonly #waiting = new Set<Waiting>();
  readonly #ofSource = new Map<string, number>();

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Gives back the one there is no room for: itself, where its source has its share, else the oldest. */
  add(waiting: Waiting): Waiting | undefined {
    const own = this.#ofSource.get(waiting.source) ?? 0;
    if (own >= this.#limits.perSource) return waiting;
    const displaced = this.size >= this.#limits.total ? this.take() : undefined;
    this.#waiting.add(waiting);
    this.#ofSource.set(waiting.source, (this.#ofSource.get(waiting.source) ?? 0) + 1);
    return displaced;
  }

  first(): Waiting | undefined {
    for (const one of this.#waiting) return one;
    return undefined;
  }

  /** The first, which waits no longer. */
  take(): Waiting | undefined {
    const one = this.first();
    if (one === undefined) return undefined;
    this.#waiting.delete(one);
    const left = (this.#ofSource.get(one.source) ?? 1) - 1;
    if (left === 0) this.#ofSource.delete(one.source);
    else this.#ofSource.set(one.source, left);
    return one;
  }
}
