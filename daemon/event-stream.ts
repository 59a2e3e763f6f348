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
    this.#sequence += 1;
    // What is told twice needs a copy for its second stamp; to copy each would cost three times as much.
    const stamped = isStamped(event) ? { ...event } : event;
    const at = isPunctual(event.type) ? this.#clock.now() : this.#clock.thisTurn();
    stamp(stamped, this.#sequence, at);
    for (const subscription of subscriptions) {
      if (subscription.ended) continue;
      try {
        subscription.reader(stamped);
      } catch {
        this.#leave(subscription);
      }
    }
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

/** Of what comes, what goes and what changes it is told when, with all that was computed between; what else happens does so with it. */
function isPunctual(type: EventType): boolean {
  return (
    type === 'message.received' ||
    type === 'message.sent' ||
    type === 'negotiation.state' ||
    type === 'negotiation.transition'
  );
}

/** Read as a field, which is looked up faster than whether there is one. */
function isStamped(event: DaemonEvent & { readonly sequence?: number }): boolean {
  return event.sequence !== undefined;
}

/** Field by field: `Object.assign` costs several times as much where events have some thirty shapes. */
function stamp(
  event: DaemonEvent & { sequence?: number; at?: number },
  sequence: number,
  at: number,
): asserts event is StampedEvent {
  event.sequence = sequence;
  event.at = at;
}

/**
 * A place behind an event for what is not on the stream, `nth` of its kind there: from 1. Numbers of the stream are for
 * what is: who misses one has lost an event.
 */
export function placeBehind(sequence: number, nth: number): number {
  return sequence + Math.min(nth, 0xfffff) / 0x100000;
}
