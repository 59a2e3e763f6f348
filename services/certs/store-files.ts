/** The three directories of ikecert(8) as a value: certificates, their private keys, CRLs. */
import { type Bytes, sameBytes } from '../bytes.js';
import type { KeyHandle } from '../ports/keys.js';
import type { PrivateKey, TokenObject } from '../ports/public-key.js';
import { err, ok, type Result } from '../result.js';
import { type Certificate, parseCertificate } from './certificate.js';
import { parseCrl } from './crl.js';
import { derSequence } from './der.js';
import { unwrapPem } from './pem.js';
import { type CertificateStores, NO_STORES, type SourcedCrl, type StoredCertificate } from './stores.js';
import { isReference, parseReference } from './token-reference.js';

export interface StoreFile {
  /** Its name in its directory: the slot. */
  readonly name: string;
  readonly path: string;
  readonly bytes: Bytes;
}

export interface StoreFiles {
  readonly certificates: readonly StoreFile[];
  readonly crls: readonly StoreFile[];
  /** Their bytes are wiped here, once they are in the key store; those of references among the certificates, too. */
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

interface Parsed {
  readonly file: StoreFile;
  readonly certificate: Certificate;
}

export const CERTIFICATE_LABELS = ['CERTIFICATE', 'X509 CERTIFICATE'];
export const CRL_LABELS = ['X509 CRL'];

/**
 * A file that is no good is left out with a note and stops nothing. `factsOf` reads PKCS #8 DER, undefined when it is
 * none of RSA or DSA; `keep` puts a key, or the PIN of a token, into the key store and is called only for keys that fit a
 * certificate.
 */
export function readStores(
  files: StoreFiles,
  mostCertificates: number,
  factsOf: (pkcs8: Bytes) => KeyFacts | undefined,
  keep: (pkcs8: Bytes) => KeyHandle,
): ReadStores {
  const notes: string[] = [...files.faults];
  const parsed: Parsed[] = [];
  for (const file of files.certificates) {
    const certificate = parsedFrom(file, CERTIFICATE_LABELS, parseCertificate, notes);
    if (certificate === undefined) continue;
    if (parsed.length < mostCertificates) parsed.push({ file, certificate });
    else notes.push(`${file.path} is left out: max_certs is ${String(mostCertificates)}.`);
  }
  const { keys, pins } = privateKeys(files.privateKeys, parsed, factsOf, keep, notes);
  const certificates: readonly StoredCertificate[] = parsed.map(({ file, certificate }) => ({
    slot: file.name,
    file: file.path,
    certificate,
    privateKey: keys.get(file.name),
    onToken: certificateReference(file, notes, keep, pins),
  }));
  const crls: SourcedCrl[] = [];
  for (const file of files.crls) {
    const crl = parsedFrom(file, CRL_LABELS, parseCrl, notes);
    if (crl !== undefined) crls.push({ source: file.path, crl });
  }
  // Also of those that were left out, or are no good: any may hold a PIN.
  for (const { bytes } of files.certificates) if (isReference(bytes)) bytes.fill(0);
  return { stores: { ...NO_STORES, certificates, crls, pins }, notes };
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

interface PrivateKeys {
  readonly keys: ReadonlyMap<string, PrivateKey>;
  readonly pins: Map<string, KeyHandle>;
}

function privateKeys(
  files: readonly StoreFile[],
  parsed: readonly Parsed[],
  factsOf: (pkcs8: Bytes) => KeyFacts | undefined,
  keep: (secret: Bytes) => KeyHandle,
  notes: string[],
): PrivateKeys {
  const keys = new Map<string, PrivateKey>();
  const pins = new Map<string, KeyHandle>();
  for (const file of files) {
    const { name, path, bytes } = file;
    const mate = parsed.find((candidate) => candidate.file.name === name);
    if (mate === undefined) {
      notes.push(`${path} has no effect: there is no certificate with the file name ${name} in publickeys.`);
    } else {
      const key = isReference(bytes)
        ? keyByReference(bytes, mate, keep, pins)
        : keyFromFile(bytes, mate, factsOf, keep);
      if (key.ok) keys.set(name, key.value);
      else notes.push(`${path} is left out: ${key.error}.`);
    }
    bytes.fill(0);
  }
  return { keys, pins };
}

function keyFromFile(
  bytes: Bytes,
  { file, certificate }: Parsed,
  factsOf: (pkcs8: Bytes) => KeyFacts | undefined,
  keep: (pkcs8: Bytes) => KeyHandle,
): Result<PrivateKey, string> {
  const facts = factsOf(bytes);
  if (facts === undefined)
    return err('it is no private key of RSA or DSA in PKCS #8, DER, unencrypted, and no token reference');
  if (!isSameKey(facts.publicKey, certificate.publicKey))
    return err(`it is not the private key of ${file.path}`);
  return ok({ handle: keep(bytes), algorithm: facts.algorithm, bits: facts.bits });
}

/** What the key is like, its certificate says. Whether the token has it, a login will show. */
function keyByReference(
  bytes: Bytes,
  { file, certificate }: Parsed,
  keep: (pin: Bytes) => KeyHandle,
  pins: Map<string, KeyHandle>,
): Result<PrivateKey, string> {
  const reference = parseReference(bytes);
  if (!reference.ok) return reference;
  const { object, pin } = reference.value;
  if (reference.value.class !== 'private-key') return err('it refers to a certificate, not to a private key');
  const { keyAlgorithm: algorithm, keyBits: bits, publicKey } = certificate;
  if (algorithm !== 'rsa' && algorithm !== 'dsa')
    return err(`the key of ${file.path} is neither of RSA nor of DSA`);
  if (pin !== undefined && !pins.has(object.token)) pins.set(object.token, keep(pin));
  return ok({ object, publicKey, algorithm, bits });
}

function certificateReference(
  { path, bytes }: StoreFile,
  notes: string[],
  keep: (pin: Bytes) => KeyHandle,
  pins: Map<string, KeyHandle>,
): TokenObject | undefined {
  if (!isReference(bytes)) return undefined;
  const reference = parseReference(bytes);
  if (reference.ok && reference.value.class === 'certificate') {
    const { object, pin } = reference.value;
    if (pin !== undefined && !pins.has(object.token)) pins.set(object.token, keep(pin));
    return object;
  }
  const why = reference.ok ? 'it refers to a private key' : reference.error;
  notes.push(`The copy of the certificate in ${path} is used, but not where it comes from: ${why}.`);
  return undefined;
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
