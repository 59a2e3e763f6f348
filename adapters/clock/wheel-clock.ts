/**
 * The daemon's clock: a hashed timing wheel. One wake-up per tick serves every timer; setting and clearing take the
 * same time however many there are. A timer fires at the first tick that is not before its time, so up to one tick
 * late; those that fire at one tick do so in the order of their times, then of their setting. Where very many do, as after a
 * flush of ten thousand SAs, messages and sockets have their turn in between.
 */
import type { Clock, TimerHandle } from '../../services/ports/clock.js';

/** What moves the wheel. Tests put their own here. */
export interface TimeSource {
  /** Milliseconds, never going back. */
  now(): number;
  /** Milliseconds since 1970 UTC. */
  wallTime(): number;
  /** Calls `run` every `ms` milliseconds, roughly, until the function it gave back is called. */
  every(ms: number, run: () => void): () => void;
  /** Calls `run` once, when what else waits has had its turn. */
  soon(run: () => void): void;
  /** Calls `run` once, when this turn is over, before another begins. */
  afterTurn(run: () => void): void;
}

export interface WheelClockOptions {
  /** Told what a timer threw; the other timers are not disturbed. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds between ticks. */
  readonly tick?: number;
  /** How many ticks one turn of the wheel has. Timers may be longer than a turn. */
  readonly slots?: number;
  readonly source?: TimeSource;
}

/** What waits for it costs less than `queueMicrotask`, which makes a resource of each. */
const OVER = Promise.resolve();

const SYSTEM_TIME: TimeSource = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  every: (ms, run) => {
    const interval = setInterval(run, ms);
    return () => {
      clearInterval(interval);
    };
  },
  soon: (run) => {
    setImmediate(run);
  },
  afterTurn: (run) => {
    void OVER.then(run);
  },
};

/** Timers run for so long, milliseconds; then others have their turn. */
const MOST_AT_ONCE_MS = 10;

/** One of the timers of a slot, which hold on to each other: a `Set` that timers come to and leave is made anew all the time. */
interface Timer {
  /** Undefined when it has run or was cleared: whoever keeps the handle keeps no more. */
  run: (() => void) | undefined;
  /** Milliseconds since the clock's origin. */
  readonly due: number;
  /** Those that were set before and after it. */
  earlier: Timer | undefined;
  later: Timer | undefined;
}

export class WheelClock implements Clock {
  private readonly tick: number;
  /** The latest timer of each. */
  private readonly slots: (Timer | undefined)[];
  private readonly source: TimeSource;
  private readonly onError: (error: unknown) => void;
  private readonly origin: number;
  /** Number of the earliest tick that can have timers in its slot. */
  private cursor = 0;
  private live = 0;
  private goingOn = false;
  /** When it was last looked at, and whether that was in this turn. */
  private latest = 0;
  private isLatestOfTurn = false;
  private readonly turnIsOver = (): void => {
    this.isLatestOfTurn = false;
  };
  /** Stops the ticking. Undefined while no timer is set: then the clock wakes nobody and keeps no process alive. */
  private stopTicking: (() => void) | undefined;

  constructor(options: WheelClockOptions) {
    this.tick = options.tick ?? 25;
    this.slots = Array.from({ length: options.slots ?? 512 }, () => undefined);
    this.source = options.source ?? SYSTEM_TIME;
    this.onError = options.onError;
    this.origin = this.source.now();
  }

  /** How many timers are set and have neither run nor been cleared. */
  get pending(): number {
    return this.live;
  }

  now(): number {
    this.latest = this.source.now();
    return this.latest;
  }

  thisTurn(): number {
    if (this.isLatestOfTurn) return this.latest;
    this.isLatestOfTurn = true;
    this.source.afterTurn(this.turnIsOver);
    return this.now();
  }

  wallTime(): number {
    return this.source.wallTime();
  }

  setTimeout(run: () => void, ms: number): TimerHandle {
    const elapsed = this.source.now() - this.origin;
    if (this.stopTicking === undefined) {
      this.cursor = Math.floor(elapsed / this.tick);
      this.stopTicking = this.source.every(this.tick, () => {
        this.advance();
      });
    }
    // At least a millisecond, as Node has it: a timer that sets itself anew must not fire for ever at one tick.
    const due = elapsed + Math.max(1, ms);
    const slot = this.slotAt(Math.floor(due / this.tick));
    const earlier = this.slots[slot];
    const timer: Timer = { run, due, earlier, later: undefined };
    if (earlier !== undefined) earlier.later = timer;
    this.slots[slot] = timer;
    this.live += 1;
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    if (isTimer(handle)) this.remove(handle);
  }

  /** Forgets every timer and stops. A timer set afterwards starts the clock again. */
  close(): void {
    for (const [slot, latest] of this.slots.entries()) {
      for (let timer = latest; timer !== undefined; timer = timer.earlier) timer.run = undefined;
      this.slots[slot] = undefined;
    }
    this.live = 0;
    this.rest();
  }

  private advance(): void {
    const elapsed = this.source.now() - this.origin;
    const last = Math.floor(elapsed / this.tick);
    const due: Timer[] = [];
    const turn = Math.min(last, this.cursor + this.slots.length - 1);
    for (let tick = this.cursor; tick <= turn; tick += 1) {
      const latest = this.slots[this.slotAt(tick)];
      for (let timer = latest; timer !== undefined; timer = timer.earlier)
        if (timer.due <= elapsed) due.push(timer);
    }
    this.cursor = last;
    due.reverse();
    due.sort((one, other) => one.due - other.due);
    const end = this.source.now() + MOST_AT_ONCE_MS;
    for (const [index, timer] of due.entries()) {
      this.fire(timer);
      const next = due[index + 1];
      if (next === undefined || this.source.now() < end) continue;
      // They stand in their slots still, and come first when it goes on.
      this.cursor = Math.min(this.cursor, Math.floor(next.due / this.tick));
      this.goOn();
      return;
    }
  }

  private goOn(): void {
    if (this.goingOn) return;
    this.goingOn = true;
    this.source.soon(() => {
      this.goingOn = false;
      this.advance();
    });
  }

  private fire(timer: Timer): void {
    const { run } = timer;
    if (run === undefined) return;
    this.remove(timer);
    try {
      run();
    } catch (error) {
      this.onError(error);
    }
  }

  private remove(timer: Timer): void {
    if (timer.run === undefined) return;
    const { earlier, later } = timer;
    if (later === undefined) this.slots[this.slotAt(Math.floor(timer.due / this.tick))] = earlier;
    else later.earlier = earlier;
    if (earlier !== undefined) earlier.later = later;
    timer.run = undefined;
    timer.earlier = undefined;
    timer.later = undefined;
    this.live -= 1;
    if (this.live === 0) this.rest();
  }

  private rest(): void {
    this.stopTicking?.();
    this.stopTicking = undefined;
  }

  private slotAt(tick: number): number {
    return tick % this.slots.length;
  }
}

function isTimer(handle: unknown): handle is Timer {
  return typeof handle === 'object' && handle !== null && 'run' in handle && 'due' in handle;
}
