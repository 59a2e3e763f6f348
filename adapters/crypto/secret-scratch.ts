/** Memory in which secrets are joined for one call and then wiped. */
import type { Bytes } from '../../services/bytes.js';
import type { KeyHandle, Keys } from '../../services/ports/keys.js';

/** Outside the JavaScript heap, so that no collection copies what stands in it. Never used by two calls at a time. */
export class SecretScratch {
  readonly #memory: Bytes;
  /** By length, what `view` gave before: each would be an object of its own, and a handshake hashes forty times. */
  readonly #views: (Bytes | undefined)[];
  #length = 0;

  constructor(length: number) {
    this.#memory = new Uint8Array(new ArrayBuffer(length));
    this.#views = Array.from({ length: length + 1 }, () => undefined);
  }

  /** False, with nothing added, where there is no room. */
  add(bytes: Bytes): boolean {
    if (this.#length + bytes.length > this.#memory.length) return false;
    this.#memory.set(bytes, this.#length);
    this.#length += bytes.length;
    return true;
  }

  /** The same of a key. */
  addKey(keys: Keys, key: KeyHandle): boolean {
    const length = keys.copy(key, this.#memory, this.#length);
    if (this.#length + length > this.#memory.length) return false;
    this.#length += length;
    return true;
  }

  /** Changes the bytes from `start` on by `mask`, and adds the mask alone, until there are `length` of them (RFC 2104 2). */
  mask(start: number, mask: number, length: number): void {
    const memory = this.#memory;
    for (let at = start; at < this.#length; at += 1) memory[at] = (memory[at] ?? 0) ^ mask;
    for (let at = this.#length; at < start + length; at += 1) memory[at] = mask;
    this.#length = start + length;
  }

  /** The first `length` bytes of another one, every byte changed by `mask`. */
  addMasked(other: SecretScratch, mask: number, length: number): void {
    const [memory, from, start] = [this.#memory, other.#memory, this.#length];
    for (let at = 0; at < length; at += 1) memory[start + at] = (from[at] ?? 0) ^ mask;
    this.#length += length;
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

  wipe(): void {
    this.#memory.fill(0, 0, this.#length);
    this.#length = 0;
  }
}
