/** Time. Shape-compatible with the clock XState takes, so charts and daemon share one. */
export type TimerHandle = unknown;

export interface Clock {
  /** Milliseconds since an arbitrary origin; never goes back. Use it for intervals. */
  now(): number;
  /**
   * As `now()`, when it was last looked at in this turn of the event loop: for stamps, of which one message has dozens. Not for how
   * long something took that takes place in one turn.
   */
  thisTurn(): number;
  /** Milliseconds since 1970 UTC; may step. Use it for what people read. */
  wallTime(): number;
  /** Calls `run` once, not earlier than `ms` milliseconds from now. */
  setTimeout(run: () => void, ms: number): TimerHandle;
  /** Clearing a timer that ran or was cleared is no error. */
  clearTimeout(handle: TimerHandle): void;
}
