/**
 * DSA over an HMAC that is itself the digest (RFC 2409 5.1). OpenSSL's DSA hashes what it is given, so it is given what
 * HMAC-SHA1 hashes last: the outer key and the inner digest.
 */
import type { KeyObject } from 'node:crypto';
import { createHash, sign, verify } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import { concat } from '../../services/bytes.js';
import { withPrivateKey } from './key-objects.js';

/** Block of SHA-1, bytes. */
const BLOCK = 64;

/** r|s, each as long as the subgroup's order. */
export function signHmac(key: KeyObject, secret: Bytes, parts: readonly Bytes[]): Bytes {
  const preImage = outerInput(secret, parts);
  try {
    return Uint8Array.from(withPrivateKey(() => sign('sha1', preImage, { key, dsaEncoding: 'ieee-p1363' })));
  } finally {
    preImage.fill(0);
  }
}

export function verifyHmac(
  key: KeyObject,
  signature: Bytes,
  secret: Bytes,
  parts: readonly Bytes[],
): boolean {
  const preImage = outerInput(secret, parts);
  try {
    return verify('sha1', preImage, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    return false;
  } finally {
    preImage.fill(0);
  }
}

/** RFC 2104 2: what the outer hash of HMAC-SHA1 reads. The caller wipes it. */
function outerInput(secret: Bytes, parts: readonly Bytes[]): Bytes {
  const padded = new Uint8Array(BLOCK);
  if (secret.length > BLOCK) {
    const short = createHash('sha1').update(secret).digest();
    padded.set(short);
    short.fill(0);
  } else {
    padded.set(secret);
  }
  const innerKey = padded.map((byte) => byte ^ 0x36);
  const outerKey = padded.map((byte) => byte ^ 0x5c);
  const inner = createHash('sha1').update(innerKey);
  for (const part of parts) inner.update(part);
  try {
    return concat(outerKey, inner.digest());
  } finally {
    for (const secretBytes of [padded, innerKey, outerKey]) secretBytes.fill(0);
  }
}
