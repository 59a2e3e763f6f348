/** Something done to very many things, a slice at a time: messages and timers have their turn in between. */
import type { Clock } from '../services/ports/clock.js';

/** An SA is deleted in 50 to 100 us. */
const SLICE = 128;

/**
 * The first slice is done at once, and what it throws comes out of here; all that follow are done in their order; resolves
 * behind the last. What changes meanwhile is for `run` to mind.
 */
export function inSlices<T>(
  clock: Clock,
  items: readonly T[],
  run: (item: T) => void,
  size = SLICE,
): Promise<void> {
  for (const item of items.slice(0, size)) run(item);
  return afterFirst(clock, items, run, size);
}

async function afterFirst<T>(
  clock: Clock,
  items: readonly T[],
  run: (item: T) => void,
  size: number,
): Promise<void> {
  for (let done = size; done < items.length; done += size) {
    await new Promise<void>((resolve) => void clock.setTimeout(resolve, 1));
    for (const item of items.slice(done, done + size)) run(item);
  }
}
