/** Memory in which secrets are joined for one call and then wiped. */
import type { Bytes } from '../../services/bytes.js';
import type { KeyHandle, Keys } from '../../services/ports/keys.js';

/** Bytes that are moved or wiped one by one: below it that costs less than a call of the engine's. */
const FEW = 64;
/** Makes of a byte the word that is four of it. */
const FOURFOLD = 0x01_01_01_01;

/** Outside the JavaScript heap, so that no collection copies what stands in it. Never used by two calls at a time. */
export class SecretScratch {
  readonly #memory: Bytes;
  /** The same memory, four bytes at a time. What was not added is zero. */
  readonly #words: Uint32Array;
  /** By length, what `view` gave before: each would be an object of its own, and a handshake hashes forty times. */
  readonly #views: (Bytes | undefined)[];
  #length = 0;

  constructor(length: number) {
    this.#words = new Uint32Array(new ArrayBuffer((length + 3) & ~3));
    this.#memory = new Uint8Array(this.#words.buffer, 0, length);
    this.#views = Array.from({ length: length + 1 }, () => undefined);
  }

  /** False, with nothing added, where there is no room. */
  add(bytes: Bytes): boolean {
    const { length } = bytes;
    const memory = this.#memory;
    const start = this.#length;
    if (start + length > memory.length) return false;
    if (length > FEW) memory.set(bytes, start);
    else for (let at = 0; at < length; at += 1) memory[start + at] = bytes[at] ?? 0;
    this.#length += length;
    return true;
  }

  /** The same of a key. */
  addKey(keys: Keys, key: KeyHandle): boolean {
    const length = keys.copy(key, this.#memory, this.#length);
    if (this.#length + length > this.#memory.length) return false;
    this.#length += length;
    return true;
  }

  /** Changes what was added, and zeros behind it up to `length`, by `mask` (RFC 2104 2). Whole words, as blocks of hashes are. */
  mask(mask: number, length: number): void {
    const words = this.#words;
    const fourfold = mask * FOURFOLD;
    for (let at = 0; at < length >>> 2; at += 1) words[at] = (words[at] ?? 0) ^ fourfold;
    this.#length = length;
  }

  /** The first `length` bytes of another one, every byte changed by `mask`; whole words, and nothing was added before. */
  setMasked(other: SecretScratch, mask: number, length: number): void {
    const words = this.#words;
    const from = other.#words;
    const fourfold = mask * FOURFOLD;
    for (let at = 0; at < length >>> 2; at += 1) words[at] = (from[at] ?? 0) ^ fourfold;
    this.#length = length;
  }

  /** Bytes that a digest gave as text, one character each. */
  addText(text: string): void {
    for (let index = 0; index < text.length; index += 1) {
      this.#memory[this.#length + index] = text.charCodeAt(index);
    }
    this.#length += text.length;
  }

  /** What was added, itself, until it is wiped. */
  view(): Bytes {
    return (this.#views[this.#length] ??= this.#memory.subarray(0, this.#length));
  }

  /** Keeps the `length` bytes from `start` on, and wipes the others. */
  keep(start: number, length: number): void {
    this.#memory.copyWithin(0, start, start + length);
    this.#memory.fill(0, length, this.#length);
    this.#length = length;
  }

  wipe(): void {
    const words = this.#words;
    const used = (this.#length + 3) >>> 2;
    if (used > FEW) words.fill(0, 0, used);
    else for (let at = 0; at < used; at += 1) words[at] = 0;
    this.#length = 0;
  }
}
