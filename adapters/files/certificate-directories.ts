/** The directories that ikecert(8) keeps: certificates, CRLs, and private keys that nobody else may read. */
import { constants, fstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileFault } from '../../services/ports/files.js';
import type { StoreFile, StoreFiles } from '../../services/certs/store-files.js';
import { holdsPin } from '../../services/certs/token-reference.js';
import { LONGEST_CRL } from '../../services/certs/crl.js';
import { err, ok, type Result } from '../../services/result.js';
import { secrecyFault, withFile } from './node-files.js';

export interface CertificatePaths {
  readonly publicKeys: string;
  readonly crls: string;
  readonly privateKeys: string;
}

/** Bytes of the longest file that is read: PEM is a third longer than DER, and may have text around it. */
export const LONGEST = { certificate: 256 * 1024, crl: 2 * LONGEST_CRL, privateKey: 64 * 1024 } as const;

/** Files of one directory that are looked at. */
const MOST_FILES = 10_000;

export type StoreKind = keyof typeof LONGEST;

export interface StoreDirectory {
  readonly files: readonly StoreFile[];
  /** Sentences: what could not be read. */
  readonly faults: readonly string[];
}

/** A directory that is not there holds nothing. What cannot be read is a fault, and the rest is read. */
export function readStoreDirectory(directory: string, kind: StoreKind): StoreDirectory {
  const faults: string[] = [];
  const files = readDirectory(directory, kind === 'privateKey', LONGEST[kind], faults);
  return { files, faults };
}

export function readCertificateDirectories(paths: CertificatePaths): StoreFiles {
  const certificates = readStoreDirectory(paths.publicKeys, 'certificate');
  const crls = readStoreDirectory(paths.crls, 'crl');
  const privateKeys = readStoreDirectory(paths.privateKeys, 'privateKey');
  return {
    certificates: certificates.files,
    crls: crls.files,
    privateKeys: privateKeys.files,
    faults: [...certificates.faults, ...crls.faults, ...privateKeys.faults],
  };
}

/** Names of the files, without a look into them; none where that is not allowed. */
export function readSlotNames(directory: string): readonly string[] {
  try {
    return readdirSync(directory).filter((name) => !name.startsWith('.'));
  } catch {
    return [];
  }
}

function readDirectory(
  directory: string,
  secret: boolean,
  longest: number,
  faults: string[],
): readonly StoreFile[] {
  const listed = withFile(directory, (descriptor): Result<readonly string[], FileFault> => {
    const fault = secret ? secrecyFault(directory, descriptor) : undefined;
    return fault === undefined ? ok(readdirSync(directory)) : err(fault);
  });
  if (!listed.ok) {
    if (listed.error.reason !== 'missing') faults.push(listed.error.message);
    return [];
  }
  const names = listed.value.filter((name) => !name.startsWith('.')).toSorted(bySlot);
  if (names.length > MOST_FILES)
    faults.push(`${directory} has more than ${String(MOST_FILES)} files; the others are left out.`);
  const files: StoreFile[] = [];
  for (const name of names.slice(0, MOST_FILES)) {
    const path = join(directory, name);
    const bytes = readBytes(path, secret, longest);
    if (bytes.ok) files.push({ name, path, bytes: bytes.value });
    else faults.push(bytes.error.message);
  }
  return files;
}

function readBytes(path: string, secret: boolean, longest: number): Result<Uint8Array, FileFault> {
  // A pipe in the directory must not keep the daemon waiting.
  const flags = constants.O_RDONLY | constants.O_NONBLOCK;
  return withFile(
    path,
    (descriptor): Result<Uint8Array, FileFault> => {
      const stat = fstatSync(descriptor);
      if (!stat.isFile() || stat.size > longest) {
        const what = stat.isFile() ? `is longer than ${String(longest)} bytes` : 'is no file';
        return err({ reason: 'unreadable', message: `${path} is left out: it ${what}.` });
      }
      const bytes = readFileSync(descriptor);
      const fault = secret || holdsPin(bytes) ? secrecyFault(path, descriptor) : undefined;
      if (fault === undefined) return ok(bytes);
      bytes.fill(0);
      return err(fault);
    },
    flags,
  );
}

/** Slots by number, then other names. */
function bySlot(a: string, b: string): number {
  const number = (name: string): number => (/^\d+$/.test(name) ? Number(name) : Number.POSITIVE_INFINITY);
  const [left, right] = [number(a), number(b)];
  if (left !== right) return left < right ? -1 : 1;
  return a < b ? -1 : 1;
}
