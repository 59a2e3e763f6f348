/** The signature of a certificate or a CRL (RFC 5280 4.1.1.3): over a hash, in the DER form of its algorithm. */
import type { KeyObject } from 'node:crypto';
import { verify } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
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
