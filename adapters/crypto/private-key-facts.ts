/** What a private key is, read without keeping it: its kind, its size, and the public key that belongs to it. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import { readPublicKey } from '../../services/certs/certificate.js';
import type { KeyFacts } from '../../services/certs/store-files.js';

/** Undefined when the bytes are no unencrypted PKCS #8 of RSA or DSA. */
export function privateKeyFacts(pkcs8: Bytes): KeyFacts | undefined {
  const key = Buffer.from(pkcs8);
  try {
    const privateKey = createPrivateKey({ key, type: 'pkcs8', format: 'der' });
    const { asymmetricKeyType: algorithm } = privateKey;
    if (algorithm !== 'rsa' && algorithm !== 'dsa') return undefined;
    const publicKey = Uint8Array.from(createPublicKey(privateKey).export({ type: 'spki', format: 'der' }));
    // Not from `asymmetricKeyDetails`: Node 20 crashes there on DSA keys that are not as they should be.
    const read = readPublicKey(publicKey);
    return read.ok ? { algorithm, bits: read.value.keyBits, publicKey } : undefined;
  } catch {
    return undefined;
  } finally {
    key.fill(0);
  }
}
