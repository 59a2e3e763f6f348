/**
 * MODP Diffie-Hellman through key objects, for OpenSSL after 3.0: there `createDiffieHellman` checks its prime anew for
 * every object, which takes 25 s for group 18, while OpenSSL 3.0 is many times slower on this path.
 * Keys are written as PKCS #8 and SubjectPublicKeyInfo with the OID of PKCS #3, so that exponents stay our own.
 */
import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import { concat } from '../../services/bytes.js';
import { DER, derContent, derElement, derInteger, derMagnitude } from './der.js';

/** dhKeyAgreement, 1.2.840.113549.1.3.1 (RFC 2631 names its structure; PKCS #3 its number). */
const DH_KEY_AGREEMENT = Uint8Array.of(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01);
const ZERO = Uint8Array.of(DER.integer, 1, 0);

const [major = 0, minor = 0] = process.versions.openssl.split('.').map(Number);
/** Whether this is the faster way here. */
export const PREFERS_KEY_OBJECTS = major > 3 || (major === 3 && minor > 0);

export interface DhParameters {
  readonly prime: Bytes;
  readonly generator: Bytes;
}

/** g^x mod p; without leading zeros. */
export function publicValueByKey(parameters: DhParameters, exponent: Bytes): Bytes {
  const spki = createPublicKey(privateKey(parameters, exponent)).export({ type: 'spki', format: 'der' });
  // The public value is the last thing in it: a BIT STRING around an INTEGER.
  return lastInteger(spki);
}

/** y^x mod p, as long as the prime. */
export function secretByKey(parameters: DhParameters, exponent: Bytes, peer: Bytes): Bytes {
  const bits = concat(Uint8Array.of(0), derInteger(peer));
  const spki = derElement(DER.sequence, algorithm(parameters), derElement(DER.bitString, bits));
  const publicKey = createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' });
  return diffieHellman({ privateKey: privateKey(parameters, exponent), publicKey });
}

function privateKey(parameters: DhParameters, exponent: Bytes) {
  const number = derInteger(exponent);
  const octets = derElement(DER.octetString, number);
  const whole = derElement(DER.sequence, ZERO, algorithm(parameters), octets);
  const key = Buffer.from(whole);
  try {
    return createPrivateKey({ key, type: 'pkcs8', format: 'der' });
  } finally {
    for (const secret of [number, octets, whole, key]) secret.fill(0);
  }
}

function algorithm({ prime, generator }: DhParameters): Bytes {
  return derElement(
    DER.sequence,
    DH_KEY_AGREEMENT,
    derElement(DER.sequence, derInteger(prime), derInteger(generator)),
  );
}

/** The INTEGER that fills the end of a SubjectPublicKeyInfo. */
function lastInteger(spki: Bytes): Bytes {
  const outer = derContent(spki, 0);
  const bitString = derContent(spki, derContent(spki, outer.start).end);
  const value = derMagnitude(spki, bitString.start + 1);
  if (value === undefined) throw new Error('OpenSSL wrote a Diffie-Hellman key without its public value.');
  return Uint8Array.from(value);
}
