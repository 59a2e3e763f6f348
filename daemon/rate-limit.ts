/** Token buckets by key: so many at once, so many a second; bounded, so that forged keys cannot make it grow. */
import type { Clock } from '../services/ports/clock.js';

export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

interface Bucket {
  level: number;
  /** When it had that. */
  at: number;
}

const MOST_KEYS = 4096;

export class RateLimit {
  readonly #clock: Clock;
  readonly #rate: Rate;
  /** In the order of their last use. A key without a bucket has a full one. */
  readonly #buckets = new Map<string, Bucket>();
  /** Shared by the keys there is no room for. */
  readonly #others: Bucket;

  constructor(clock: Clock, rate: Rate) {
    this.#clock = clock;
    this.#rate = rate;
    this.#others = { level: rate.burst, at: clock.thisTurn() };
  }

  /** How many keys it remembers. */
  get size(): number {
    return this.#buckets.size;
  }

  /** Takes one token; false when the key has none. */
  take(key: string): boolean {
    const known = this.#buckets.get(key);
    const bucket = known ?? this.#freshBucket(key);
    this.#refill(bucket);
    if (bucket.level < 1) return false;
    bucket.level -= 1;
    if (bucket === known) {
      this.#buckets.delete(key);
      this.#buckets.set(key, bucket);
    }
    return true;
  }

  /** What a token was taken for has turned out to be good. */
  giveBack(key: string): void {
    const bucket = this.#buckets.get(key);
    // While there is room a key without a bucket has a full one, and took nothing from the others.
    if (bucket === undefined && this.#buckets.size < MOST_KEYS) return;
    const given = bucket ?? this.#others;
    given.level = Math.min(this.#rate.burst, given.level + 1);
    // A full one need not be remembered: peers that come one after the other, and prove themselves, leave nothing.
    if (bucket !== undefined && bucket.level >= this.#rate.burst) this.#buckets.delete(key);
  }

  #freshBucket(key: string): Bucket {
    if (this.#buckets.size >= MOST_KEYS && !this.#forgetOldest()) return this.#others;
    const fresh = { level: this.#rate.burst, at: this.#clock.thisTurn() };
    this.#buckets.set(key, fresh);
    return fresh;
  }

  #refill(bucket: Bucket): void {
    const now = this.#clock.thisTurn();
    bucket.level = Math.min(
      this.#rate.burst,
      bucket.level + ((now - bucket.at) / 1000) * this.#rate.perSecond,
    );
    bucket.at = now;
  }

  /** Only a bucket that is full again may go: its key gains nothing by it. */
  #forgetOldest(): boolean {
    for (const [key, bucket] of this.#buckets) {
      this.#refill(bucket);
      return bucket.level >= this.#rate.burst && this.#buckets.delete(key);
    }
    return false;
  }
}
