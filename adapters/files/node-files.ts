/** Reading configuration files, and refusing secrets that others could read. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import type { FileFault, Files } from '../../services/ports/files.js';
import { err, ok, type Result } from '../../services/result.js';

const OTHERS = 0o077;

export class NodeFiles implements Files {
  read(path: string): Result<string, FileFault> {
    return withFile(path, (descriptor) => ok(readFileSync(descriptor, 'utf8')));
  }

  readSecret(path: string): Result<string, FileFault> {
    // Checked on the open file: a name could be changed between a look and an opening.
    return withFile(path, (descriptor) => {
      const fault = secrecyFault(path, descriptor);
      return fault === undefined ? ok(readFileSync(descriptor, 'utf8')) : err(fault);
    });
  }
}

/** Why a file or directory with secrets must not be used, or undefined. */
export function secrecyFault(path: string, descriptor: number): FileFault | undefined {
  const stat = fstatSync(descriptor);
  const { uid, mode } = stat;
  if (uid !== 0 && uid !== process.geteuid?.()) {
    return {
      reason: 'insecure',
      message: `${path} belongs to another user (uid ${String(uid)}); its owner must be root or the user of the daemon: chown it.`,
    };
  }
  if ((mode & OTHERS) === 0) return undefined;
  const shown = (mode & 0o777).toString(8).padStart(4, '0');
  return {
    reason: 'insecure',
    message: `${path} holds keys and has mode ${shown}; nobody but its owner may have access: chmod ${stat.isDirectory() ? '0700' : '0600'} it.`,
  };
}

/** Opens, uses and closes. `flags` of open(2) are added to reading. */
export function withFile<T>(
  path: string,
  use: (descriptor: number) => Result<T, FileFault>,
  flags = constants.O_RDONLY,
): Result<T, FileFault> {
  let descriptor: number;
  try {
    descriptor = openSync(path, flags);
  } catch (error) {
    return err(openFault(path, error));
  }
  try {
    return use(descriptor);
  } catch (error) {
    return err({ reason: 'unreadable', message: `${path} cannot be read: ${wordsOf(error)}.` });
  } finally {
    closeSync(descriptor);
  }
}

function openFault(path: string, error: unknown): FileFault {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') {
    return {
      reason: 'missing',
      message: `${path} does not exist: make it, or name another file or root (-f, -R).`,
    };
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      reason: 'permission',
      message: `${path} may not be read by this user: run as root, or change its owner or mode.`,
    };
  }
  return { reason: 'unreadable', message: `${path} cannot be opened: ${wordsOf(error)}.` };
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
