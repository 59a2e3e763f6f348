/** Time that moves only when a test says so: the `Clock` of the simulation. */
import type { Clock, TimerHandle } from '../../services/ports/clock.js';

interface Timer {
  readonly due: number;
  /** Breaks ties: of two timers due at once the one set first fires first. */
  readonly order: number;
  run: (() => void) | undefined;
}

export class VirtualClock implements Clock {
  /** A binary heap, earliest first. Cleared timers stay until they come to the top. */
  private readonly heap: Timer[] = [];
  private readonly wallStart: number;
  private time = 0;
  private order = 0;
  private live = 0;

  /** `wallStart`: what `wallTime()` says at the beginning, milliseconds since 1970 UTC. */
  constructor(wallStart = Date.UTC(2020, 0, 1)) {
    this.wallStart = wallStart;
  }

  /** How many timers are set and have neither run nor been cleared. */
  get pending(): number {
    return this.live;
  }

  now(): number {
    return this.time;
  }

  thisTurn(): number {
    return this.time;
  }

  wallTime(): number {
    return this.wallStart + this.time;
  }

  setTimeout(run: () => void, ms: number): TimerHandle {
    const timer: Timer = { due: this.time + Math.max(0, ms), order: this.order, run };
    this.order += 1;
    this.live += 1;
    this.heap.push(timer);
    this.siftUp(this.heap.length - 1);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    if (!isTimer(handle) || handle.run === undefined) return;
    handle.run = undefined;
    this.live -= 1;
  }

  /** When the next timer fires, on the scale of `now()`; undefined when none is set. */
  nextDue(): number | undefined {
    return this.earliest()?.due;
  }

  /**
   * Moves time on by `ms` milliseconds and fires what falls due on the way, also timers set by those that fire.
   * Whatever a timer throws comes out of here, with time standing at that timer.
   */
  advance(ms: number): void {
    const end = this.time + ms;
    for (let next = this.earliest(); next !== undefined && next.due <= end; next = this.earliest()) {
      this.removeFirst();
      this.time = next.due;
      const run = next.run;
      next.run = undefined;
      this.live -= 1;
      run?.();
    }
    this.time = end;
  }

  private earliest(): Timer | undefined {
    while (this.heap[0]?.run === undefined && this.heap.length > 0) this.removeFirst();
    return this.heap[0];
  }

  private removeFirst(): void {
    const last = this.heap.pop();
    if (last === undefined || this.heap.length === 0) return;
    this.heap[0] = last;
    this.siftDown();
  }

  private siftUp(from: number): void {
    let child = from;
    while (child > 0) {
      const parent = (child - 1) >> 1;
      if (!this.isEarlier(child, parent)) return;
      this.swap(child, parent);
      child = parent;
    }
  }

  private siftDown(): void {
    let parent = 0;
    for (;;) {
      let earliest = parent;
      for (const child of [2 * parent + 1, 2 * parent + 2]) {
        if (child < this.heap.length && this.isEarlier(child, earliest)) earliest = child;
      }
      if (earliest === parent) return;
      this.swap(parent, earliest);
      parent = earliest;
    }
  }

  private isEarlier(one: number, other: number): boolean {
    const a = this.heap[one];
    const b = this.heap[other];
    if (a === undefined || b === undefined) return false;
    return a.due < b.due || (a.due === b.due && a.order < b.order);
  }

  private swap(one: number, other: number): void {
    const a = this.heap[one];
    const b = this.heap[other];
    if (a === undefined || b === undefined) return;
    this.heap[one] = b;
    this.heap[other] = a;
  }
}

function isTimer(handle: unknown): handle is Timer {
  return (
    typeof handle === 'object' && handle !== null && 'due' in handle && 'order' in handle && 'run' in handle
  );
}
