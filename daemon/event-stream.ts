/** The stream of everything that happens. A reader that throws is dropped: watching must never hurt the protocol. */
import type { DaemonEvent } from '../services/events/event.js';
import type { Clock } from '../services/ports/clock.js';
import type { Events, StampedEvent } from '../services/ports/events.js';

export class EventStream implements Events {
  readonly #clock: Clock;
  readonly #readers = new Set<(event: StampedEvent) => void>();
  #sequence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  emit(event: DaemonEvent): void {
    this.#sequence += 1;
    if (this.#readers.size === 0) return;
    const stamped: StampedEvent = { ...event, sequence: this.#sequence, at: this.#clock.now() };
    for (const reader of this.#readers) {
      try {
        reader(stamped);
      } catch {
        this.#readers.delete(reader);
      }
    }
  }

  subscribe(reader: (event: StampedEvent) => void): () => void {
    this.#readers.add(reader);
    return () => {
      this.#readers.delete(reader);
    };
  }
}
