/** Writes big-endian fields into bytes whose number is known beforehand. A hole is a number written before its value is known. */
import { type Bytes, messageBytes, putSixteenDigits } from '../bytes.js';

export interface Hole {
  readonly offset: number;
  readonly width: number;
}

export class Writer {
  readonly #bytes: Bytes;
  #length = 0;

  /** `size`: of all that will be written. */
  constructor(size: number) {
    this.#bytes = messageBytes(size);
  }

  get length(): number {
    return this.#length;
  }

  /** An unsigned number of 1, 2 or 4 bytes; higher bits are cut. */
  number(value: number, width: number): void {
    this.put(this.#length, width, value);
    this.#length += width;
  }

  bytes(bytes: Bytes): void {
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** 8 bytes as `hexOfEight` writes them. */
  sixteenDigits(text: string): void {
    putSixteenDigits(text, this.#bytes, this.#length);
    this.#length += 8;
  }

  /** Zeros, which may be written over by `put`. */
  skip(width: number): void {
    this.#length += width;
  }

  /** `width` zero bytes, to be filled later. */
  hole(width: number): Hole {
    const offset = this.#length;
    this.#length += width;
    return { offset, width };
  }

  fill(hole: Hole, value: number): void {
    this.put(hole.offset, hole.width, value);
  }

  /** Writes over what stands at `offset`. */
  put(offset: number, width: number, value: number): void {
    for (let i = 0; i < width; i++) this.#bytes[offset + i] = value >>> ((width - 1 - i) * 8);
  }

  /** What has been written. Whoever announced too much or too little has made a mistake. */
  take(): Bytes {
    if (this.#length !== this.#bytes.length) {
      throw new Error(
        `${String(this.#length)} bytes were written where ${String(this.#bytes.length)} were announced`,
      );
    }
    return this.#bytes;
  }
}
