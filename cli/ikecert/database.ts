/** The databases as the commands see them: every slot with what is in it, corrupt ones too. */
import { worksTogether } from '../../adapters/crypto/generate-key.js';
import { privateKeyFacts } from '../../adapters/crypto/private-key-facts.js';
import {
  type CertificatePaths,
  readStoreDirectory,
  type StoreKind,
} from '../../adapters/files/certificate-directories.js';
import type { Bytes } from '../../services/bytes.js';
import { type Certificate, parseCertificate, readPublicKey } from '../../services/certs/certificate.js';
import { type Crl, parseCrl } from '../../services/certs/crl.js';
import {
  CERTIFICATE_LABELS,
  CRL_LABELS,
  isSameKey,
  type KeyFacts,
} from '../../services/certs/store-files.js';
import { unwrapPem } from '../../services/certs/pem.js';
import { isReference, parseReference } from '../../services/certs/token-reference.js';
import type { TokenObject } from '../../services/ports/public-key.js';
import { err, ok, type Result } from '../../services/result.js';

export interface Slot<T> {
  /** Name of its file. */
  readonly name: string;
  readonly path: string;
  /** The error is a sentence part: why it is corrupt. */
  readonly content: Result<T, string>;
}

export interface Slots<T> {
  readonly slots: readonly Slot<T>[];
  /** Sentences: what could not be read. */
  readonly faults: readonly string[];
}

/** A private key in a file: PKCS #8, DER. Whoever asked for it wipes it. */
export interface KeyInFile extends KeyFacts {
  readonly pkcs8: Bytes;
}

/** A private key on a token, and what is known of it here. */
export interface KeyOnToken {
  readonly object: TokenObject;
  /** Whoever asked for it wipes it. */
  readonly pin: Bytes | undefined;
  /** From the copy in the reference, or the certificate of the same slot. */
  readonly facts: KeyFacts | undefined;
}

export type StoredKey = KeyInFile | KeyOnToken;

export interface StoredCertificate extends Certificate {
  /** Where else it is, besides the copy that is read here. */
  readonly onToken: TokenObject | undefined;
  /** PIN of that token, where the reference has it. Whoever asked for it wipes it. */
  readonly pin: Bytes | undefined;
}

function readSlots<T>(
  directory: string,
  kind: StoreKind,
  read: (bytes: Bytes) => Result<T, string>,
): Slots<T> {
  const { files, faults } = readStoreDirectory(directory, kind);
  return {
    slots: files.map(({ name, path, bytes }) => ({ name, path, content: read(bytes) })),
    faults,
  };
}

export function readCertificates(paths: CertificatePaths): Slots<StoredCertificate> {
  return readSlots(paths.publicKeys, 'certificate', (bytes): Result<StoredCertificate, string> => {
    const der = unwrapPem(bytes, CERTIFICATE_LABELS);
    const certificate = der.ok ? parseCertificate(der.value.der) : der;
    if (!certificate.ok) return certificate;
    const reference = isReference(bytes) ? parseReference(bytes) : undefined;
    if (reference?.ok === false) return reference;
    if (reference !== undefined && reference.value.class !== 'certificate')
      return err('it refers to a private key, not to a certificate');
    const { object: onToken, pin } = reference?.value ?? {};
    return ok({ ...certificate.value, onToken, pin });
  });
}

export function readCrls(paths: CertificatePaths): Slots<Crl & { readonly der: Bytes }> {
  return readSlots(paths.crls, 'crl', (bytes) => {
    const unwrapped = unwrapPem(bytes, CRL_LABELS);
    if (!unwrapped.ok) return unwrapped;
    const { der } = unwrapped.value;
    const crl = parseCrl(der);
    return crl.ok ? ok({ ...crl.value, der }) : crl;
  });
}

export function readPrivateKeys(paths: CertificatePaths): Slots<StoredKey> {
  const { slots, faults } = readSlots(paths.privateKeys, 'privateKey', readPrivateKey);
  const withoutFacts = slots.some(({ content }) => content.ok && !('pkcs8' in content.value));
  if (!withoutFacts) return { slots, faults };
  const certificates = readCertificates(paths).slots;
  return { slots: slots.map((slot) => completed(slot, certificates)), faults };
}

function readPrivateKey(bytes: Bytes): Result<StoredKey, string> {
  if (!isReference(bytes)) {
    const facts = privateKeyFacts(bytes);
    if (facts !== undefined && worksTogether(bytes)) return ok({ ...facts, pkcs8: bytes });
    bytes.fill(0);
    return err('it is no private key of RSA or DSA in PKCS #8, DER, unencrypted, or it is damaged');
  }
  const reference = parseReference(bytes);
  if (!reference.ok || reference.value.class !== 'private-key') {
    bytes.fill(0);
    return reference.ok ? err('it refers to a certificate, not to a private key') : reference;
  }
  const { object, pin } = reference.value;
  const copy = unwrapPem(bytes, ['PUBLIC KEY']);
  const facts = copy.ok ? publicKeyFacts(Uint8Array.from(copy.value.der)) : undefined;
  return ok({ object, pin, facts });
}

/** A reference that was written by hand has no copy of the public key: its certificate tells. */
function completed(slot: Slot<StoredKey>, certificates: readonly Slot<Certificate>[]): Slot<StoredKey> {
  const { content } = slot;
  if (!content.ok || 'pkcs8' in content.value || content.value.facts !== undefined) return slot;
  const mate = certificates.find(({ name }) => name === slot.name)?.content;
  const facts = mate?.ok === true ? publicKeyFacts(mate.value.publicKey) : undefined;
  return { ...slot, content: ok({ ...content.value, facts }) };
}

export function publicKeyFacts(publicKey: Bytes): KeyFacts | undefined {
  const read = readPublicKey(publicKey);
  if (!read.ok || read.value.keyAlgorithm === 'other') return undefined;
  return { algorithm: read.value.keyAlgorithm, bits: read.value.keyBits, publicKey };
}

export function factsOf(key: StoredKey): KeyFacts | undefined {
  return 'pkcs8' in key ? key : key.facts;
}

/** Wipes private keys and PINs. */
export function wipe({ slots }: Slots<StoredKey> | Slots<StoredCertificate>): void {
  for (const { content } of slots) {
    if (!content.ok) continue;
    if ('pkcs8' in content.value) content.value.pkcs8.fill(0);
    else content.value.pin?.fill(0);
  }
}

/** The lowest number that no file of these has for its name. */
export function freeSlot(...used: readonly (readonly Slot<unknown>[])[]): string {
  const names = new Set(used.flat().map(({ name }) => (/^\d+$/.test(name) ? String(Number(name)) : name)));
  let slot = 0;
  while (names.has(String(slot))) slot++;
  return String(slot);
}

export function belongs(key: Result<StoredKey, string>, certificate: Certificate): boolean {
  const facts = key.ok ? factsOf(key.value) : undefined;
  return facts !== undefined && isSameKey(facts.publicKey, certificate.publicKey);
}

/** The slot of this name or number. */
export function findSlot<T>(slots: readonly Slot<T>[], wanted: string): Slot<T> | undefined {
  return (
    slots.find(({ name }) => name === wanted) ??
    slots.find(({ name }) => /^\d+$/.test(name) && /^\d+$/.test(wanted) && Number(name) === Number(wanted))
  );
}

export function isSamePublicKey(key: StoredKey, facts: KeyFacts): boolean {
  const own = factsOf(key);
  return own !== undefined && isSameKey(own.publicKey, facts.publicKey);
}
