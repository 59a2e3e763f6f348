import type { DaemonEvent } from '../events/event.js';

/** An event as it stands on the stream. */
export type StampedEvent = DaemonEvent & {
  /** Counts from 1 within a run. */
  readonly sequence: number;
  /** `Clock.now()` when it happened, milliseconds. */
  readonly at: number;
};

/** The one stream of everything that happens. Logs, counters, ladder and inspector are its readers. */
export interface Events {
  emit(event: DaemonEvent): void;
  /** Returns the function that unsubscribes. A reader that throws is dropped, never the daemon. */
  subscribe(reader: (event: StampedEvent) => void): () => void;
}
