/** The time of a replay is that of the recording; timers go off when they did. */
import type { Clock } from '../../services/ports/clock.js';

export class ReplayClock implements Clock {
  readonly #epoch: number;
  #now = 0;

  /** `epoch`: milliseconds since 1970 when `now` was 0. */
  constructor(epoch: number) {
    this.#epoch = epoch;
  }

  set(now: number): void {
    this.#now = Math.max(this.#now, now);
  }

  now(): number {
    return this.#now;
  }

  thisTurn(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#epoch + this.#now;
  }

  /** What nobody recorded does not happen. */
  setTimeout(): undefined {
    return undefined;
  }

  clearTimeout(): void {
    // As above.
  }
}

/** The clock of one negotiation: its timers by the order in which they were set. */
export class NumberedTimers implements Clock {
  readonly #clock: ReplayClock;
  readonly #waiting = new Map<number, () => void>();
  #count = 0;

  constructor(clock: ReplayClock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  thisTurn(): number {
    return this.#clock.thisTurn();
  }

  wallTime(): number {
    return this.#clock.wallTime();
  }

  setTimeout(run: () => void): number {
    this.#count += 1;
    this.#waiting.set(this.#count, run);
    return this.#count;
  }

  clearTimeout(handle: unknown): void {
    if (typeof handle === 'number') this.#waiting.delete(handle);
  }

  /** False when the timer was never set, or was cleared. */
  goOff(number: number): boolean {
    const run = this.#waiting.get(number);
    this.#waiting.delete(number);
    run?.();
    return run !== undefined;
  }
}
