/**
 * Events for clients of the door that follow the stream. It is read only while somebody follows, and keeps so many: who
 * is too slow loses the oldest and is told how many, and the daemon waits for nobody.
 */
import type { EventBatch, EventDesk } from '../services/admin/event-batch.js';
import type { Clock, TimerHandle } from '../services/ports/clock.js';
import type { Events, StampedEvent } from '../services/ports/events.js';

export interface EventQueueLimits {
  readonly kept: number;
  /** Of one reply. */
  readonly batch: number;
  /** How long an answer waits for something to happen, milliseconds; the door gives up a silent client later. */
  readonly waitMs: number;
  /** Events of one moment go together. */
  readonly gatherMs: number;
  /** Nobody has asked for so long: nobody follows. */
  readonly idleMs: number;
}

const LIMITS: EventQueueLimits = { kept: 4096, batch: 256, waitMs: 20_000, gatherMs: 50, idleMs: 60_000 };

export class EventQueue implements EventDesk {
  readonly #events: Events;
  readonly #clock: Clock;
  readonly #limits: EventQueueLimits;
  #kept: StampedEvent[] = [];
  #last = 0;
  #waiting: (() => void)[] = [];
  #gathering = false;
  #unsubscribe: (() => void) | undefined;
  #idle: TimerHandle;

  constructor(events: Events, clock: Clock, limits: EventQueueLimits = LIMITS) {
    this.#events = events;
    this.#clock = clock;
    this.#limits = limits;
  }

  async after(sequence: number | undefined): Promise<EventBatch> {
    this.#follow();
    const from = sequence ?? this.#last;
    if (this.#since(from).length === 0) await this.#something();
    const found = this.#since(from);
    const events = found.slice(0, this.#limits.batch);
    const first = events[0];
    // Who has just come, and came to an empty queue, has missed nothing.
    const lost = first === undefined || from === 0 ? 0 : first.sequence - from - 1;
    return {
      events,
      next: events.at(-1)?.sequence ?? from,
      lost,
      epoch: this.#clock.wallTime() - this.#clock.now(),
    };
  }

  #since(sequence: number): readonly StampedEvent[] {
    return this.#kept.filter((event) => event.sequence > sequence);
  }

  #follow(): void {
    this.#clock.clearTimeout(this.#idle);
    this.#idle = this.#clock.setTimeout(() => {
      this.#unsubscribe?.();
      this.#unsubscribe = undefined;
      this.#kept = [];
    }, this.#limits.idleMs);
    this.#unsubscribe ??= this.#events.subscribe((event) => {
      this.#take(event);
    });
  }

  #take(event: StampedEvent): void {
    this.#kept.push(event);
    this.#last = event.sequence;
    // In batches: to shift each time would cost the whole length for every event.
    if (this.#kept.length >= this.#limits.kept * 2) this.#kept = this.#kept.slice(-this.#limits.kept);
    if (this.#gathering) return;
    this.#gathering = true;
    this.#clock.setTimeout(() => {
      this.#gathering = false;
      const waiting = this.#waiting;
      this.#waiting = [];
      for (const go of waiting) go();
    }, this.#limits.gatherMs);
  }

  #something(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#clock.setTimeout(resolve, this.#limits.waitMs);
    });
  }
}
