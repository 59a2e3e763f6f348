/**
 * Where key bytes live. Up to `SLOT` bytes, which is every key of the protocol but the Diffie-Hellman ones, they stand
 * in slabs outside the JavaScript heap: the garbage collector never moves, and so never copies, them, and 100 000 keys
 * cost one view each instead of one allocation each.
 */
import type { Bytes } from '../services/bytes.js';
import type { KeyHandle, Keys } from '../services/ports/keys.js';

/** The longest digest, HMAC-SHA-512. */
const SLOT = 64;
const SLOTS_PER_SLAB = 256;

/** Slots are named by their place, so that a free one costs no object. */
interface Slab {
  readonly memory: ArrayBuffer;
  readonly freeOffsets: number[];
}

export class KeyStore implements Keys {
  private readonly held = new Map<number, Bytes>();
  private readonly slabs = new Map<ArrayBufferLike, Slab>();
  /** Those with a free slot; the last is served first. */
  private readonly roomy: Slab[] = [];
  private lastHandle = 0;

  get size(): number {
    return this.held.size;
  }

  put(bytes: Bytes): KeyHandle {
    const handle = this.nextHandle();
    const own = bytes.length <= SLOT ? this.takeSlot(bytes.length) : new Uint8Array(bytes.length);
    own.set(bytes);
    this.held.set(handle, own);
    return handle;
  }

  bytes(handle: KeyHandle): Bytes {
    const held = this.held.get(handle);
    if (held === undefined) throw new Error(`Key ${String(handle)} is not in the key store: it was erased.`);
    return held;
  }

  erase(...handles: readonly KeyHandle[]): void {
    for (const handle of handles) {
      const held = this.held.get(handle);
      if (held === undefined) continue;
      held.fill(0);
      this.held.delete(handle);
      this.freeSlot(held);
    }
  }

  private nextHandle(): KeyHandle {
    this.lastHandle += 1;
    const handle = this.lastHandle;
    if (!isHandle(handle)) throw new Error('The key store has run out of handles.');
    return handle;
  }

  private takeSlot(length: number): Bytes {
    const slab = this.roomy.at(-1) ?? this.newSlab();
    const offset = slab.freeOffsets.pop();
    if (offset === undefined) throw new Error('The key store takes a full slab for one with room.');
    if (slab.freeOffsets.length === 0) this.roomy.pop();
    return new Uint8Array(slab.memory, offset, length);
  }

  private freeSlot(held: Bytes): void {
    const slab = this.slabs.get(held.buffer);
    if (slab === undefined) return;
    if (slab.freeOffsets.length === 0) this.roomy.push(slab);
    slab.freeOffsets.push(held.byteOffset);
  }

  private newSlab(): Slab {
    const freeOffsets = Array.from({ length: SLOTS_PER_SLAB }, (_, index) => index * SLOT);
    const slab = { memory: new ArrayBuffer(SLOT * SLOTS_PER_SLAB), freeOffsets };
    this.slabs.set(slab.memory, slab);
    this.roomy.push(slab);
    return slab;
  }
}

/** Every safe integer above zero names a key; this is where numbers become handles. */
function isHandle(value: number): value is KeyHandle {
  return Number.isSafeInteger(value) && value > 0;
}
