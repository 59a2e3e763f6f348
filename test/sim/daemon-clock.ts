/** The clock of one daemon in the simulation: it can be stopped for good with all its timers, and its time of day set. */
import type { Clock, TimerHandle } from '../../services/ports/clock.js';

export class DaemonClock implements Clock {
  readonly #time: Clock;
  readonly #timers = new Set<TimerHandle>();
  #stopped = false;
  #offset = 0;

  constructor(time: Clock) {
    this.#time = time;
  }

  /** How many timers are set. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#time.now();
  }

  thisTurn(): number {
    return this.#time.thisTurn();
  }

  wallTime(): number {
    return this.#time.wallTime() + this.#offset;
  }

  setTimeout(run: () => void, ms: number): TimerHandle {
    if (this.#stopped) return undefined;
    const timer = this.#time.setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, ms);
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle);
    this.#time.clearTimeout(handle);
  }

  /** Somebody sets the time of day, forward or back. */
  stepWall(ms: number): void {
    this.#offset += ms;
  }

  /** The daemon is gone: nothing it set fires any more, and it sets nothing new. */
  stop(): void {
    this.#stopped = true;
    for (const timer of this.#timers) this.#time.clearTimeout(timer);
    this.#timers.clear();
  }
}
