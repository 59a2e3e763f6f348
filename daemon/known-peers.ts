/** Sources a Phase 1 SA was made with lately: bounded, those longest ago forgotten first. */
import type { Address } from '../services/net/address.js';
import type { Clock } from '../services/ports/clock.js';
import { sourceOf } from './half-open.js';

const MOST_SOURCES = 16_384;
/** So many are forgotten together: a `Map` goes over the places of all that it has lost to find its first. */
const FORGOTTEN_AT_ONCE = 1024;
const REMEMBERED_MS = 24 * 3_600_000;

export class KnownPeers {
  readonly #clock: Clock;
  /** When the last one was made, `Clock.now()`; in that order. */
  readonly #last = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(address: Address): void {
    const source = sourceOf(address);
    this.#last.delete(source);
    this.#last.set(source, this.#clock.thisTurn());
    if (this.#last.size <= MOST_SOURCES) return;
    for (const oldest of this.#last.keys()) {
      this.#last.delete(oldest);
      if (this.#last.size <= MOST_SOURCES - FORGOTTEN_AT_ONCE) return;
    }
  }

  has(address: Address): boolean {
    const at = this.#last.get(sourceOf(address));
    return at !== undefined && this.#clock.thisTurn() - at <= REMEMBERED_MS;
  }
}
