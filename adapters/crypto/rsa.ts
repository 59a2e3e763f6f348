/** RSA as Phase 1 wants it: PKCS #1 v1.5, signatures without DigestInfo (RFC 2409 5.1), decryption without an oracle. */
import type { KeyObject } from 'node:crypto';
import {
  constants,
  createPublicKey,
  privateDecrypt,
  privateEncrypt,
  publicDecrypt,
  publicEncrypt,
  timingSafeEqual,
} from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import type { Random } from '../../services/ports/random.js';
import { withPrivateKey } from './key-objects.js';

const { RSA_PKCS1_PADDING, RSA_NO_PADDING } = constants;

/** What PKCS #1 v1.5 adds at least: three fixed bytes and eight of padding. */
const LEAST_OVERHEAD = 11;

/** Throws a sentence for an operator when the key is too short for the hash. */
export function signRaw(key: KeyObject, hash: Bytes): Bytes {
  const length = modulusLength(key);
  if (hash.length > length - LEAST_OVERHEAD) {
    throw new Error(
      `An RSA key of ${String(8 * length)} bits is too short to sign ${String(hash.length)} bytes.`,
    );
  }
  return Uint8Array.from(withPrivateKey(() => privateEncrypt({ key, padding: RSA_PKCS1_PADDING }, hash)));
}

export function verifyRaw(key: KeyObject, hash: Bytes, signature: Bytes): boolean {
  try {
    // OpenSSL takes shorter ones; RFC 8017 8.2.2 does not.
    if (signature.length !== modulusLength(key)) return false;
    const signed = publicDecrypt({ key, padding: RSA_PKCS1_PADDING }, signature);
    return signed.length === hash.length && timingSafeEqual(signed, hash);
  } catch {
    return false;
  }
}

export function encryptPkcs1(key: KeyObject, plaintext: Bytes): Bytes | undefined {
  try {
    return Uint8Array.from(publicEncrypt({ key, padding: RSA_PKCS1_PADDING }, plaintext));
  } catch {
    return undefined;
  }
}

/**
 * Node refuses PKCS #1 v1.5 decryption where OpenSSL has no implicit rejection, so this is the raw operation and an
 * unpadding of our own, which does the same whatever it finds. Every call draws the random bytes, every call does the
 * exponentiation, and every call walks the whole block.
 */
export function decryptPkcs1(
  key: KeyObject,
  ciphertext: Bytes,
  plausibleLength: number,
  random: Random,
): Bytes {
  const substitute = random.bytes(plausibleLength);
  const { block, bad } = inRangeOf(key, ciphertext, random);
  const opened = withPrivateKey(() => privateDecrypt({ key, padding: RSA_NO_PADDING }, block));
  return unpadded(opened, bad, substitute);
}

/**
 * The ciphertext, or where it cannot be one under the key, a number below its modulus that is as good as random; `bad`
 * is then 1. What would be refused is decrypted like everything else.
 */
export function inRangeOf(
  key: KeyObject,
  ciphertext: Bytes,
  random: Random,
): { readonly block: Bytes; readonly bad: 0 | 1 } {
  const length = modulusLength(key);
  const block = random.bytes(length);
  block[0] = 0;
  if (ciphertext.length !== length || Buffer.compare(ciphertext, modulus(key)) >= 0) return { block, bad: 1 };
  block.set(ciphertext);
  return { block, bad: 0 };
}

/** What stands in a type 2 block, or the substitute when the block is wrong or `bad`. Wipes the block. */
export function unpadded(block: Bytes, bad: 0 | 1, substitute: Bytes): Bytes {
  try {
    const separator = separatorOf(block);
    const plaintext = Uint8Array.from(block.subarray(separator.at + 1));
    const [answer, discarded] =
      (bad | separator.bad) === 0 ? [plaintext, substitute] : [substitute, plaintext];
    discarded.fill(0);
    return answer;
  } finally {
    block.fill(0);
  }
}

/** Where the first zero after the type stands; `bad` is 0 for 00 02, eight bytes or more that are not zero, 00. */
function separatorOf(block: Bytes): { readonly at: number; readonly bad: number } {
  let found = 0;
  let at = 0;
  let bad = (block[0] ?? 0) | ((block[1] ?? 0) ^ 2);
  for (let index = 2; index < block.length; index += 1) {
    const zero = (((block[index] ?? 0) - 1) >> 8) & 1;
    at |= -(zero & ~found) & index;
    found |= zero;
  }
  bad |= (found ^ 1) | (((at - (LEAST_OVERHEAD - 1)) >> 31) & 1);
  return { at, bad };
}

const moduli = new WeakMap<KeyObject, Bytes>();

function modulus(key: KeyObject): Bytes {
  let known = moduli.get(key);
  if (known === undefined) {
    const { n } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' });
    known = Uint8Array.from(Buffer.from(n ?? '', 'base64url'));
    moduli.set(key, known);
  }
  return known;
}

function modulusLength(key: KeyObject): number {
  return Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8);
}
