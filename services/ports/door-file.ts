/**
 * Port: an open file that came with a call of the door. Whoever made the call opened it, with their own rights; its name
 * is not known here. Only regular files are read and written, because anything else could keep the daemon waiting: EINVAL
 * for others. Errors are `errno` values of the host.
 */
import type { Result } from '../result.js';

export interface DoorFile {
  /** What to call it in messages, where the host tells; it is never opened by it. */
  readonly name: string | undefined;
  /** All of it, from its start, as UTF-8; EFBIG beyond `limit` bytes, EILSEQ when it is not UTF-8. */
  readText(limit: number): Promise<Result<string, number>>;
  /** As `readText`, but EACCES for a file whose owner is neither root nor this user, or with any group or other bit set. */
  readSecretText(limit: number): Promise<Result<string, number>>;
  /** Afterwards the file holds `text` and nothing else; EBADF when it is not open for writing. */
  replaceText(text: string): Promise<Result<void, number>>;
  /** Writes `text` at the end of the file. */
  appendText(text: string): Promise<Result<void, number>>;
  /**
   * Takes the descriptor for a log, open for writing. From now on it belongs to the caller, who closes it; this object is
   * closed.
   */
  keep(): Result<number, number>;
  /** Another descriptor of the same open file, which belongs to the caller. */
  share(): Result<number, number>;
  /** Does nothing the second time. The door closes all files of a call after its reply. */
  close(): void;
}
