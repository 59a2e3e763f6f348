/** A `Random` that gives out what a test has laid ready, then goes on from a counter. */
import { createHash } from 'node:crypto';
import type { Random } from '../../../services/ports/random.js';

export class GivenRandom implements Random {
  private readonly given: Uint8Array[];
  private count = 0;

  constructor(...given: readonly Uint8Array[]) {
    this.given = [...given];
  }

  bytes(length: number): Uint8Array {
    const next = this.given.shift();
    if (next !== undefined) return Uint8Array.from(next);
    this.count += 1;
    const stream = createHash('shake256', { outputLength: length }).update(String(this.count)).digest();
    return Uint8Array.from(stream);
  }
}
