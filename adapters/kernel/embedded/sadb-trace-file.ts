/** The file of `--sadb-trace`. It holds keys: nobody but its owner may ever read it. */
import { closeSync, constants, fchmodSync, fstatSync, openSync, writeSync } from 'node:fs';
import { err, ok, type Result } from '../../../services/result.js';

export interface SadbTraceFile {
  /** Appends one line; it is in the file when this returns. */
  write(line: string): void;
  close(): void;
}

/** Appends to the file or makes it, mode 0600. The error is one sentence that says what and how to mend it. */
export function openSadbTrace(path: string): Result<SadbTraceFile, string> {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
  let file: number;
  try {
    // No symbolic link: in a shared directory somebody else may have laid it out for us.
    file = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
  } catch (error) {
    return err(`Cannot open the SADB trace ${path}: ${reasonOf(error)}. Name a file this user may write.`);
  }
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
  });
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
