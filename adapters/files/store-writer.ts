/** Files of the directories that ikecert(8) keeps: each comes whole or not at all, and none is ever overwritten. */
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fchmodSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Bytes } from '../../services/bytes.js';
import { err, ok, type Result } from '../../services/result.js';
import { secrecyFault } from './node-files.js';
import { causeOf, isErrno } from './system-error.js';

export interface NewFile {
  readonly directory: string;
  readonly name: string;
  readonly bytes: Bytes;
  /** Mode 0600 in a directory of mode 0700, which must not be open to others; else 0644 and 0755. */
  readonly secret: boolean;
  /** Mode 0600 in a directory that is open to all. */
  readonly ownerOnly?: boolean;
}

/** Makes the directory when it is not there. The error is a sentence for an operator; then nothing has changed. */
export function writeNewFile({ directory, name, bytes, secret, ownerOnly }: NewFile): Result<string, string> {
  const path = join(directory, name);
  // Names that begin with a dot are no slots; what a crash leaves is never taken for a certificate.
  const draft = join(directory, `.new-${randomBytes(8).toString('hex')}`);
  try {
    const fault = makeDirectory(directory, secret);
    if (fault !== undefined) return err(fault);
    try {
      writeDraft(draft, bytes, secret || ownerOnly === true ? 0o600 : 0o644);
      linkSync(draft, path);
    } finally {
      rmSync(draft, { force: true });
    }
    syncDirectory(directory);
    return ok(path);
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return err(`${path} is there already, and is not overwritten`);
    return err(`${path} cannot be written: ${causeOf(error)}`);
  }
}

function writeDraft(draft: string, bytes: Bytes, mode: number): void {
  const descriptor = openSync(draft, 'wx', mode);
  try {
    // Whatever the umask is.
    fchmodSync(descriptor, mode);
    writeFileSync(descriptor, bytes);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** The error is a sentence for an operator. */
export function removeFile(directory: string, name: string): Result<string, string> {
  const path = join(directory, name);
  try {
    rmSync(path);
    syncDirectory(directory);
    return ok(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return err(`${path} does not exist`);
    return err(`${path} cannot be removed: ${causeOf(error)}`);
  }
}

/** What is wrong with a directory of secrets that is there, or undefined. */
function makeDirectory(directory: string, secret: boolean): string | undefined {
  const mode = secret ? 0o700 : 0o755;
  mkdirSync(join(directory, '../..'), { recursive: true, mode: 0o755 });
  for (const made of [join(directory, '..'), directory]) {
    try {
      mkdirSync(made, { mode });
      chmodSync(made, mode);
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  }
  if (!secret) return undefined;
  const descriptor = openSync(directory, 'r');
  try {
    return secrecyFault(directory, descriptor)?.message.replace(/\.$/, '');
  } finally {
    closeSync(descriptor);
  }
}

/** The name of a file is on the disk only when its directory is. */
function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
