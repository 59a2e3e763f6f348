/**
 * Where the SADB keeps key bytes: slots in slabs outside the JavaScript heap. The garbage collector never moves, and
 * so never copies, them; zeroing a slot leaves nothing behind, and an SA costs a number instead of two arrays.
 */
import type { Bytes } from '../../../services/bytes.js';

/** Blowfish of 448 bits beside HMAC-SHA2-512. */
const SLOT = 56 + 64;
const SLOTS_PER_SLAB = 256;

export class KeySlots {
  private readonly slabs: Bytes[] = [];
  private readonly free: number[] = [];

  /** Copies the keys in, one behind the other; at most 120 bytes together. The number names the slot until `wipe`. */
  put(...keys: readonly Bytes[]): number {
    const slot = this.free.pop() ?? this.grow();
    let offset = 0;
    for (const key of keys) {
      this.view(slot, offset, key.length).set(key);
      offset += key.length;
    }
    return slot;
  }

  /** The stored bytes themselves, for the time of one packet. */
  view(slot: number, offset: number, length: number): Bytes {
    const slab = this.slabs[Math.floor(slot / SLOTS_PER_SLAB)];
    if (slab === undefined || offset + length > SLOT)
      throw new Error(`Key slot ${String(slot)} does not exist.`);
    const start = (slot % SLOTS_PER_SLAB) * SLOT + offset;
    return slab.subarray(start, start + length);
  }

  /** Zeroes the slot and gives it back. Once for each `put`. */
  wipe(slot: number): void {
    this.view(slot, 0, SLOT).fill(0);
    this.free.push(slot);
  }

  private grow(): number {
    const first = this.slabs.length * SLOTS_PER_SLAB;
    this.slabs.push(new Uint8Array(new ArrayBuffer(SLOT * SLOTS_PER_SLAB)));
    for (let slot = first + SLOTS_PER_SLAB - 1; slot > first; slot--) this.free.push(slot);
    return first;
  }
}
