/** The three directories of ikecert(8) as a value: certificates, their private keys, CRLs. */
import { type Bytes, sameBytes } from '../bytes.js';
import type { KeyHandle } from '../ports/keys.js';
import type { PrivateKey } from '../ports/public-key.js';
import { type Certificate, parseCertificate } from './certificate.js';
import { parseCrl } from './crl.js';
import { derSequence } from './der.js';
import { unwrapPem } from './pem.js';
import { type CertificateStores, NO_STORES, type SourcedCrl, type StoredCertificate } from './stores.js';

export interface StoreFile {
  /** Its name in its directory: the slot. */
  readonly name: string;
  readonly path: string;
  readonly bytes: Bytes;
}

export interface StoreFiles {
  readonly certificates: readonly StoreFile[];
  readonly crls: readonly StoreFile[];
  /** Their bytes are wiped here, once they are in the key store. */
  readonly privateKeys: readonly StoreFile[];
  /** Directories and files that could not be read: sentences. */
  readonly faults: readonly string[];
}

/** What a private key is, without its secrets. */
export interface KeyFacts {
  readonly algorithm: 'rsa' | 'dsa';
  readonly bits: number;
  /** SubjectPublicKeyInfo, DER. */
  readonly publicKey: Bytes;
}

export interface ReadStores {
  readonly stores: CertificateStores;
  /** Sentences: what was left out, and why. */
  readonly notes: readonly string[];
}

export const CERTIFICATE_LABELS = ['CERTIFICATE', 'X509 CERTIFICATE'];
export const CRL_LABELS = ['X509 CRL'];

/**
 * A file that is no good is left out with a note and stops nothing. `factsOf` reads PKCS #8 DER, undefined when it is
 * none of RSA or DSA; `keep` puts a key into the key store and is called only for keys that fit a certificate.
 */
export function readStores(
  files: StoreFiles,
  mostCertificates: number,
  factsOf: (pkcs8: Bytes) => KeyFacts | undefined,
  keep: (pkcs8: Bytes) => KeyHandle,
): ReadStores {
  const notes: string[] = [...files.faults];
  const parsed: { readonly file: StoreFile; readonly certificate: Certificate }[] = [];
  for (const file of files.certificates) {
    const certificate = parsedFrom(file, CERTIFICATE_LABELS, parseCertificate, notes);
    if (certificate === undefined) continue;
    if (parsed.length < mostCertificates) parsed.push({ file, certificate });
    else notes.push(`${file.path} is left out: max_certs is ${String(mostCertificates)}.`);
  }
  const keys = privateKeys(files.privateKeys, parsed, factsOf, keep, notes);
  const certificates: readonly StoredCertificate[] = parsed.map(({ file, certificate }) => ({
    slot: file.name,
    file: file.path,
    certificate,
    privateKey: keys.get(file.name),
  }));
  const crls: SourcedCrl[] = [];
  for (const file of files.crls) {
    const crl = parsedFrom(file, CRL_LABELS, parseCrl, notes);
    if (crl !== undefined) crls.push({ source: file.path, crl });
  }
  return { stores: { ...NO_STORES, certificates, crls }, notes };
}

function parsedFrom<T>(
  file: StoreFile,
  labels: readonly string[],
  parse: (
    der: Bytes,
  ) => { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string },
  notes: string[],
): T | undefined {
  const unwrapped = unwrapPem(file.bytes, labels);
  const read = unwrapped.ok ? parse(unwrapped.value.der) : unwrapped;
  if (!read.ok) {
    notes.push(`${file.path} is left out: ${read.error}.`);
    return undefined;
  }
  if (unwrapped.ok && unwrapped.value.more > 0)
    notes.push(
      `${file.path} holds ${String(unwrapped.value.more + 1)} PEM blocks, and only the first is used: give each a file.`,
    );
  return read.value;
}

function privateKeys(
  files: readonly StoreFile[],
  parsed: readonly { readonly file: StoreFile; readonly certificate: Certificate }[],
  factsOf: (pkcs8: Bytes) => KeyFacts | undefined,
  keep: (pkcs8: Bytes) => KeyHandle,
  notes: string[],
): ReadonlyMap<string, PrivateKey> {
  const found = new Map<string, PrivateKey>();
  for (const { name, path, bytes } of files) {
    const mate = parsed.find(({ file }) => file.name === name);
    const facts = mate === undefined ? undefined : factsOf(bytes);
    if (mate === undefined) {
      notes.push(`${path} has no effect: there is no certificate with the file name ${name} in publickeys.`);
    } else if (facts === undefined) {
      notes.push(`${path} is left out: it is no private key of RSA or DSA in PKCS #8, DER, unencrypted.`);
    } else if (!isSameKey(facts.publicKey, mate.certificate.publicKey)) {
      notes.push(`${path} is left out: it is not the private key of ${mate.file.path}.`);
    } else {
      found.set(name, { handle: keep(bytes), algorithm: facts.algorithm, bits: facts.bits });
    }
    bytes.fill(0);
  }
  return found;
}

/** Compares the keys themselves: encoders differ about parameters that say nothing. */
export function isSameKey(a: Bytes, b: Bytes): boolean {
  const [, left] = derSequence(a, 2) ?? [];
  const [, right] = derSequence(b, 2) ?? [];
  return left !== undefined && right !== undefined && sameBytes(left.whole, right.whole);
}

/** Private keys and PINs: whoever lets go of the stores erases them. */
export function secretsOf({ certificates, pins }: CertificateStores): readonly KeyHandle[] {
  const keys = certificates.flatMap(({ privateKey }) =>
    privateKey === undefined || 'object' in privateKey ? [] : [privateKey.handle],
  );
  return [...keys, ...pins.values()];
}
