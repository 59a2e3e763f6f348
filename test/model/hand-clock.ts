/** A clock whose alarms go off when the test says so. */
import type { Clock, TimerHandle } from '../../services/ports/clock.js';

interface Alarm {
  readonly ms: number;
  readonly due: number;
  readonly run: () => void;
}

export class HandClock implements Clock {
  readonly #alarms = new Set<Alarm>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  thisTurn(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#now;
  }

  setTimeout(run: () => void, ms: number): TimerHandle {
    const alarm = { ms, due: this.#now + ms, run };
    this.#alarms.add(alarm);
    return alarm;
  }

  clearTimeout(handle: TimerHandle): void {
    for (const alarm of this.#alarms) if (alarm === handle) this.#alarms.delete(alarm);
  }

  /** The lengths of what is set, milliseconds. */
  get set(): readonly number[] {
    return [...this.#alarms].map(({ ms }) => ms).sort((a, b) => a - b);
  }

  /** Lets the alarm that was set for `ms` go off, whatever was due before it. */
  ring(ms: number): void {
    for (const alarm of this.#alarms) {
      if (alarm.ms !== ms) continue;
      this.#alarms.delete(alarm);
      this.#now = Math.max(this.#now, alarm.due);
      alarm.run();
      return;
    }
    throw new Error(`no alarm was set for ${String(ms)} ms`);
  }
}
