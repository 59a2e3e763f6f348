/** What stdin has: lines of which a PIN may be one, and all the rest. Bytes, because a PIN must be wiped. */
import type { Readable } from 'node:stream';
import type { Bytes } from '../../services/bytes.js';
import { err, ok, type Result } from '../../services/result.js';

const NEWLINE = 0x0a;
const CARRIAGE_RETURN = 0x0d;

export class StandardInput {
  readonly #chunks: AsyncIterator<Buffer, undefined>;
  #unread: Buffer = Buffer.alloc(0);

  constructor(input: Readable) {
    this.#chunks = chunksOf(input);
  }

  /** The next line without its end, or what there is of it at the end of the input; longer than `longest`: one byte more. */
  async line(longest: number): Promise<Bytes> {
    for (;;) {
      const end = this.#unread.indexOf(NEWLINE);
      if (end < 0 && this.#unread.length <= longest && (await this.#more())) continue;
      const whole = this.#unread.subarray(0, end < 0 ? undefined : end);
      const line = Uint8Array.from(whole.at(-1) === CARRIAGE_RETURN ? whole.subarray(0, -1) : whole);
      whole.fill(0);
      this.#unread = end < 0 ? Buffer.alloc(0) : this.#unread.subarray(end + 1);
      return line;
    }
  }

  /** All that is left, at most `longest` bytes. The error is a sentence part. */
  async rest(longest: number): Promise<Result<Bytes, string>> {
    for (;;) {
      if (this.#unread.length > longest) return err(`stdin has more than ${String(longest)} bytes`);
      if (!(await this.#more())) break;
    }
    const rest = Uint8Array.from(this.#unread);
    this.#unread.fill(0);
    this.#unread = Buffer.alloc(0);
    return rest.length === 0 ? err('stdin is empty') : ok(rest);
  }

  async #more(): Promise<boolean> {
    const chunk = await this.#chunks.next();
    if (chunk.done === true) return false;
    const before = this.#unread;
    this.#unread = Buffer.concat([before, chunk.value]);
    before.fill(0);
    chunk.value.fill(0);
    return true;
  }
}

/** Nothing of the input is touched before it is wanted. */
async function* chunksOf(input: Readable): AsyncGenerator<Buffer, undefined> {
  for await (const chunk of input) if (Buffer.isBuffer(chunk)) yield chunk;
  return undefined;
}
