/**
 * Where key bytes live: in slots of slabs outside the JavaScript heap. The garbage collector never moves, and so never
 * copies, them. A handle says where its slot is, so that none is looked up in a table, and a key costs its slot and six
 * bytes: no object of its own, and no table that is rebuilt as it grows. What is longer than any slot, as private keys
 * and the secrets of the larger groups are, has memory of its own.
 */
import type { Bytes } from '../services/bytes.js';
import type { KeyHandle, Keys } from '../services/ports/keys.js';

/**
 * SHA-1, SHA-256 and AES, of which each Phase 1 SA holds five; then digests up to SHA-512, and secrets of groups up to
 * MODP 2048. Shortest first.
 */
const SLOT_LENGTHS = [32, 64, 256] as const;
const SLOTS_PER_SLAB = 256;

/**
 * A place is the number of a slab and of a slot in it; a handle is a place and how often it was taken so far. Below 2^31 a
 * number costs nothing; above it V8 makes an object of each, and throws away whatever it has compiled that has seen only the
 * others. So a slot of the first million is spent after 2047 turns, and none beyond is made as long as these last: for some 10^8
 * handshakes where few SAs stand, with some 50 MB in spent slots in the end. Then those of the length that is wanted are
 * taken again, with long handles. What is longer than any slot has them from the first.
 */
const SHORT_PLACE_BITS = 20;
const SHORT_PLACES = 2 ** SHORT_PLACE_BITS;
const SHORT_HANDLES = 2 ** 31;
const LAST_SHORT_TURN = SHORT_HANDLES / SHORT_PLACES - 1;
const SHORT_SLABS = SHORT_PLACES / SLOTS_PER_SLAB;

const PLACES = 2 ** 24;
/** The first whose handle is none of the short ones, whatever the place. */
const FIRST_LONG_TURN = SHORT_HANDLES / PLACES;
/** The place in handles of keys that have none. */
const NOWHERE = PLACES - 1;
const MOST_SLABS = NOWHERE / SLOTS_PER_SLAB - 1;
/** A slot that was taken so often is never free again: a handle of it would be no safe integer. */
const LAST_TURN = 2 ** 29 - 1;

interface Slab {
  readonly memory: Bytes;
  /** Which of the lengths. */
  readonly which: number;
  readonly slotLength: number;
  /** By slot, how often it was taken. */
  readonly turns: Uint32Array;
  /** By slot, one more than the length of the key in it; 0 when it is free. */
  readonly taken: Uint16Array;
}

