/** Lets one thing through per key and interval; bounded, so that forged keys cannot make it grow. */
import type { Clock } from '../services/ports/clock.js';

const MOST_KEYS = 1024;

export class Throttle {
  readonly #clock: Clock;
  readonly #intervalMs: number;
  readonly #last = new Map<string, number>();

  constructor(clock: Clock, intervalMs: number) {
    this.#clock = clock;
    this.#intervalMs = intervalMs;
  }

  allows(key: string): boolean {
    const now = this.#clock.now();
    const last = this.#last.get(key);
    if (last !== undefined && now - last < this.#intervalMs) return false;
    this.#last.delete(key);
    this.#last.set(key, now);
    if (this.#last.size > MOST_KEYS) {
      for (const oldest of this.#last.keys()) {
        this.#last.delete(oldest);
        break;
      }
    }
    return true;
  }
}
