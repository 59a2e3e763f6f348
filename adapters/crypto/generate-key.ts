/** New key pairs for certificates, and what is signed with them. Off the main thread: DSA parameters take seconds. */
import { createPrivateKey, createPublicKey, generateKeyPair, sign, verify } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import type { X509Signature } from '../../services/ports/public-key.js';

export interface NewKeyPair {
  /** DER, unencrypted; whoever takes it wipes it. */
  readonly pkcs8: Bytes;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Bytes;
}

const ENCODINGS = {
  publicKeyEncoding: { type: 'spki', format: 'der' },
  privateKeyEncoding: { type: 'pkcs8', format: 'der' },
} as const;

/** Bits of the subgroup's order: as long as SHA-1, so that r and s have the 20 bytes that RFC 2409 5.1 peers know. */
const DSA_ORDER = 160;

/** The public exponent of RSA is 65537. Rejects when OpenSSL does not make such a key. */
export function generatePair(algorithm: 'rsa' | 'dsa', bits: number): Promise<NewKeyPair> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, publicKey: Buffer, pkcs8: Buffer): void => {
      if (error === null) resolve({ pkcs8, publicKey: Uint8Array.from(publicKey) });
      else reject(error);
    };
    if (algorithm === 'rsa')
      generateKeyPair('rsa', { modulusLength: bits, publicExponent: 0x10001, ...ENCODINGS }, done);
    else generateKeyPair('dsa', { modulusLength: bits, divisorLength: DSA_ORDER, ...ENCODINGS }, done);
  });
}

/** Over a hash, in the DER form of its algorithm (RFC 5280 4.1.1.3). Throws when the key cannot. */
export function signX509(pkcs8: Bytes, hash: X509Signature['hash'], bytes: Bytes): Bytes {
  return Uint8Array.from(sign(hash, bytes, { key: keyObject(pkcs8), dsaEncoding: 'der' }));
}

/** Whether the private parts of a key belong to its public part: a damaged file may still be read by OpenSSL. */
export function worksTogether(pkcs8: Bytes): boolean {
  try {
    const key = keyObject(pkcs8);
    const said = Buffer.from('ikecert');
    return verify('sha1', said, createPublicKey(key), sign('sha1', said, key));
  } catch {
    return false;
  }
}

function keyObject(pkcs8: Bytes): ReturnType<typeof createPrivateKey> {
  const key = Buffer.from(pkcs8);
  try {
    return createPrivateKey({ key, type: 'pkcs8', format: 'der' });
  } finally {
    key.fill(0);
  }
}
