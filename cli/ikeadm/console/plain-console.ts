/**
 * Lines of a pipe or a file: no prompt, no editing. It works on bytes where `node:readline` makes strings, because a PIN
 * must be wiped and a line without end must not fill the memory.
 */
import type { Readable } from 'node:stream';
import type { Bytes } from '../../../services/bytes.js';
import { LONGEST_LINE, LONGEST_PIN, type Console, type Entered } from './console.js';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export class PlainConsole implements Console {
  readonly #input: Readable;
  #chunks: AsyncIterator<Buffer, undefined> | undefined;
  #unread: Buffer = Buffer.alloc(0);

  constructor(input: Readable) {
    this.#input = input;
  }

  async line(): Promise<Entered> {
    const { bytes, cut, ended } = await this.#next(LONGEST_LINE);
    if (bytes === undefined) return { kind: ended ? 'end' : 'interrupted' };
    return cut ? { kind: 'too-long' } : { kind: 'line', text: Buffer.from(bytes).toString('utf8') };
  }

  async secret(): Promise<Bytes | undefined> {
    const { bytes } = await this.#next(LONGEST_PIN + 1);
    return bytes;
  }

  close(): void {
    this.#unread.fill(0);
    this.#input.destroy();
  }

  /** The next line without its end, at most `limit` bytes of it; a last one may lack its newline. */
  async #next(limit: number): Promise<{ bytes: Bytes | undefined; cut: boolean; ended: boolean }> {
    const kept = new Uint8Array(limit);
    let length = 0;
    let seen = 0;
    const keep = (part: Buffer): void => {
      const fits = part.subarray(0, limit - length);
      kept.set(fits, length);
      length += fits.length;
      seen += part.length;
      part.fill(0);
    };
    for (;;) {
      const end = this.#unread.indexOf(NEWLINE);
      if (end >= 0) {
        keep(this.#unread.subarray(0, end));
        this.#unread = this.#unread.subarray(end + 1);
        if (seen === length && kept[length - 1] === CARRIAGE_RETURN) length--;
        return { bytes: taken(kept, length), cut: seen > limit, ended: false };
      }
      keep(this.#unread);
      this.#chunks ??= chunksOf(this.#input);
      const chunk = await this.#chunks.next();
      if (chunk.done === true) {
        this.#unread = Buffer.alloc(0);
        return { bytes: seen > 0 ? taken(kept, length) : undefined, cut: seen > limit, ended: true };
      }
      this.#unread = chunk.value;
    }
  }
}

async function* chunksOf(input: Readable): AsyncGenerator<Buffer, undefined> {
  for await (const chunk of input) if (Buffer.isBuffer(chunk)) yield chunk;
  return undefined;
}

/** A copy of the right length; the original is wiped. */
function taken(kept: Uint8Array, length: number): Bytes {
  const copy = kept.slice(0, length);
  kept.fill(0);
  return copy;
}
