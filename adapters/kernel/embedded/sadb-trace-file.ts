/** The file of `--sadb-trace`. It holds keys: nobody but its owner may ever read it. */
import { closeSync, constants, fchmodSync, fstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { err, ok, type Result } from '../../../services/result.js';

export interface SadbTraceFile {
  /** Appends one line; it is in the file when this returns. */
  write(line: string): void;
  close(): void;
  /** Closes it and, if it was made by this opening and is still empty, removes it. */
  discard(): void;
}

/** Appends to the file or makes it, mode 0600. The error is one sentence that says what and how to mend it. */
export function openSadbTrace(path: string): Result<SadbTraceFile, string> {
  let opened: { readonly file: number; readonly isNew: boolean };
  try {
    opened = openOrMake(path);
  } catch (error) {
    return err(`Cannot open the SADB trace ${path}: ${reasonOf(error)}. Name a file this user may write.`);
  }
  const { file, isNew } = opened;
  const status = fstatSync(file);
  if (!status.isFile() || status.uid !== process.geteuid?.()) {
    closeSync(file);
    return err(`The SADB trace ${path} is no regular file of this user. Name a new file: it will hold keys.`);
  }
  // A file that was there keeps its mode otherwise.
  fchmodSync(file, 0o600);
  return ok({
    write: (line) => void writeSync(file, `${line}\n`),
    close: () => {
      closeSync(file);
    },
    discard: () => {
      const unused = isNew && fstatSync(file).size === 0;
      closeSync(file);
      if (unused) rmSync(path, { force: true });
    },
  });
}

function openOrMake(path: string): { readonly file: number; readonly isNew: boolean } {
  const { O_WRONLY, O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK } = constants;
  // No symbolic link: in a shared directory somebody else may have laid it out for us.
  const flags = O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK;
  try {
    return { file: openSync(path, flags | O_CREAT | O_EXCL, 0o600), isNew: true };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    return { file: openSync(path, flags), isNew: false };
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
