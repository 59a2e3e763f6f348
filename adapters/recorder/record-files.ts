/** Recordings of failures on disk: few, small, and for their owner's eyes. */
import { chmod, mkdir, readdir, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RecordFile } from '../../services/admin/recorder.js';

export interface RecordFileLimits {
  readonly files: number;
  readonly bytes: number;
  /** So many may be written at once, and one more every `everyMs`: anybody can make a negotiation fail. */
  readonly burst: number;
  readonly everyMs: number;
}

export const RECORD_FILE_LIMITS: RecordFileLimits = {
  files: 64,
  bytes: 16 * 1024 * 1024,
  burst: 8,
  everyMs: 10_000,
};

const SUFFIX = '.ikerec';
const UNFINISHED = '.unfinished';

export class RecordFiles {
  readonly folder: string;
  readonly #limits: RecordFileLimits;
  readonly #now: () => number;
  #allowance: number;
  #countedAt: number;
  /** One after the other, so that the bounds hold. */
  #work: Promise<unknown> = Promise.resolve();

  /** `now` in milliseconds, of a clock that does not go back. */
  constructor(folder: string, now: () => number, limits: RecordFileLimits = RECORD_FILE_LIMITS) {
    this.folder = folder;
    this.#limits = limits;
    this.#now = now;
    this.#allowance = limits.burst;
    this.#countedAt = now();
  }

  /** Whether one may be written now; asking takes the right to it. */
  mayWrite(): boolean {
    const { burst, everyMs } = this.#limits;
    const now = this.#now();
    this.#allowance = Math.min(burst, this.#allowance + (now - this.#countedAt) / everyMs);
    this.#countedAt = now;
    if (this.#allowance < 1) return false;
    this.#allowance -= 1;
    return true;
  }

  /**
   * Takes the place of an earlier one of that name: the same conversation, which has failed in the same way again, and
   * is longer now. Resolves with its path; rejects with the host's reason.
   */
  write(name: string, text: string): Promise<string> {
    const written = this.#work.then(() => this.#write(`${name}${SUFFIX}`, text));
    this.#work = written.catch(() => undefined);
    return written;
  }

  /** Oldest first: names begin with the time. */
  async list(): Promise<readonly RecordFile[]> {
    const names = await readdir(this.folder).catch((): string[] => []);
    const files = await Promise.all(
      names
        .filter((name) => name.endsWith(SUFFIX))
        .sort()
        .map(async (name) => {
          const found = await stat(join(this.folder, name)).catch(() => undefined);
          return found?.isFile() === true ? [{ name, bytes: found.size }] : [];
        }),
    );
    return files.flat();
  }

  async #write(name: string, text: string): Promise<string> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    await chmod(this.folder, 0o700);
    const path = join(this.folder, name);
    const unfinished = `${path}${UNFINISHED}`;
    // Of a daemon that was killed while it wrote.
    await rm(unfinished, { force: true });
    try {
      await writeFile(unfinished, text, { mode: 0o600, flag: 'wx' });
      await rename(unfinished, path);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    await this.#prune();
    return path;
  }

  async #prune(): Promise<void> {
    const files = [...(await this.list())];
    let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    while (files.length > this.#limits.files || bytes > this.#limits.bytes) {
      const oldest = files.shift();
      if (oldest === undefined) return;
      bytes -= oldest.bytes;
      await unlink(join(this.folder, oldest.name)).catch(() => undefined);
    }
  }
}
