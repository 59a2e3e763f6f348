/** Reading configuration files, and refusing secrets that others could read. */
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
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
      const { uid, mode } = fstatSync(descriptor);
      if (uid !== 0 && uid !== process.geteuid?.()) {
        return err({
          reason: 'insecure',
          message: `${path} belongs to another user (uid ${String(uid)}); its owner must be root or the user of the daemon: chown it.`,
        });
      }
      if ((mode & OTHERS) !== 0) {
        const shown = (mode & 0o777).toString(8).padStart(4, '0');
        return err({
          reason: 'insecure',
          message: `${path} holds keys and has mode ${shown}; nobody but its owner may have access: chmod 0600 it.`,
        });
      }
      return ok(readFileSync(descriptor, 'utf8'));
    });
  }
}

function withFile(
  path: string,
  use: (descriptor: number) => Result<string, FileFault>,
): Result<string, FileFault> {
  let descriptor: number;
  try {
    descriptor = openSync(path, 'r');
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
