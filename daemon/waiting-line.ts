/** First messages that wait, oldest first; bounded, and bounded for each source. */
import type { Address } from '../services/net/address.js';
import type { Arrival } from './arrival.js';
import { sourceOf } from './half-open.js';
import type { LedgerLimits } from './source-ledger.js';

export interface Waiting {
  readonly arrival: Arrival;
  readonly source: string;
  /** `Clock.now()`. */
  readonly since: number;
}

export class WaitingLine {
  readonly #most: number;
  /**
   * A ring, `#size` from `#head` on. A `Set` that gives up its first member keeps the place of each until it grows, and who
   * asks for the first goes over all of them: under a flood, again and again.
   */
  readonly #ring: (Waiting | undefined)[] = [];
  #head = 0;
  #size = 0;
  readonly #ofSource = new Map<string, number>();

  /** Never more than `most`, whatever limits it is asked about. */
  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#size;
  }

  /**
   * Whether one more of this address may wait. One for which there is no room costs nothing but this: those that wait do not
   * make room for it, which would cost what it has cost to let them in.
   */
  hasRoom(address: Address, { total, perSource }: LedgerLimits): boolean {
    if (this.#size >= Math.min(total, this.#most)) return false;
    return (this.#ofSource.get(sourceOf(address)) ?? 0) < perSource;
  }

  /** Where there is room. */
  add(arrival: Arrival, since: number): void {
    const source = sourceOf(arrival.datagram.remote.address);
    this.#ring[(this.#head + this.#size) % this.#most] = { arrival, source, since };
    this.#size += 1;
    this.#ofSource.set(source, (this.#ofSource.get(source) ?? 0) + 1);
  }

  first(): Waiting | undefined {
    return this.#ring[this.#head];
  }

  /** The first, which waits no longer. */
  take(): Waiting | undefined {
    const one = this.#ring[this.#head];
    if (one === undefined) return undefined;
    this.#ring[this.#head] = undefined;
    this.#head = (this.#head + 1) % this.#most;
    this.#size -= 1;
    const left = (this.#ofSource.get(one.source) ?? 1) - 1;
    if (left === 0) this.#ofSource.delete(one.source);
    else this.#ofSource.set(one.source, left);
    return one;
  }
}
