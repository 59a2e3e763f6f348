/** The stream of everything that happens. A reader that throws is dropped: watching must never hurt the protocol. */
import type { DaemonEvent } from '../services/events/event.js';
import type { Clock } from '../services/ports/clock.js';
import type { Events, EventType, StampedEvent } from '../services/ports/events.js';

interface Subscription {
  readonly reader: (event: StampedEvent) => void;
  readonly wants: (type: EventType) => boolean;
  ended: boolean;
}

export class EventStream implements Events {
  readonly #clock: Clock;
  readonly #subscriptions = new Set<Subscription>();
  /** Who wants which type, found out when one is told of first. */
  readonly #byType = new Map<EventType, readonly Subscription[]>();
  #sequence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  emit(event: DaemonEvent): void {
    const subscriptions = this.#byType.get(event.type) ?? this.#whoWants(event.type);
    if (subscriptions.length === 0) {
      this.#sequence += 1;
      return;
    }
    const stamped = this.#stamp(event);
    for (const subscription of subscriptions) {
      if (subscription.ended) continue;
      try {
        subscription.reader(stamped);
      } catch {
        this.#leave(subscription);
      }
    }
  }

  #stamp(event: DaemonEvent): StampedEvent {
    this.#sequence += 1;
    const stamp = { sequence: this.#sequence, at: this.#clock.now() };
    // A copy costs three times as much (0.7 us against 0.2), and only what is told twice needs one.
    return Object.assign('sequence' in event ? { ...event } : event, stamp);
  }

  /** `Clock.now()` of the stamps, milliseconds. */
  now(): number {
    return this.#clock.now();
  }

  /** Of the latest event. */
  get sequence(): number {
    return this.#sequence;
  }

  subscribe(
    reader: (event: StampedEvent) => void,
    wants: (type: EventType) => boolean = () => true,
  ): () => void {
    const subscription = { reader, wants, ended: false };
    this.#subscriptions.add(subscription);
    this.#byType.clear();
    return () => {
      this.#leave(subscription);
    };
  }

  #leave(subscription: Subscription): void {
    subscription.ended = true;
    this.#subscriptions.delete(subscription);
    this.#byType.clear();
  }

  #whoWants(type: EventType): readonly Subscription[] {
    const found = [...this.#subscriptions].filter(({ wants }) => wants(type));
    this.#byType.set(type, found);
    return found;
  }
}

/**
 * A place behind an event for what is not on the stream, `nth` of its kind there: from 1. Numbers of the stream are for
 * what is: who misses one has lost an event.
 */
export function placeBehind(sequence: number, nth: number): number {
  return sequence + Math.min(nth, 0xfffff) / 0x100000;
}
