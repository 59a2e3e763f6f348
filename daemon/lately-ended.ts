/**
 * What is kept of something for a while after its end, and no longer than there is room: past `most`, the oldest goes
 * before its time.
 */
import type { Clock, TimerHandle } from '../services/ports/clock.js';

interface Kept {
  readonly timer: TimerHandle;
  readonly forget: () => void;
}

export class LatelyEnded {
  readonly #clock: Clock;
  readonly #most: number;
  /** In the order of their ends. */
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock, most: number) {
    this.#clock = clock;
    this.#most = most;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Calls `forget` once, after `ms` milliseconds or sooner. */
  keep(id: string, ms: number, forget: () => void): void {
    const timer = this.#clock.setTimeout(() => {
      this.#kept.delete(id);
      forget();
    }, ms);
    this.#kept.set(id, { timer, forget });
    if (this.#kept.size <= this.#most) return;
    for (const [oldest, kept] of this.#kept) {
      this.#kept.delete(oldest);
      this.#clock.clearTimeout(kept.timer);
      kept.forget();
      break;
    }
  }
}
