/** The signature of a certificate or a CRL (RFC 5280 4.1.1.3): over a hash, in the DER form of its algorithm. */
import type { KeyObject } from 'node:crypto';
import { createHash, createPublicKey, verify } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import type { Signed } from '../../services/certs/signature-algorithms.js';
import type { X509Signature } from '../../services/ports/public-key.js';

/** Whether an algorithm goes with the key is for `KeyObjects` to say. */
export function verifyX509(
  key: KeyObject,
  hash: X509Signature['hash'],
  signed: Bytes,
  signature: Bytes,
): boolean {
  try {
    return verify(hash, signed, { key, dsaEncoding: 'der' }, signature);
  } catch {
    return false;
  }
}

/** Whether the key, a SubjectPublicKeyInfo, made the signature; false too where the algorithm is unknown. */
export function isSignedBy(publicKey: Bytes, { signedWith, tbs, signature }: Signed): boolean {
  if (signedWith === undefined) return false;
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey), type: 'spki', format: 'der' });
    const kind = signedWith.algorithm === 'ecdsa' ? 'ec' : signedWith.algorithm;
    return key.asymmetricKeyType === kind && verifyX509(key, signedWith.hash, tbs, signature);
  } catch {
    return false;
  }
}

/** SHA-256 in the form in which people compare it: `AB:CD:...`. */
export function fingerprint(der: Bytes): string {
  return (createHash('sha256').update(der).digest('hex').toUpperCase().match(/../g) ?? []).join(':');
}
