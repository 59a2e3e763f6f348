/** Memory in which secrets are joined for one call and then wiped. */
import type { Bytes } from '../../services/bytes.js';

/** Outside the JavaScript heap, so that no collection copies what stands in it. Never used by two calls at a time. */
export class SecretScratch {
  readonly #memory: Bytes;
  #length = 0;

  constructor(length: number) {
    this.#memory = new Uint8Array(new ArrayBuffer(length));
  }

  /** False, with nothing added, where there is no room. */
  add(bytes: Bytes): boolean {
    if (this.#length + bytes.length > this.#memory.length) return false;
    this.#memory.set(bytes, this.#length);
    this.#length += bytes.length;
    return true;
  }

  /** `bytes` with every byte changed by `mask`, then the mask alone, up to `length` bytes (RFC 2104 2). */
  addMasked(bytes: Bytes, mask: number, length: number): void {
    const start = this.#length;
    for (let index = 0; index < bytes.length; index += 1) {
      this.#memory[start + index] = (bytes[index] ?? 0) ^ mask;
    }
    this.#memory.fill(mask, start + bytes.length, start + length);
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
    return this.#memory.subarray(0, this.#length);
  }

  wipe(): void {
    this.#memory.fill(0, 0, this.#length);
    this.#length = 0;
  }
}
