/** Chance that can be repeated: a seed, and what is made of it. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** 0 to `limit` - 1: xorshift of 32 bits. */
  below(limit: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % limit;
  }

  of<T>(list: readonly T[]): T {
    const at = this.below(list.length);
    for (const value of list.slice(at, at + 1)) return value;
    throw new Error('nothing to choose from');
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.below(256));
  }

  /** The message itself, or cut, lengthened, with bits turned, or something else altogether; never empty. */
  spoiled(message: Uint8Array): Uint8Array {
    const copy = Uint8Array.from(message);
    switch (this.below(5)) {
      case 0:
        return copy;
      case 1:
        return copy.slice(0, 1 + this.below(copy.length));
      case 2:
        for (let i = 1 + this.below(8); i > 0; i--) {
          const at = this.below(copy.length);
          copy[at] = (copy[at] ?? 0) ^ (1 << this.below(8));
        }
        return copy;
      case 3: {
        const long = new Uint8Array(copy.length + this.below(8000));
        long.set(copy);
        return long;
      }
      default:
        return this.bytes(1 + this.below(64));
    }
  }
}
