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
    if (this.#readers.size === 0) {
      this.#sequence += 1;
      return;
    }
    const stamped = this.stamp(event);
    for (const reader of this.#readers) {
      try {
        reader(stamped);
      } catch {
        this.#readers.delete(reader);
      }
    }
  }

  /** Gives an event its place on the stream; nobody is told of it. */
  stamp(event: DaemonEvent): StampedEvent {
    this.#sequence += 1;
    return { ...event, sequence: this.#sequence, at: this.#clock.now() };
  }

  subscribe(reader: (event: StampedEvent) => void): () => void {
    this.#readers.add(reader);
    return () => {
      this.#readers.delete(reader);
    };
  }
}
