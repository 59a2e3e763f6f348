/** `ipsec_kmc_map` in the file system. DEVIATION: it is replaced by renaming; Node has no lockf(3C), with which the original takes turns. */
import { mkdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LabelCookieFile } from '../../services/ports/label-cookie-file.js';
import { err, ok, type Result } from '../../services/result.js';

/** As the original makes it (usr/src/lib/libipsecutil/common/ipsec_util.c). */
const MODE = 0o600;

export class NodeLabelCookieFile implements LabelCookieFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  read(): Result<string | undefined, string> {
    try {
      return ok(readFileSync(this.#path, 'utf8'));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return ok(undefined);
      return err(`${this.#path} cannot be read: ${wordsOf(error)}.`);
    }
  }

  write(text: string): Result<void, string> {
    const next = `${this.#path}.${String(process.pid)}`;
    try {
      mkdirSync(dirname(this.#path), { recursive: true });
      writeFileSync(next, text, { mode: MODE });
      renameSync(next, this.#path);
      return ok(undefined);
    } catch (error) {
      rmSync(next, { force: true });
      // A daemon that has become another user may write the file, but make none beside it.
      if (isRefused(error) && this.#writeInPlace(text)) return ok(undefined);
      return err(`${this.#path} cannot be written: ${wordsOf(error)}.`);
    }
  }

  #writeInPlace(text: string): boolean {
    try {
      writeFileSync(this.#path, text, { flag: 'r+' });
      truncateSync(this.#path, Buffer.byteLength(text));
      return true;
    } catch {
      return false;
    }
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
