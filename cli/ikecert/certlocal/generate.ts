/** `certlocal -kc` and `-ks`: a key pair, and a certificate request or a self-signed certificate. */
import { generatePair, type NewKeyPair, signX509 } from '../../../adapters/crypto/generate-key.js';
import { withStoreLock } from '../../../adapters/files/store-lock.js';
import { removeFile, writeNewFile } from '../../../adapters/files/store-writer.js';
import type { Bytes } from '../../../services/bytes.js';
import { certificateRequest, selfSigned } from '../../../services/certs/build.js';
import { err, ok } from '../../../services/result.js';
import { freeSlot, readCertificates, readPrivateKeys, wipe } from '../database.js';
import { encoded } from '../encoding.js';
import type { Request } from '../program.js';
import type { Answer, World } from '../world.js';
import { type KeyWish, readWish } from './wish.js';

/** Bytes; RFC 5280 4.1.2.2 allows 20, and half of 16 random ones would be more than enough not to meet. */
const SERIAL = 16;

export async function generate({ options, paths, world }: Request): Promise<Answer> {
  const wish = readWish(options, world.now());
  if (!wish.ok) return wish;
  world.progress('Generating, please wait...');
  const pair = await generatePair(wish.value.type.algorithm, wish.value.bits);
  try {
    const made = certified(wish.value, pair, world);
    const isCertificate = wish.value.selfSigned;
    const done = await withStoreLock(paths.publicKeys, () =>
      store(pair.pkcs8, isCertificate ? made : undefined, paths),
    );
    if (!done.ok) return done;
    if (!done.value.ok) return done.value;
    world.progress(isCertificate ? 'Certificate generated.' : 'Certificate request generated.');
    if (isCertificate) world.progress('Certificate added to database.');
    const label = isCertificate ? 'X509 CERTIFICATE' : 'CERTIFICATE REQUEST';
    return ok({
      stdout: encoded(wish.value.format, label, made),
      notes: [],
    });
  } finally {
    pair.pkcs8.fill(0);
  }
}

function certified(wish: KeyWish, pair: NewKeyPair, world: World): Bytes {
  const asked = { ...wish, publicKey: pair.publicKey };
  const unsigned = wish.selfSigned
    ? selfSigned({ ...asked, serial: serial(world) })
    : certificateRequest(asked);
  return unsigned.complete(signX509(pair.pkcs8, wish.type.hash, unsigned.bytes));
}

/** Positive, and without a leading zero. */
function serial(world: World): Bytes {
  const bytes = Uint8Array.from(world.random(SERIAL));
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}

/** The key first: a certificate of ours without its key would be taken for somebody else's. */
function store(pkcs8: Bytes, certificate: Bytes | undefined, paths: Request['paths']): Answer {
  const keys = readPrivateKeys(paths);
  wipe(keys);
  const [fault] = keys.faults;
  if (fault !== undefined) return err(fault.replace(/\.$/, ''));
  const name = freeSlot(keys.slots, readCertificates(paths).slots);
  const key = writeNewFile({ directory: paths.privateKeys, name, bytes: pkcs8, secret: true });
  if (!key.ok) return key;
  if (certificate !== undefined) {
    const file = { directory: paths.publicKeys, name, bytes: certificate, secret: false };
    const written = writeNewFile(file);
    if (!written.ok) {
      removeFile(paths.privateKeys, name);
      return written;
    }
  }
  return ok({ stdout: '', notes: [] });
}
