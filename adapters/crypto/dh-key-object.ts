/**
 * MODP Diffie-Hellman through key objects, for OpenSSL after 3.0: there `createDiffieHellman` checks its prime anew for
 * every object, which takes 25 s for group 18, while OpenSSL 3.0 is many times slower on this path.
 * Keys are written as PKCS #8 and SubjectPublicKeyInfo with the OID of PKCS #3, so that exponents stay our own.
 */
import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import { concat } from '../../services/bytes.js';

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const BIT_STRING = 0x03;
/** dhKeyAgreement, 1.2.840.113549.1.3.1 (RFC 2631 names its structure; PKCS #3 its number). */
const DH_KEY_AGREEMENT = Uint8Array.of(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x03, 0x01);
const ZERO = Uint8Array.of(INTEGER, 1, 0);

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
  const bits = concat(Uint8Array.of(0), integer(peer));
  const spki = element(SEQUENCE, algorithm(parameters), element(BIT_STRING, bits));
  const publicKey = createPublicKey({ key: Buffer.from(spki), type: 'spki', format: 'der' });
  return diffieHellman({ privateKey: privateKey(parameters, exponent), publicKey });
}

function privateKey(parameters: DhParameters, exponent: Bytes) {
  const key = Buffer.from(
    element(SEQUENCE, ZERO, algorithm(parameters), element(OCTET_STRING, integer(exponent))),
  );
  try {
    return createPrivateKey({ key, type: 'pkcs8', format: 'der' });
  } finally {
    key.fill(0);
  }
}

function algorithm({ prime, generator }: DhParameters): Bytes {
  return element(SEQUENCE, DH_KEY_AGREEMENT, element(SEQUENCE, integer(prime), integer(generator)));
}

/** Positive, whatever its first bit is. */
function integer(magnitude: Bytes): Bytes {
  return element(INTEGER, Uint8Array.of(0), magnitude);
}

function element(tag: number, ...parts: readonly Bytes[]): Bytes {
  const content = tag === INTEGER ? minimal(concat(...parts)) : concat(...parts);
  const { length } = content;
  const head =
    length < 0x80
      ? Uint8Array.of(tag, length)
      : length < 0x100
        ? Uint8Array.of(tag, 0x81, length)
        : Uint8Array.of(tag, 0x82, length >>> 8, length & 0xff);
  return concat(head, content);
}

/** DER wants no leading zero but the one that keeps a number positive. */
function minimal(bytes: Bytes): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0 && (bytes[start + 1] ?? 0) < 0x80) start++;
  return bytes.subarray(start);
}

/** The INTEGER that fills the end of a SubjectPublicKeyInfo. */
function lastInteger(spki: Bytes): Bytes {
  const outer = content(spki, 0);
  const bitString = content(
    spki,
    outer.start + content(spki, outer.start).length + content(spki, outer.start).head,
  );
  const value = content(spki, bitString.start + 1);
  const bytes = Uint8Array.from(spki.subarray(value.start, value.start + value.length));
  return bytes[0] === 0 ? bytes.subarray(1) : bytes;
}

interface Content {
  readonly start: number;
  readonly length: number;
  /** Bytes of tag and length. */
  readonly head: number;
}

function content(der: Bytes, at: number): Content {
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return { start: at + 2, length: first, head: 2 };
  const size = first & 0x7f;
  let length = 0;
  for (let i = 0; i < size; i++) length = length * 256 + (der[at + 2 + i] ?? 0);
  return { start: at + 2 + size, length, head: 2 + size };
}
