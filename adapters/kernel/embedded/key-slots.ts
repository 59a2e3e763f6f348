/**
 * Where the SADB keeps key bytes: slots in slabs outside the JavaScript heap. The garbage collector never moves, and
 * so never copies, them; zeroing a slot leaves nothing behind, and an SA costs a number instead of two arrays.
 */
import type { Bytes } from '../../../services/bytes.js';
import type { KeyHandle, Keys } from '../../../services/ports/keys.js';

/** AES of 128 bits beside HMAC-SHA-1; AES of 256 and a nonce beside HMAC-SHA2-256; Blowfish of 448 beside HMAC-SHA2-512. */
const SLOT_LENGTHS = [16 + 20, 36 + 32, 56 + 64] as const;
const SLOTS_PER_SLAB = 256;

interface Slab {
  readonly memory: Bytes;
  /** Which of the lengths. */
  readonly which: number;
  readonly slotLength: number;
}

export class KeySlots {
  private readonly slabs: Slab[] = [];
  /** By length. */
  private readonly free: readonly number[][] = SLOT_LENGTHS.map(() => []);

  /** Copies the keys in, one behind the other; at most 120 bytes together. The number names the slot until `wipe`. */
  put(keys: Keys, cipher: KeyHandle | undefined, integrity: KeyHandle | undefined): number {
    const cipherLength = cipher === undefined ? 0 : keys.lengthOf(cipher);
    const length = cipherLength + (integrity === undefined ? 0 : keys.lengthOf(integrity));
    const which = SLOT_LENGTHS.findIndex((slotLength) => slotLength >= length);
    const slotLength = SLOT_LENGTHS[which];
    if (slotLength === undefined) throw new Error(`Keys of ${String(length)} bytes are too long for a slot.`);
    const slot = this.free[which]?.pop() ?? this.grow(which, slotLength);
    const { memory } = this.slabOf(slot);
    const start = (slot % SLOTS_PER_SLAB) * slotLength;
    if (cipher !== undefined) keys.copy(cipher, memory, start);
    if (integrity !== undefined) keys.copy(integrity, memory, start + cipherLength);
    return slot;
  }

  /** The stored bytes themselves, for the time of one packet. */
  view(slot: number, offset: number, length: number): Bytes {
    const { memory, slotLength } = this.slabOf(slot);
    if (offset + length > slotLength) throw new Error(`Key slot ${String(slot)} ends before that.`);
    const start = (slot % SLOTS_PER_SLAB) * slotLength + offset;
    return memory.subarray(start, start + length);
  }

  /** Zeroes the slot and gives it back. Once for each `put`. */
  wipe(slot: number): void {
    const { which, slotLength } = this.slabOf(slot);
    this.view(slot, 0, slotLength).fill(0);
    this.free[which]?.push(slot);
  }

  private slabOf(slot: number): Slab {
    const slab = this.slabs[Math.floor(slot / SLOTS_PER_SLAB)];
    if (slab === undefined) throw new Error(`Key slot ${String(slot)} does not exist.`);
    return slab;
  }

  private grow(which: number, slotLength: number): number {
    const first = this.slabs.length * SLOTS_PER_SLAB;
    const memory = new Uint8Array(new ArrayBuffer(slotLength * SLOTS_PER_SLAB));
    this.slabs.push({ memory, which, slotLength });
    for (let slot = first + SLOTS_PER_SLAB - 1; slot > first; slot--) this.free[which]?.push(slot);
    return first;
  }
}
