/** Files that the operator names. They are opened here, with the operator's rights, never by the daemon. */
import { open, unlink, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { systemErrorText } from '../../adapters/door/door-fault.js';
import type { Bytes } from '../../services/bytes.js';
import { err, ok, type Result } from '../../services/result.js';

/** Only for its owner: such files may hold keys. */
const PRIVATE = 0o600;

export interface OperatorFile {
  /** To be passed with a call. */
  readonly descriptor: number;
  /** All of it, from its beginning; the error is the host's reason. The caller wipes what it can. */
  read(): Promise<Result<Bytes, string>>;
  write(bytes: Bytes): Promise<Result<void, string>>;
  /** Whether somebody besides its owner may do anything with it, or its owner is neither root nor this user. */
  isExposed(): Promise<boolean>;
  /** Whether the daemon takes it: any other kind of file could keep it waiting. */
  isRegular(): Promise<boolean>;
  close(): Promise<void>;
  /** Closes it and removes its name. */
  remove(): Promise<void>;
}

/** Errors are the host's reason as `strerror` words it. */
export interface Files {
  forReading(path: string): Promise<Result<OperatorFile, string>>;
  /** A file that was not there before. */
  forWriting(path: string): Promise<Result<OperatorFile, string>>;
  /** Made when it is missing. */
  forAppending(path: string): Promise<Result<OperatorFile, string>>;
  /** Has no name, so that nothing is left of it. */
  temporary(): Promise<Result<OperatorFile, string>>;
}

export const hostFiles: Files = {
  forReading: (path) => opened(path, 'r'),
  forWriting: (path) => opened(path, 'wx'),
  forAppending: (path) => opened(path, 'a+'),
  async temporary() {
    const path = join(tmpdir(), `ikeadm-${randomUUID()}`);
    const file = await opened(path, 'wx+');
    if (file.ok) await unlink(path).catch(() => undefined);
    return file;
  },
};

async function opened(path: string, flags: string): Promise<Result<OperatorFile, string>> {
  try {
    return ok(operatorFile(path, await open(path, flags, PRIVATE)));
  } catch (error) {
    return err(reasonOf(error));
  }
}

function operatorFile(path: string, file: FileHandle): OperatorFile {
  return {
    descriptor: file.fd,
    read: () => attempted(() => file.readFile()),
    write: (bytes) =>
      attempted(async () => {
        // A tool that writes a bit of a file and then fails must not look as if it had written all.
        await file.writeFile(bytes);
        await file.sync();
      }),
    async isExposed() {
      const { mode, uid } = await file.stat();
      return (mode & 0o077) !== 0 || (uid !== 0 && uid !== process.getuid?.());
    },
    isRegular: async () => (await file.stat()).isFile(),
    close: () => file.close(),
    async remove() {
      await file.close();
      await unlink(path).catch(() => undefined);
    },
  };
}

async function attempted<T>(work: () => Promise<T>): Promise<Result<T, string>> {
  try {
    return ok(await work());
  } catch (error) {
    return err(reasonOf(error));
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'errno' in error && typeof error.errno === 'number' ? systemErrorText(error.errno) : error.message;
}
