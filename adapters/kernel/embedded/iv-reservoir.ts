/** Unpredictable IVs, drawn from the generator many at a time: each draw costs as much as encrypting a short packet. */
import type { Bytes } from '../../../services/bytes.js';
import type { Random } from '../../../services/ports/random.js';

const RESERVE = 4096;

export class IvReservoir {
  private readonly random: Random;
  private reserve: Bytes = new Uint8Array(0);
  private used = 0;

  constructor(random: Random) {
    this.random = random;
  }

  /** Bytes that were never given out before; a view, which stays as it is. */
  take(length: number): Bytes {
    if (this.used + length > this.reserve.length) {
      this.reserve = this.random.bytes(RESERVE);
      this.used = 0;
    }
    this.used += length;
    return this.reserve.subarray(this.used - length, this.used);
  }
}
