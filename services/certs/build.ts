/** Certificates and certificate requests that are made here (RFC 5280 4.1, RFC 2986 4). */
import { CertificationRequest, CertificationRequestInfo, Attributes } from '@peculiar/asn1-csr';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  AlgorithmIdentifier,
  type Name as AsnName,
  Attribute,
  Certificate,
  Extension,
  Extensions,
  type GeneralName,
  KeyUsage,
  KeyUsageFlags,
  SubjectAlternativeName,
  SubjectPublicKeyInfo,
  TBSCertificate,
  Validity,
  Version,
} from '@peculiar/asn1-x509';
import type { Bytes } from '../bytes.js';
import { EXTENSION } from './extensions.js';
import type { KeyType } from './key-types.js';

export interface SubjectWish {
  readonly subject: AsnName;
  readonly altNames: readonly GeneralName[];
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Bytes;
  readonly type: KeyType;
}

export interface ValidityWish {
  /** Of 1 to 20 bytes (RFC 5280 4.1.2.2), the first bit clear and the first byte not 0. */
  readonly serial: Bytes;
  /** Milliseconds since 1970; parts of a second are lost. Years 1950 to 9999. */
  readonly notBefore: number;
  readonly notAfter: number;
}

/** What is signed, and what it becomes with its signature. DER. */
export interface Unsigned {
  readonly bytes: Bytes;
  complete(signature: Bytes): Bytes;
}

/** Issued by the subject itself. */
export function selfSigned(wish: SubjectWish & ValidityWish): Unsigned {
  const signatureAlgorithm = signatureAlgorithmOf(wish.type);
  const tbsCertificate = new TBSCertificate({
    version: Version.v3,
    serialNumber: buffer(wish.serial),
    signature: signatureAlgorithm,
    issuer: wish.subject,
    validity: new Validity({ notBefore: new Date(wish.notBefore), notAfter: new Date(wish.notAfter) }),
    subject: wish.subject,
    subjectPublicKeyInfo: AsnConvert.parse(buffer(wish.publicKey), SubjectPublicKeyInfo),
    extensions: new Extensions(extensionsOf(wish)),
  });
  return {
    bytes: serialized(tbsCertificate),
    complete: (signature) =>
      serialized(new Certificate({ tbsCertificate, signatureAlgorithm, signatureValue: buffer(signature) })),
  };
}

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14';

export function certificateRequest(wish: SubjectWish): Unsigned {
  const extensions = AsnConvert.serialize(new Extensions(extensionsOf(wish)));
  const certificationRequestInfo = new CertificationRequestInfo({
    subject: wish.subject,
    subjectPKInfo: AsnConvert.parse(buffer(wish.publicKey), SubjectPublicKeyInfo),
    attributes: new Attributes([new Attribute({ type: EXTENSION_REQUEST, values: [extensions] })]),
  });
  return {
    bytes: serialized(certificationRequestInfo),
    complete: (signature) =>
      serialized(
        new CertificationRequest({
          certificationRequestInfo,
          signatureAlgorithm: signatureAlgorithmOf(wish.type),
          signature: buffer(signature),
        }),
      ),
  };
}

/** RFC 3279 2.2: RSA with parameters of NULL, DSA without any. */
function signatureAlgorithmOf({ oid, algorithm }: KeyType): AlgorithmIdentifier {
  return new AlgorithmIdentifier({ algorithm: oid, ...(algorithm === 'rsa' ? { parameters: null } : {}) });
}

/** As the original: key usage and alternative names, no basic constraints and no key identifiers. */
function extensionsOf({ type, altNames }: SubjectWish): Extension[] {
  // RFC 2409 5.2 encrypts to RSA keys; a DSA key can only sign.
  const usage =
    type.algorithm === 'rsa'
      ? KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment
      : KeyUsageFlags.digitalSignature;
  const keyUsage = extension(EXTENSION.keyUsage, new KeyUsage(usage), true);
  if (altNames.length === 0) return [keyUsage];
  return [keyUsage, extension(EXTENSION.subjectAltName, new SubjectAlternativeName([...altNames]), false)];
}

function extension(extnID: string, value: object, critical: boolean): Extension {
  return new Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function serialized(value: object): Bytes {
  return new Uint8Array(AsnConvert.serialize(value));
}

/** The library keeps what it is given. */
function buffer(bytes: Bytes): ArrayBuffer {
  return Uint8Array.from(bytes).buffer;
}
