/** Counts by reason. Some reasons name what a datagram holds: the counter is bounded, so that nobody can make it grow. */
const MOST_REASONS = 64;
const OTHERS = 'other reasons';

export class ReasonCounter {
  readonly #counts = new Map<string, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  count(reason: string): void {
    this.#total += 1;
    const before = this.#counts.get(reason);
    if (before !== undefined || this.#counts.size < MOST_REASONS) this.#counts.set(reason, (before ?? 0) + 1);
    else this.#counts.set(OTHERS, (this.#counts.get(OTHERS) ?? 0) + 1);
  }
}
