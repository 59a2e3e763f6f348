/** A line typed at a terminal without echo. */
import type { Readable } from 'node:stream';
import type { Bytes } from '../../../services/bytes.js';
import { LONGEST_PIN } from './console.js';

/** `process.stdin`, when it is a terminal. */
export type TerminalInput = Readable & { setRawMode(raw: boolean): unknown };

const CTRL_C = 0x03;
const CTRL_D = 0x04;
const BACKSPACE = 0x08;
const CTRL_U = 0x15;
const DELETE = 0x7f;

/**
 * At most `LONGEST_PIN` + 1 bytes are kept. Undefined after Ctrl-C, and after Ctrl-D on an empty line. Backspace takes a
 * character back, Ctrl-U all. The caller wipes what it gets.
 */
export function readHiddenLine(
  input: TerminalInput,
  write: (text: string) => void,
  prompt: string,
): Promise<Bytes | undefined> {
  return new Promise((resolve) => {
    const kept = new Uint8Array(LONGEST_PIN + 1);
    let length = 0;
    const finish = (good: boolean): void => {
      input.off('data', heard);
      input.off('end', ended);
      input.setRawMode(false);
      input.pause();
      write('\n');
      const line = good ? kept.slice(0, length) : undefined;
      kept.fill(0);
      resolve(line);
    };
    const ended = (): void => {
      finish(false);
    };
    const heard = (chunk: Buffer): void => {
      const bytes = Uint8Array.from(chunk);
      chunk.fill(0);
      for (const byte of bytes) {
        if (byte === CTRL_C || (byte === CTRL_D && length === 0)) {
          finish(false);
          break;
        }
        if (byte === 0x0a || byte === 0x0d || byte === CTRL_D) {
          finish(true);
          break;
        }
        if (byte === BACKSPACE || byte === DELETE) length = withoutLastCharacter(kept, length);
        else if (byte === CTRL_U) length = 0;
        else if (length < kept.length) kept[length++] = byte;
      }
      bytes.fill(0);
    };
    // Whoever answers the prompt at once must not be echoed.
    input.setRawMode(true);
    write(prompt);
    input.on('data', heard);
    input.on('end', ended);
    input.resume();
  });
}

/** A character of UTF-8 may have several bytes: those that go on with it begin with the bits 10. */
function withoutLastCharacter(bytes: Bytes, length: number): number {
  let left = Math.max(0, length - 1);
  while (left > 0 && ((bytes[left] ?? 0) & 0xc0) === 0x80) left--;
  return left;
}
