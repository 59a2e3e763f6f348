/** Signature algorithms of certificates and CRLs (RFC 3279 2.2, RFC 4055 5, RFC 5758). */
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';
import type { Bytes } from '../bytes.js';
import type { X509Signature } from '../ports/public-key.js';
import { err, ok, type Result } from '../result.js';
import { readAsn } from './der.js';

const SIGNATURES: ReadonlyMap<string, X509Signature> = new Map<string, X509Signature>([
  ['1.2.840.113549.1.1.4', { hash: 'md5', algorithm: 'rsa' }],
  ['1.2.840.113549.1.1.5', { hash: 'sha1', algorithm: 'rsa' }],
  ['1.3.14.3.2.29', { hash: 'sha1', algorithm: 'rsa' }],
  ['1.2.840.113549.1.1.14', { hash: 'sha224', algorithm: 'rsa' }],
  ['1.2.840.113549.1.1.11', { hash: 'sha256', algorithm: 'rsa' }],
  ['1.2.840.113549.1.1.12', { hash: 'sha384', algorithm: 'rsa' }],
  ['1.2.840.113549.1.1.13', { hash: 'sha512', algorithm: 'rsa' }],
  ['1.2.840.10040.4.3', { hash: 'sha1', algorithm: 'dsa' }],
  ['2.16.840.1.101.3.4.3.1', { hash: 'sha224', algorithm: 'dsa' }],
  ['2.16.840.1.101.3.4.3.2', { hash: 'sha256', algorithm: 'dsa' }],
  ['2.16.840.1.101.3.4.3.3', { hash: 'sha384', algorithm: 'dsa' }],
  ['2.16.840.1.101.3.4.3.4', { hash: 'sha512', algorithm: 'dsa' }],
  ['1.2.840.10045.4.1', { hash: 'sha1', algorithm: 'ecdsa' }],
  ['1.2.840.10045.4.3.1', { hash: 'sha224', algorithm: 'ecdsa' }],
  ['1.2.840.10045.4.3.2', { hash: 'sha256', algorithm: 'ecdsa' }],
  ['1.2.840.10045.4.3.3', { hash: 'sha384', algorithm: 'ecdsa' }],
  ['1.2.840.10045.4.3.4', { hash: 'sha512', algorithm: 'ecdsa' }],
]);

/** What a certificate or CRL is signed over and with. */
export interface Signed {
  /** The bytes under the signature. */
  readonly tbs: Bytes;
  readonly signature: Bytes;
  /** Undefined: an algorithm that cannot be checked here. */
  readonly signedWith: X509Signature | undefined;
  /** OID of the algorithm, for people. */
  readonly signatureOid: string;
}

/** Reads the parts of `SEQUENCE { tbs, AlgorithmIdentifier, BIT STRING }`. `inner` is the algorithm named in tbs. */
export function readSigned(tbs: Bytes, outer: Bytes, bitString: Bytes, inner: Bytes): Result<Signed, string> {
  // RFC 5280 4.1.1.2: both name the same algorithm; otherwise one of them is not covered by the signature.
  if (Buffer.compare(outer, inner) !== 0) return err('it names two signature algorithms');
  const read = readAsn(outer, AlgorithmIdentifier, 'signature algorithm');
  if (!read.ok) return read;
  if (bitString[0] !== 0) return err('its signature is no whole number of bytes');
  const signatureOid = read.value.algorithm;
  return ok({
    tbs,
    signature: bitString.subarray(1),
    signedWith: SIGNATURES.get(signatureOid),
    signatureOid,
  });
}
