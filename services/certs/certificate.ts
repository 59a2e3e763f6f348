/** X.509 certificates as values (RFC 5280 4.1). Nothing here says that a certificate is good: `judge.ts` does. */
import { AlgorithmIdentifier, Time } from '@peculiar/asn1-x509';
import type { Bytes } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import { bitLength, derSequence, type DerValue, derValues, integerText, readAsn, TAG } from './der.js';
import { type CertificateExtensions, NO_EXTENSIONS, readCertificateExtensions } from './extensions.js';
import { formatName, type Name, readName } from './name.js';
import { readSigned, type Signed } from './signature-algorithms.js';

export interface Certificate extends CertificateExtensions, Signed {
  readonly der: Bytes;
  readonly subject: Name;
  readonly issuer: Name;
  /** As they stand in the certificate, for the wire. */
  readonly subjectDer: Bytes;
  readonly issuerDer: Bytes;
  /** Hex. */
  readonly serial: string;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Bytes;
  readonly keyAlgorithm: 'rsa' | 'dsa' | 'other';
  /** Bits of the RSA modulus or of the DSA prime; 0 of other keys. */
  readonly keyBits: number;
  /** Milliseconds since 1970. */
  readonly notBefore: number;
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/** The length of a CERT payload has 16 bits; a file may not have more either. */
export const LONGEST_CERTIFICATE = 0xffff;

const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const UNIQUE_IDS: readonly number[] = [0x81, 0x82, 0xa1, 0xa2];

/**
 * Reads DER. The error is a sentence part: "its validity cannot be read". Work and memory are bounded by the length;
 * whatever bytes come, it does not throw. The bytes are kept, not copied.
 */
export function parseCertificate(der: Bytes): Result<Certificate, string> {
  if (der.length > LONGEST_CERTIFICATE) return err('it is longer than a certificate can be on the wire');
  const parts = derSequence(der, 3);
  const [tbs, algorithm, signature] = parts ?? [];
  if (tbs?.tag !== TAG.sequence || algorithm === undefined || signature?.tag !== TAG.bitString)
    return err('it is not the DER of an X.509 certificate');
  const fields = derValues(tbs.content, 10);
  const versioned = fields?.[0]?.tag === VERSION ? 1 : 0;
  const [serial, inner, issuer, validity, subject, key, ...rest] = fields?.slice(versioned) ?? [];
  if (
    serial?.tag !== TAG.integer ||
    inner === undefined ||
    issuer === undefined ||
    validity === undefined ||
    subject === undefined ||
    key === undefined
  )
    return err('it is not the DER of an X.509 certificate');

  const signed = readSigned(tbs.whole, algorithm.whole, signature.content, inner.whole);
  if (!signed.ok) return signed;
  const times = readValidity(validity);
  if (!times.ok) return times;
  const issuerName = readName(issuer.whole);
  if (!issuerName.ok) return issuerName;
  const subjectName = readName(subject.whole);
  if (!subjectName.ok) return subjectName;
  const publicKey = readPublicKey(key.whole);
  if (!publicKey.ok) return publicKey;
  const extensions = readRest(rest);
  if (!extensions.ok) return extensions;
  return ok({
    der,
    subject: subjectName.value,
    issuer: issuerName.value,
    subjectDer: subject.whole,
    issuerDer: issuer.whole,
    serial: integerText(serial.content),
    publicKey: key.whole,
    ...publicKey.value,
    ...times.value,
    ...extensions.value,
    ...signed.value,
  });
}

function readValidity(value: DerValue): Result<Pick<Certificate, 'notBefore' | 'notAfter'>, string> {
  const [from, to] = derSequence(value.whole, 2) ?? [];
  const notBefore = from === undefined ? undefined : readTime(from);
  const notAfter = to === undefined ? undefined : readTime(to);
  return notBefore === undefined || notAfter === undefined
    ? err('its validity cannot be read')
    : ok({ notBefore, notAfter });
}

/** Milliseconds since 1970. */
export function readTime(value: DerValue): number | undefined {
  if (value.tag !== TAG.utcTime && value.tag !== TAG.generalizedTime) return undefined;
  const read = readAsn(value.whole, Time, 'time');
  const time = read.ok ? read.value.getTime().getTime() : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

const RSA = '1.2.840.113549.1.1.1';
const DSA = '1.2.840.10040.4.1';

/** Of a SubjectPublicKeyInfo. The error is a sentence part. */
export function readPublicKey(spki: Bytes): Result<Pick<Certificate, 'keyAlgorithm' | 'keyBits'>, string> {
  const [algorithm, bits] = derSequence(spki, 2) ?? [];
  const read =
    algorithm === undefined ? undefined : readAsn(algorithm.whole, AlgorithmIdentifier, 'public key');
  if (algorithm === undefined || read?.ok !== true || bits?.tag !== TAG.bitString)
    return err('its public key cannot be read');
  switch (read.value.algorithm) {
    case RSA: {
      const modulus = derSequence(bits.content.subarray(1), 2)?.[0];
      return modulus?.tag === TAG.integer
        ? ok({ keyAlgorithm: 'rsa', keyBits: bitLength(modulus.content) })
        : err('its RSA key cannot be read');
    }
    case DSA: {
      // RFC 3279 2.3.2: without parameters they are the issuer's; nothing here can look for them.
      const parameters = derSequence(algorithm.whole, 2)?.[1];
      const prime = parameters === undefined ? undefined : derSequence(parameters.whole, 3)?.[0];
      return prime?.tag === TAG.integer
        ? ok({ keyAlgorithm: 'dsa', keyBits: bitLength(prime.content) })
        : err('its DSA key has no parameters');
    }
    default:
      return ok({ keyAlgorithm: 'other', keyBits: 0 });
  }
}

function readRest(rest: readonly DerValue[]): Result<CertificateExtensions, string> {
  let extensions = NO_EXTENSIONS;
  for (const value of rest) {
    if (UNIQUE_IDS.includes(value.tag)) continue;
    if (value.tag !== EXTENSIONS) return err('it is not the DER of an X.509 certificate');
    const read = readCertificateExtensions(value.content);
    if (!read.ok) return read;
    extensions = read.value;
  }
  return ok(extensions);
}

export function isSelfIssued(certificate: Certificate): boolean {
  return certificate.subject.key === certificate.issuer.key;
}

/** For people: subject, or the alternative names of one without, and serial number. */
export function describeCertificate(certificate: Certificate): string {
  return `"${formatName(certificate.subject)}" (serial ${certificate.serial})`;
}
