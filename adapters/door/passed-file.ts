/**
 * An open file that came through the door. It is used as its descriptor allows and never by a name. Only regular files
 * are: reading or writing anything else may wait for somebody.
 */
import { close, fstat, fsync, ftruncate, read, write, type Stats } from 'node:fs';
import { readlink } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { DoorFile } from '../../services/ports/door-file.js';
import { err, ok, type Result } from '../../services/result.js';
import type { Passing } from './passing-stream.js';

const { EACCES, EBADF, EFBIG, EILSEQ, EINVAL, EIO } = constants.errno;
const OTHERS = 0o077;
const CHUNK = 64 * 1024;
/** Where the host shows the names of open files. */
const NAMES = process.platform === 'sunos' ? '/proc/self/path' : '/proc/self/fd';
/** A file whose name was removed before it was used holds what was typed. */
const UNLINKED = 'the definition';

export type DescriptorCalls = Pick<Passing, 'appendTo' | 'duplicate'>;

const stat = promisify(fstat);
const truncate = promisify(ftruncate);
const sync = promisify(fsync);

/** Looks at it away from the main thread: some file systems take their time. It owns the descriptor from now on. */
export async function passedFile(descriptor: number, calls: DescriptorCalls): Promise<DoorFile> {
  const stats = await stat(descriptor).catch(() => undefined);
  const isRegular = stats?.isFile() ?? false;
  const name = !isRegular ? undefined : stats?.nlink === 0 ? UNLINKED : await nameOf(descriptor);
  return new PassedFile(descriptor, { isRegular, name, calls });
}

/** The link says what the file was opened by; it is read and not followed. */
function nameOf(descriptor: number): Promise<string | undefined> {
  return readlink(join(NAMES, String(descriptor))).catch(() => undefined);
}

interface PassedFileFacts {
  readonly isRegular: boolean;
  readonly name: string | undefined;
  readonly calls: DescriptorCalls;
}

class PassedFile implements DoorFile {
  /** Undefined when it is closed, or somebody else's. */
  #descriptor: number | undefined;
  readonly name: string | undefined;
  readonly #isRegular: boolean;
  readonly #calls: DescriptorCalls;

  constructor(descriptor: number, { isRegular, name, calls }: PassedFileFacts) {
    this.#descriptor = descriptor;
    this.name = name;
    this.#isRegular = isRegular;
    this.#calls = calls;
  }

  readText(limit: number): Promise<Result<string, number>> {
    return this.#used((descriptor) => textOf(descriptor, limit));
  }

  readSecretText(limit: number): Promise<Result<string, number>> {
    return this.#used(async (descriptor) => {
      const stats = await stat(descriptor);
      return isExposed(stats) ? err(EACCES) : textOf(descriptor, limit);
    });
  }

  replaceText(text: string): Promise<Result<void, number>> {
    return this.#used(async (descriptor) => {
      try {
        await truncate(descriptor, 0);
      } catch (error) {
        // POSIX lets ftruncate say either of a file that is not open for writing, and this one is regular.
        return err(errnoOf(error) === EINVAL ? EBADF : errnoOf(error));
      }
      return writeAll(descriptor, text, 0);
    });
  }

  appendText(text: string): Promise<Result<void, number>> {
    return this.#used(async (descriptor) => writeAll(descriptor, text, (await stat(descriptor)).size));
  }

  keep(): Result<number, number> {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return err(EBADF);
    if (!this.#isRegular) return err(EINVAL);
    const fault = this.#calls.appendTo(descriptor);
    if (fault !== 0) return err(fault);
    this.#descriptor = undefined;
    return ok(descriptor);
  }

  share(): Result<number, number> {
    if (this.#descriptor === undefined) return err(EBADF);
    const copy = this.#calls.duplicate(this.#descriptor);
    return copy < 0 ? err(-copy) : ok(copy);
  }

  close(): void {
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    // Closing may wait as well, where what was written still has to go somewhere.
    if (descriptor !== undefined) close(descriptor, () => undefined);
  }

  async #used<T>(use: (descriptor: number) => Promise<Result<T, number>>): Promise<Result<T, number>> {
    const descriptor = this.#descriptor;
    if (descriptor === undefined) return err(EBADF);
    if (!this.#isRegular) return err(EINVAL);
    try {
      return await use(descriptor);
    } catch (error) {
      return err(errnoOf(error));
    }
  }
}

function isExposed({ uid, mode }: Stats): boolean {
  return (mode & OTHERS) !== 0 || (uid !== 0 && uid !== process.geteuid?.());
}

/** The bytes on the way are wiped: they may be keys. */
async function textOf(descriptor: number, limit: number): Promise<Result<string, number>> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    while (length <= limit) {
      const room = Buffer.alloc(CHUNK);
      chunks.push(room);
      const count = await readAt(descriptor, room, length);
      if (count === 0) return decoded(chunks, length);
      chunks[chunks.length - 1] = room.subarray(0, count);
      length += count;
    }
    return err(EFBIG);
  } finally {
    for (const chunk of chunks) chunk.fill(0);
  }
}

function decoded(chunks: readonly Buffer[], length: number): Result<string, number> {
  const bytes = Buffer.concat(chunks, length);
  try {
    return ok(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return err(EILSEQ);
  } finally {
    bytes.fill(0);
  }
}

async function writeAll(descriptor: number, text: string, start: number): Promise<Result<void, number>> {
  const bytes = Buffer.from(text, 'utf8');
  try {
    for (let done = 0; done < bytes.length;) {
      done += await writeAt(descriptor, bytes.subarray(done), start + done);
    }
    await sync(descriptor);
    return ok(undefined);
  } finally {
    bytes.fill(0);
  }
}

function readAt(descriptor: number, room: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, room, 0, room.length, position, settle(resolve, reject));
  });
}

function writeAt(descriptor: number, bytes: Uint8Array, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    write(descriptor, bytes, 0, bytes.length, position, settle(resolve, reject));
  });
}

function settle(
  resolve: (count: number) => void,
  reject: (error: Error) => void,
): (error: Error | null, count: number) => void {
  return (error, count) => {
    if (error === null) resolve(count);
    else reject(error);
  };
}

function errnoOf(error: unknown): number {
  return error instanceof Error && 'errno' in error && typeof error.errno === 'number'
    ? Math.abs(error.errno)
    : EIO;
}
