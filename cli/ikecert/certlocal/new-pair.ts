/** What a new key pair comes to, wherever it was made: a certificate or a request, printed, and files in slots of their own. */
import { removeFile, type NewFile, writeNewFile } from '../../../adapters/files/store-writer.js';
import type { Bytes } from '../../../services/bytes.js';
import { certificateRequest, selfSigned, type Unsigned } from '../../../services/certs/build.js';
import { err, ok } from '../../../services/result.js';
import { freeSlot, readCertificates, readPrivateKeys, wipe } from '../database.js';
import { encoded } from '../encoding.js';
import type { Request } from '../program.js';
import type { Answer, World } from '../world.js';
import type { KeyWish } from './wish.js';

/** Bytes; RFC 5280 4.1.2.2 allows 20, and half of 16 random ones would be more than enough not to meet. */
const SERIAL = 16;

export function unsignedOf(wish: KeyWish, publicKey: Bytes, world: World): Unsigned {
  const asked = { ...wish, publicKey };
  return wish.selfSigned ? selfSigned({ ...asked, serial: serial(world) }) : certificateRequest(asked);
}

/** `made` is the certificate or the request, DER. */
export function announced(wish: KeyWish, made: Bytes, world: World): Answer {
  world.progress(wish.selfSigned ? 'Certificate generated.' : 'Certificate request generated.');
  if (wish.selfSigned) world.progress('Certificate added to database.');
  const label = wish.selfSigned ? 'X509 CERTIFICATE' : 'CERTIFICATE REQUEST';
  return ok({ stdout: encoded(wish.format, label, made), notes: [] });
}

/** Positive, and without a leading zero. */
function serial(world: World): Bytes {
  const bytes = Uint8Array.from(world.random(SERIAL));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

export interface NewFiles {
  readonly key: NewFile;
  readonly certificate: NewFile | undefined;
}

/** The key first: a certificate of ours without its key would be taken for somebody else's. */
export function storeNew(paths: Request['paths'], filesOf: (name: string) => NewFiles): Answer {
  const keys = readPrivateKeys(paths);
  wipe(keys);
  const [fault] = keys.faults;
  if (fault !== undefined) return err(fault.replace(/\.$/, ''));
  const { key, certificate } = filesOf(freeSlot(keys.slots, readCertificates(paths).slots));
  const written = writeNewFile(key);
  if (!written.ok) return written;
  const both = certificate === undefined ? written : writeNewFile(certificate);
  if (!both.ok) {
    removeFile(paths.privateKeys, key.name);
    return both;
  }
  return ok({ stdout: '', notes: [] });
}
