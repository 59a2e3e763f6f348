/**
 * Where the lines of the log go: stderr, a file opened by its name, or a descriptor that came through the door. A line
 * that cannot be written is counted and never hurts the daemon; the next one that can be is preceded by the count.
 */
import { closeSync, openSync, writeSync } from 'node:fs';
import { err, ok, type Result } from '../../services/result.js';

const STDERR = 2;
/** A reader of a pipe that is behind gets this many chances, so long apart, before lines are lost. */
const RETRIES = 20;
const RETRY_MS = 5;

export class LogOutput {
  #descriptor: number;
  readonly #file: string | undefined;
  /** The end of a line of which only the beginning could be written. */
  #rest = Buffer.alloc(0);
  #lost = 0;
  #why = '';

  private constructor(descriptor: number, file: string | undefined) {
    this.#descriptor = descriptor;
    this.#file = file;
  }

  static stderr(): LogOutput {
    return new LogOutput(STDERR, undefined);
  }

  /** Takes over an open descriptor. */
  static descriptor(descriptor: number): LogOutput {
    return new LogOutput(descriptor, undefined);
  }

  /** Appends to the file, made with mode 0600 when it is not there. The error is the error code of the system. */
  static file(path: string): Result<LogOutput, string> {
    const descriptor = open(path);
    return descriptor.ok ? ok(new LogOutput(descriptor.value, path)) : descriptor;
  }

  /** The name it was opened by. */
  get file(): string | undefined {
    return this.#file;
  }

  get isStderr(): boolean {
    return this.#descriptor === STDERR;
  }

  /** `line` with its line end. */
  write(line: string): void {
    const report =
      this.#lost === 0 ? '' : `${String(this.#lost)} line(s) of the log were lost here: ${this.#why}\n`;
    const text = Buffer.concat([this.#rest, Buffer.from(report + line)]);
    const written = this.#put(text);
    const rest = text.subarray(written);
    if (rest.length === 0) {
      this.#rest = rest;
      this.#lost = 0;
    } else if (written === 0) {
      this.#lost += 1;
    } else {
      // A line that has begun is finished, so that no two run into one.
      this.#rest = rest;
      this.#lost = 0;
    }
  }

  /** The same name again: after a rotation that is a new file. On an error the old one stays in use. */
  reopen(): Result<void, string> {
    if (this.#file === undefined) return ok(undefined);
    const descriptor = open(this.#file);
    if (!descriptor.ok) return descriptor;
    closeSync(this.#descriptor);
    this.#descriptor = descriptor.value;
    this.#rest = Buffer.alloc(0);
    return ok(undefined);
  }

  close(): void {
    if (this.#descriptor !== STDERR) closeSync(this.#descriptor);
  }

  /** How many bytes went out. */
  #put(text: Buffer): number {
    let written = 0;
    for (let tries = 0; written < text.length && tries <= RETRIES;) {
      try {
        written += writeSync(this.#descriptor, text, written);
      } catch (error) {
        this.#why = codeOf(error);
        if (this.#why !== 'EAGAIN') break;
        tries += 1;
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
      }
    }
    return written;
  }
}

function open(path: string): Result<number, string> {
  try {
    return ok(openSync(path, 'a', 0o600));
  } catch (error) {
    return err(codeOf(error));
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'EIO';
}
