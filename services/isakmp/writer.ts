/** Writes big-endian fields. A hole is a number written before its value is known: a length, a count. */
import type { Bytes } from '../bytes.js';

export interface Hole {
  readonly offset: number;
  readonly width: number;
}

export class Writer {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** An unsigned number of 1, 2 or 4 bytes; higher bits are cut. */
  number(value: number, width: number): void {
    this.fill(this.hole(width), value);
  }

  bytes(bytes: Bytes): void {
    this.#grow(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** `width` zero bytes, to be filled later. */
  hole(width: number): Hole {
    this.#grow(width);
    const offset = this.#length;
    this.#length += width;
    return { offset, width };
  }

  fill(hole: Hole, value: number): void {
    let left = value;
    for (let i = hole.offset + hole.width - 1; i >= hole.offset; i--) {
      this.#bytes[i] = left % 256;
      left = Math.floor(left / 256);
    }
  }

  /** What has been written, as a copy. */
  take(): Bytes {
    return this.#bytes.slice(0, this.#length);
  }

  #grow(by: number): void {
    if (this.#length + by <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + by));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
