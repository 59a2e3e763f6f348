/** What a private key is, read without keeping it: its kind, its size, and the public key that belongs to it. */
import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import type { KeyFacts } from '../../services/certs/store-files.js';

/** Undefined when the bytes are no unencrypted PKCS #8 of RSA or DSA. */
export function privateKeyFacts(pkcs8: Bytes): KeyFacts | undefined {
  const key = Buffer.from(pkcs8);
  try {
    const privateKey = createPrivateKey({ key, type: 'pkcs8', format: 'der' });
    const { asymmetricKeyType: algorithm, asymmetricKeyDetails } = privateKey;
    const bits = asymmetricKeyDetails?.modulusLength;
    if ((algorithm !== 'rsa' && algorithm !== 'dsa') || bits === undefined) return undefined;
    const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
    return { algorithm, bits, publicKey: Uint8Array.from(publicKey) };
  } catch {
    return undefined;
  } finally {
    key.fill(0);
  }
}
