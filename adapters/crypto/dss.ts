/**
 * DSA over an HMAC that is itself the digest (RFC 2409 5.1). OpenSSL's DSA hashes what it is given, so it is given what
 * HMAC-SHA1 hashes last: the outer key and the inner digest.
 */
import type { KeyObject } from 'node:crypto';
import { createHash, createPublicKey, sign, verify } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import { concat } from '../../services/bytes.js';
import { DER, derContent, derElement, derInteger, derMagnitude } from './der.js';
import { withPrivateKey } from './key-objects.js';

/** Block of SHA-1, bytes. */
const BLOCK = 64;

/** r|s, each as long as the subgroup's order. */
export function signHmac(key: KeyObject, secret: Bytes, parts: readonly Bytes[]): Bytes {
  const preImage = outerInput(secret, parts);
  try {
    const der = withPrivateKey(() => sign('sha1', preImage, { key, dsaEncoding: 'der' }));
    return joined(der, orderLength(key));
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
    const length = orderLength(key);
    if (length === 0 || signature.length !== 2 * length) return false;
    const numbers = [signature.subarray(0, length), signature.subarray(length)].map(derInteger);
    return verify('sha1', preImage, { key, dsaEncoding: 'der' }, derElement(DER.sequence, ...numbers));
  } catch {
    return false;
  } finally {
    preImage.fill(0);
  }
}

/** r and s out of their DER form. */
function joined(der: Bytes, length: number): Bytes {
  const whole = new Uint8Array(2 * length);
  const first = derContent(der, 0).start;
  const [r, s] = [first, derContent(der, first).end].map((at) => derMagnitude(der, at));
  if (r === undefined || s === undefined || r.length > length || s.length > length) {
    throw new Error('OpenSSL made a DSA signature that does not belong to its key.');
  }
  whole.set(r, length - r.length);
  whole.set(s, 2 * length - s.length);
  return whole;
}

const orderLengths = new WeakMap<KeyObject, number>();

/**
 * Bytes of q, or 0 for a key without any. Read from what OpenSSL writes: Node 20 ends the process when it is asked for
 * the details of a DSA key whose public value is no INTEGER, or for signatures of the form r|s with such a key.
 */
function orderLength(key: KeyObject): number {
  let known = orderLengths.get(key);
  if (known === undefined) {
    const publicKey = key.type === 'private' ? createPublicKey(key) : key;
    known = orderOf(publicKey.export({ type: 'spki', format: 'der' }));
    orderLengths.set(key, known);
  }
  return known;
}

/** SubjectPublicKeyInfo > AlgorithmIdentifier > parameters > q (RFC 3279 2.3.2). */
function orderOf(spki: Bytes): number {
  const algorithm = derContent(spki, derContent(spki, 0).start);
  const parameters = derContent(spki, derContent(spki, algorithm.start).end);
  if (parameters.tag !== DER.sequence || parameters.end > algorithm.end) return 0;
  return derMagnitude(spki, derContent(spki, parameters.start).end)?.length ?? 0;
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
