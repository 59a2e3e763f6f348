/**
 * Bytes of the operating system's generator, through OpenSSL's, drawn many at a time: each draw costs 2 us in a loop and
 * 20 us among other work, whatever its length, and a handshake wants twenty of a few bytes.
 */
import { randomFillSync } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import type { Random } from '../../services/ports/random.js';

const POOL = 4096;

/** Longer ones are drawn by themselves. */
const LONGEST_FROM_POOL = 256;

export class NodeRandom implements Random {
  /**
   * Exponents come from it as well as cookies, so what is handed out is wiped here at once, and whoever could read this
   * memory finds nothing that was ever used. Outside the JavaScript heap, so that no collection copies it.
   */
  readonly #pool = new Uint8Array(POOL);
  #used = POOL;

  /** Fresh memory each time, which the caller may wipe. */
  bytes(length: number): Bytes {
    const drawn = new Uint8Array(length);
    if (length > LONGEST_FROM_POOL) return randomFillSync(drawn);
    if (this.#used + length > POOL) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    for (let index = 0; index < length; index += 1) {
      drawn[index] = this.#pool[this.#used + index] ?? 0;
      this.#pool[this.#used + index] = 0;
    }
    this.#used += length;
    return drawn;
  }
}
