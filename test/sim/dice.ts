/** Repeatable chance: the same seed throws the same dice (mulberry32). */
import type { Bytes } from '../../services/bytes.js';
import type { Random } from '../../services/ports/random.js';

export class Dice implements Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 up to, not including, 1. */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  chance(probability: number): boolean {
    return probability > 0 && this.next() < probability;
  }

  upTo(limit: number): number {
    return this.next() * limit;
  }

  /** An integer from 0 up to, not including, `limit`. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** One of `list`, which is not empty. */
  pick<T>(list: readonly T[]): T {
    const at = this.below(list.length);
    for (const one of list.slice(at, at + 1)) return one;
    throw new Error('there is nothing to pick from');
  }

  bytes(length: number): Bytes {
    return Uint8Array.from({ length }, () => Math.floor(this.next() * 256));
  }
}
