/** Something done to very many things, a slice at a time: messages and timers have their turn in between. */
import type { Clock } from '../services/ports/clock.js';

/** An SA is deleted in 50 to 100 us. */
const SLICE = 128;

/** The first slice is done at once, and all that follow in their order. What changes meanwhile is for `run` to mind. */
export function inSlices<T>(clock: Clock, items: readonly T[], run: (item: T) => void): void {
  let done = 0;
  const slice = (): void => {
    const end = done + SLICE;
    for (const item of items.slice(done, end)) run(item);
    done = end;
    if (done < items.length) clock.setTimeout(slice, 1);
  };
  slice();
}
