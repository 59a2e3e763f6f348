/** The files that stand for objects of tokens, and what objects are called there. */
import type { NewFile } from '../../../adapters/files/store-writer.js';
import type { ObjectName } from '../../../adapters/pkcs11/objects.js';
import type { CertificatePaths } from '../../../adapters/files/certificate-directories.js';
import { type Bytes, hex } from '../../../services/bytes.js';
import { wrapPem } from '../../../services/certs/pem.js';
import { formatReference } from '../../../services/certs/token-reference.js';
import type { TokenObject } from '../../../services/ports/public-key.js';
import type { World } from '../world.js';

/** Bytes of a new CKA_ID: enough never to meet another. */
const ID = 10;

export function newName(label: string, world: World): ObjectName {
  return { id: hex(world.random(ID)), label };
}

interface Slot {
  readonly name: string;
  readonly object: TokenObject;
  /** Goes into the file, if there is one. */
  readonly pin: Bytes | undefined;
}

/** Whoever writes the file wipes its bytes, in which a PIN may be. */
export function keyReference(
  paths: CertificatePaths,
  { name, object, pin }: Slot,
  publicKey: Bytes | undefined,
): NewFile {
  const copy = publicKey === undefined ? '' : wrapPem('PUBLIC KEY', publicKey);
  const bytes = formatReference({ object, class: 'private-key', pin }, copy);
  return { directory: paths.privateKeys, name, bytes, secret: true };
}

export function certificateReference(
  paths: CertificatePaths,
  { name, object, pin }: Slot,
  der: Bytes,
): NewFile {
  const bytes = formatReference({ object, class: 'certificate', pin }, wrapPem('CERTIFICATE', der));
  return { directory: paths.publicKeys, name, bytes, secret: false, ownerOnly: pin !== undefined };
}
