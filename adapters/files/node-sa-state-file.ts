/** The file of our SAs in the file system: 0600, never through a symbolic link, and only what nobody else could have written. */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { SaStateFile } from '../../services/ports/sa-state-file.js';
import { err, ok, type Result } from '../../services/result.js';
import { causeOf, isErrno } from './system-error.js';

const MODE = 0o600;
/** Bytes: two hundred thousand SAs and as much about others that are gone. */
const LONGEST = 256 * 1024 * 1024;
const WRITABLE_BY_OTHERS = 0o022;

export class NodeSaStateFile implements SaStateFile {
  readonly name: string;
  /** User ids whose files are believed. */
  readonly #trusted: ReadonlySet<number>;
  /** Open as long as the file is this one. */
  #descriptor: number | undefined;

  constructor(path: string, trusted: readonly number[] = []) {
    this.name = path;
    this.#trusted = new Set([0, process.geteuid?.() ?? 0, ...trusted]);
  }

  read(): Result<string | undefined, string> {
    try {
      const descriptor = openSync(
        this.name,
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      );
      try {
        const fault = this.#fault(descriptor);
        return fault === undefined ? ok(readFileSync(descriptor, 'utf8')) : err(`${this.name} ${fault}.`);
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return ok(undefined);
      return err(`${this.name} cannot be read: ${causeOf(error)}.`);
    }
  }

  append(text: string): Result<void, string> {
    return this.#written(() => {
      this.#descriptor ??= this.#openToAppend();
      writeSync(this.#descriptor, text);
    });
  }

  replace(text: string): Result<void, string> {
    const next = `${this.name}.${String(process.pid)}`;
    this.#forget();
    return this.#written(() => {
      mkdirSync(dirname(this.name), { recursive: true });
      try {
        rmSync(next, { force: true });
        writeFileSync(next, text, { mode: MODE, flag: 'wx' });
        renameSync(next, this.name);
      } catch (error) {
        rmSync(next, { force: true });
        if (!isErrno(error, 'EACCES') && !isErrno(error, 'EPERM')) throw error;
        // A daemon that has become another user may write the file, but make none beside it.
        this.#writeInPlace(text);
      }
    });
  }

  putAside(): Result<string, string> {
    const aside = `${this.name}.spoiled`;
    this.#forget();
    try {
      renameSync(this.name, aside);
      return ok(aside);
    } catch (error) {
      return err(`it cannot be renamed: ${causeOf(error)}`);
    }
  }

  remove(): void {
    this.#forget();
    try {
      rmSync(this.name, { force: true });
    } catch {
      // Without the right to remove it there: it says nothing any more.
    }
  }

  #writeInPlace(text: string): void {
    const descriptor = openSync(this.name, constants.O_WRONLY | constants.O_NOFOLLOW);
    try {
      writeFileSync(descriptor, text);
      ftruncateSync(descriptor, Buffer.byteLength(text));
    } finally {
      closeSync(descriptor);
    }
  }

  #openToAppend(): number {
    mkdirSync(dirname(this.name), { recursive: true });
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    return openSync(this.name, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, MODE);
  }

  #written(write: () => void): Result<void, string> {
    try {
      write();
      return ok(undefined);
    } catch (error) {
      this.#forget();
      return err(`${this.name} cannot be written: ${causeOf(error)}.`);
    }
  }

  #fault(descriptor: number): string | undefined {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return 'is no file';
    if (stat.size > LONGEST) return `is longer than ${String(LONGEST / 1024 / 1024)} MB`;
    if (!this.#trusted.has(stat.uid)) return `belongs to user ${String(stat.uid)}, and so could say anything`;
    if ((stat.mode & WRITABLE_BY_OTHERS) !== 0) return 'may be written by others, and so could say anything';
    return undefined;
  }

  #forget(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}
