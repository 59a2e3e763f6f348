/** `certlocal -kc` and `-ks`: a key pair, and a certificate request or a self-signed certificate. */
import { generatePair, signX509 } from '../../../adapters/crypto/generate-key.js';
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { removeFile, type NewFile, writeNewFile } from '../../../adapters/files/store-writer.js';
import type { Bytes } from '../../../services/bytes.js';
import { certificateRequest, selfSigned, type Unsigned } from '../../../services/certs/build.js';
import { err, ok } from '../../../services/result.js';
import { freeSlot, readCertificates, readPrivateKeys, wipe } from '../database.js';
import { encoded } from '../encoding.js';
import type { Request } from '../program.js';
import type { Answer, World } from '../world.js';
import { generateOnToken } from './generate-on-token.js';
import { type KeyWish, readWish } from './wish.js';

/** Bytes; RFC 5280 4.1.2.2 allows 20, and half of 16 random ones would be more than enough not to meet. */
const SERIAL = 16;

export async function generate(request: Request): Promise<Answer> {
  const { options, paths, world } = request;
  const wish = readWish(options, world.now());
  if (!wish.ok) return wish;
  if (options.T !== undefined) return generateOnToken(request, wish.value);
  world.progress('Generating, please wait...');
  const pair = await generatePair(wish.value.type.algorithm, wish.value.bits);
  try {
    const unsigned = unsignedOf(wish.value, pair.publicKey, world);
    const made = unsigned.complete(signX509(pair.pkcs8, wish.value.type.hash, unsigned.bytes));
    const done = await withStoreLock(paths.publicKeys, () =>
      storeNew(paths, (name) => ({
        key: { directory: paths.privateKeys, name, bytes: pair.pkcs8, secret: true },
        certificate: wish.value.selfSigned
          ? { directory: paths.publicKeys, name, bytes: made, secret: false }
          : undefined,
      })),
    );
    if (!done.ok) return done;
    return done.value.ok ? announced(wish.value, made, world) : done.value;
  } finally {
    pair.pkcs8.fill(0);
  }
}

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
