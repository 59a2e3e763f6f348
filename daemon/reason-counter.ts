/**
 * Counts by reason. Reasons tell numbers that a datagram holds: they are counted without them, so that nobody who sends all
 * numbers there are uses up the room of other reasons; and however many there are, the counter is bounded.
 */
const MOST_REASONS = 64;
const OTHERS = 'other reasons';
/** Those by themselves: that of "Phase 1" and of a message too, but not of "sha1". */
const NUMBERS = /\b(?:0x[0-9a-f]+|\d+)\b/g;

export class ReasonCounter {
  readonly #counts = new Map<string, number>();
  #total = 0;
  /** Under a flood it is the same again and again. */
  #last = { told: '', reason: '' };

  get total(): number {
    return this.#total;
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }

  count(told: string): void {
    this.#total += 1;
    if (told !== this.#last.told) this.#last = { told, reason: told.replace(NUMBERS, 'N') };
    const { reason } = this.#last;
    const before = this.#counts.get(reason);
    if (before !== undefined || this.#counts.size < MOST_REASONS) this.#counts.set(reason, (before ?? 0) + 1);
    else this.#counts.set(OTHERS, (this.#counts.get(OTHERS) ?? 0) + 1);
  }
}
