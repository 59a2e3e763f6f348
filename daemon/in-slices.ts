/** Something done to very many things, a slice at a time: messages and timers have their turn in between. */
import type { Clock } from '../services/ports/clock.js';

/** An SA is deleted in 50 to 100 us. */
const SLICE = 128;

/**
 * The first slice is done at once, and all that follow in their order; resolves behind the last. What changes meanwhile is
 * for `run` to mind.
 */
export async function inSlices<T>(
  clock: Clock,
  items: readonly T[],
  run: (item: T) => void,
  size = SLICE,
): Promise<void> {
  for (let done = 0; done < items.length; done += size) {
    if (done > 0) await new Promise<void>((resolve) => void clock.setTimeout(resolve, 1));
    for (const item of items.slice(done, done + size)) run(item);
  }
}
