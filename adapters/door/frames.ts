/** Messages on the stream: u32 little-endian length, then that many bytes. */
import { concat, type Bytes } from '../../services/bytes.js';

const HEAD_LENGTH = 4;

export function frame(body: Bytes): Bytes {
  const bytes = new Uint8Array(HEAD_LENGTH + body.length);
  new DataView(bytes.buffer).setUint32(0, body.length, true);
  bytes.set(body, HEAD_LENGTH);
  return bytes;
}

/**
 * Collects chunks of a stream and hands out whole messages. Holds at most one chunk more than one message. The chunks
 * become its own: what it has handed out of them is wiped, because messages may hold keys.
 */
export class FrameReader {
  readonly #limit: number;
  #chunks: Bytes[] = [];
  #held = 0;

  /** `limit`: the longest body accepted, bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Bytes): void {
    // A `Buffer` shares its memory with its slices (`slice`); what is handed out must be the receiver's own.
    this.#chunks.push(new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.length));
    this.#held += chunk.length;
  }

  /** The next whole message, `incomplete`, or `too-long` when the one announced exceeds the limit. */
  next(): Bytes | 'incomplete' | 'too-long' {
    if (this.#held < HEAD_LENGTH) return 'incomplete';
    let bytes = this.#chunks[0];
    if (bytes === undefined) return 'incomplete';
    if (bytes.length < HEAD_LENGTH) bytes = this.#joined();
    const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
    if (length > this.#limit) return 'too-long';
    const end = HEAD_LENGTH + length;
    if (this.#held < end) return 'incomplete';
    if (bytes.length < end) bytes = this.#joined();
    this.#chunks = [bytes.subarray(end), ...this.#chunks.slice(1)];
    this.#held -= end;
    const message = bytes.slice(HEAD_LENGTH, end);
    bytes.fill(0, 0, end);
    return message;
  }

  /** Forgets what was not handed out. */
  wipe(): void {
    for (const chunk of this.#chunks) chunk.fill(0);
    this.#chunks = [];
    this.#held = 0;
  }

  #joined(): Bytes {
    const bytes = concat(...this.#chunks);
    for (const chunk of this.#chunks) chunk.fill(0);
    this.#chunks = [bytes];
    return bytes;
  }
}
