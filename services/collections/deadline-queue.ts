/**
 * Things that end at a time, under one timer of the clock: a binary heap that can lose any of its members, so that ten
 * thousand SAs cost neither ten thousand timers nor, once deleted, anything at all.
 */
import type { Clock, TimerHandle } from '../ports/clock.js';

export interface Deadline {
  /** `Clock.now()` at which it ends, milliseconds. */
  due: number;
  /** Place in the heap, kept by the queue; -1 while it is in none. */
  position: number;
}

/** What a timer can wait for: longer delays overflow it, and fire at once in Node. */
const LONGEST_DELAY = 2 ** 31 - 1;

export class DeadlineQueue<Item extends Deadline> {
  private readonly clock: Clock;
  private readonly expired: (item: Item) => void;
  private readonly heap: Item[] = [];
  private timer: { readonly handle: TimerHandle; readonly due: number } | undefined;

  /** `expired` is called once for each item that reached its time, which is out of the queue then. */
  constructor(clock: Clock, expired: (item: Item) => void) {
    this.clock = clock;
    this.expired = expired;
  }

  get size(): number {
    return this.heap.length;
  }

  /** Puts the item in, or moves it to its new time. */
  set(item: Item, due: number): void {
    item.due = due;
    if (item.position < 0) {
      item.position = this.heap.length;
      this.heap.push(item);
    }
    this.settle(item);
    this.arm();
  }

  /** An item that is in no queue is no error. */
  remove(item: Item): void {
    if (item.position >= 0) this.takeOut(item);
    this.arm();
  }

  clear(): void {
    for (const item of this.heap) item.position = -1;
    this.heap.length = 0;
    this.arm();
  }

  private takeOut(item: Item): void {
    const hole = item.position;
    const last = this.heap.pop();
    item.position = -1;
    if (last === undefined || last === item) return;
    last.position = hole;
    this.heap[hole] = last;
    this.settle(last);
  }

  /** The timer stands for the earliest item; one that is too early only looks again. */
  private arm(): void {
    const due = this.heap[0]?.due;
    if (this.timer !== undefined && (due === undefined || due < this.timer.due)) {
      this.clock.clearTimeout(this.timer.handle);
      this.timer = undefined;
    }
    if (due === undefined || this.timer !== undefined) return;
    const now = this.clock.now();
    const delay = Math.min(Math.max(0, Math.ceil(due - now)), LONGEST_DELAY);
    this.timer = { handle: this.clock.setTimeout(this.run, delay), due: now + delay };
  }

  /** Made once: an arrow function in `arm` would hold on to what V8 makes for each call, timer or not. */
  private readonly run = (): void => {
    this.timer = undefined;
    try {
      this.fire();
    } finally {
      this.arm();
    }
  };

  private fire(): void {
    const now = this.clock.now();
    for (let item = this.heap[0]; item !== undefined && item.due <= now; item = this.heap[0]) {
      this.takeOut(item);
      this.expired(item);
    }
  }

  private settle(item: Item): void {
    let at = item.position;
    for (;;) {
      const parentAt = (at - 1) >>> 1;
      const parent = at === 0 ? undefined : this.heap[parentAt];
      if (parent === undefined || parent.due <= item.due) break;
      this.place(parent, at);
      at = parentAt;
    }
    for (;;) {
      const child = this.earlierChild(at);
      if (child === undefined || item.due <= child.due) break;
      const childAt = child.position;
      this.place(child, at);
      at = childAt;
    }
    this.place(item, at);
  }

  private earlierChild(at: number): Item | undefined {
    const left = this.heap[2 * at + 1];
    const right = this.heap[2 * at + 2];
    return left !== undefined && right !== undefined && right.due < left.due ? right : left;
  }

  private place(item: Item, at: number): void {
    this.heap[at] = item;
    item.position = at;
  }
}