export class KeyStore implements Keys {
  readonly #slabs: Slab[] = [];
  /** Places that are free, by length of slot; the last given back is taken first. */
  readonly #free: readonly number[][] = SLOT_LENGTHS.map(() => []);
  /** Places of short handles whose turns are spent, by length of slot. */
  readonly #spent: readonly number[][] = SLOT_LENGTHS.map(() => []);
  readonly #long = new Map<KeyHandle, Bytes>();
  #lastLong = FIRST_LONG_TURN;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  put(bytes: Bytes): KeyHandle {
    this.#size += 1;
    const { length } = bytes;
    let which = 0;
    while ((SLOT_LENGTHS[which] ?? Infinity) < length) which += 1;
    const slotLength = SLOT_LENGTHS[which];
    if (slotLength === undefined) return this.#putLong(bytes);
    const place = this.#free[which]?.pop() ?? this.#more(which, slotLength);
    const slab = this.#slabOf(place);
    const slot = place % SLOTS_PER_SLAB;
    const turn = (slab.turns[slot] ?? 0) + 1;
    slab.turns[slot] = turn;
    slab.taken[slot] = length + 1;
    slab.memory.set(bytes, slot * slab.slotLength);
    return asHandle(handleOf(place, turn));
  }

  bytes(handle: KeyHandle): Bytes {
    const place = placeOf(handle);
    const slab = this.#slabs[Math.floor(place / SLOTS_PER_SLAB)];
    if (slab === undefined) return this.#longOf(handle);
    const start = (place % SLOTS_PER_SLAB) * slab.slotLength;
    return slab.memory.subarray(start, start + lengthIn(slab, handle, place));
  }

  lengthOf(handle: KeyHandle): number {
    const place = placeOf(handle);
    const slab = this.#slabs[Math.floor(place / SLOTS_PER_SLAB)];
    return slab === undefined ? this.#longOf(handle).length : lengthIn(slab, handle, place);
  }

  /** Byte by byte: of so few that costs less than the two views which a copy by the engine needs. */
  copy(handle: KeyHandle, into: Bytes, at: number): number {
    const place = placeOf(handle);
    const slab = this.#slabs[Math.floor(place / SLOTS_PER_SLAB)];
    const memory = slab === undefined ? this.#longOf(handle) : slab.memory;
    const start = slab === undefined ? 0 : (place % SLOTS_PER_SLAB) * slab.slotLength;
    const length = slab === undefined ? memory.length : lengthIn(slab, handle, place);
    if (at + length > into.length) return length;
    for (let index = 0; index < length; index += 1) into[at + index] = memory[start + index] ?? 0;
    return length;
  }

  #longOf(handle: KeyHandle): Bytes {
    return this.#long.get(handle) ?? erased(handle);
  }

  erase(...handles: readonly KeyHandle[]): void {
    for (const handle of handles) this.#erase(handle);
  }

  #erase(handle: KeyHandle): void {
    const place = placeOf(handle);
    const slab = this.#slabs[Math.floor(place / SLOTS_PER_SLAB)];
    if (slab === undefined) {
      this.#eraseLong(handle);
      return;
    }
    const slot = place % SLOTS_PER_SLAB;
    const turn = turnOf(handle, place);
    if (slab.taken[slot] === 0 || slab.turns[slot] !== turn) return;
    const start = slot * slab.slotLength;
    slab.memory.fill(0, start, start + slab.slotLength);
    slab.taken[slot] = 0;
    this.#size -= 1;
    if (turn === LAST_SHORT_TURN && place < SHORT_PLACES) this.#spent[slab.which]?.push(place);
    else if (turn < LAST_TURN) this.#free[slab.which]?.push(place);
  }

  #putLong(bytes: Bytes): KeyHandle {
    this.#lastLong += 1;
    const handle = asHandle(handleOf(NOWHERE, this.#lastLong));
    this.#long.set(handle, Uint8Array.from(bytes));
    return handle;
  }

  #eraseLong(handle: KeyHandle): void {
    const bytes = this.#long.get(handle);
    if (bytes === undefined) return;
    bytes.fill(0);
    this.#long.delete(handle);
    this.#size -= 1;
  }

  /** A place that was not free. */
  #more(which: number, slotLength: number): number {
    const place = this.#slabs.length < SHORT_SLABS ? undefined : this.#spent[which]?.pop();
    return place ?? this.#newSlab(which, slotLength);
  }

  /** Gives its first place. */
  #newSlab(which: number, slotLength: number): number {
    const number = this.#slabs.length;
    if (number > MOST_SLABS) throw new Error('The key store is full.');
    this.#slabs.push({
      memory: new Uint8Array(new ArrayBuffer(slotLength * SLOTS_PER_SLAB)),
      which,
      slotLength,
      turns: new Uint32Array(SLOTS_PER_SLAB).fill(number < SHORT_SLABS ? 0 : FIRST_LONG_TURN),
      taken: new Uint16Array(SLOTS_PER_SLAB),
    });
    const first = number * SLOTS_PER_SLAB;
    for (let slot = SLOTS_PER_SLAB - 1; slot > 0; slot -= 1) this.#free[which]?.push(first + slot);
    return first;
  }

  #slabOf(place: number): Slab {
    const slab = this.#slabs[Math.floor(place / SLOTS_PER_SLAB)];
    if (slab === undefined) throw new Error(`The key store has no place ${String(place)}.`);
    return slab;
  }
}

function handleOf(place: number, turn: number): number {
  const isShort = place < SHORT_PLACES && turn <= LAST_SHORT_TURN;
  return turn * (isShort ? SHORT_PLACES : PLACES) + place;
}

/** The number of places is a power of two: the bits below it, of numbers beyond 32 bits too. */
function placeOf(handle: KeyHandle): number {
  return handle & ((handle < SHORT_HANDLES ? SHORT_PLACES : PLACES) - 1);
}

function turnOf(handle: KeyHandle, place: number): number {
  return handle < SHORT_HANDLES ? handle >>> SHORT_PLACE_BITS : (handle - place) / PLACES;
}

/** How long the key is that the handle names, if it still does. */
function lengthIn(slab: Slab, handle: KeyHandle, place: number): number {
  const slot = place % SLOTS_PER_SLAB;
  const taken = slab.taken[slot] ?? 0;
  return taken === 0 || slab.turns[slot] !== turnOf(handle, place) ? erased(handle) : taken - 1;
}

function erased(handle: KeyHandle): never {
  throw new Error(`Key ${String(handle)} is not in the key store: it was erased.`);
}

/** This is where numbers become handles. */
function asHandle(value: number): KeyHandle {
  if (!isHandle(value)) throw new Error('The key store has run out of handles.');
  return value;
}

/** Every safe integer above zero names a key. */
function isHandle(value: number): value is KeyHandle {
  return Number.isSafeInteger(value) && value > 0;
}
