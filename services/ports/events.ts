import type { DaemonEvent } from '../events/event.js';

export type EventType = DaemonEvent['type'];

/** An event as it stands on the stream. */
export type StampedEvent = DaemonEvent & {
  /** Counts from 1 within a run; with a fraction for what was never on the stream, between those that were. */
  readonly sequence: number;
  /** `Clock.now()` when it happened, milliseconds. */
  readonly at: number;
};

/** The one stream of everything that happens. Logs, counters, ladder and inspector are its readers. */
export interface Events {
  /** The event is the stream's from now on: it gets its stamp. */
  emit(event: DaemonEvent): void;
  /**
   * Returns the function that unsubscribes. A reader that throws is dropped, never the daemon. `wants` is asked once for
   * each type and must not change its mind; without it everything is read.
   */
  subscribe(reader: (event: StampedEvent) => void, wants?: (type: EventType) => boolean): () => void;
}
