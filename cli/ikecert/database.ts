/** The databases as the commands see them: every slot with what is in it, corrupt ones too. */
import { worksTogether } from '../../adapters/crypto/generate-key.js';
import { privateKeyFacts } from '../../adapters/crypto/private-key-facts.js';
import {
  type CertificatePaths,
  readStoreDirectory,
  type StoreKind,
} from '../../adapters/files/certificate-directories.js';
import type { Bytes } from '../../services/bytes.js';
import { type Certificate, parseCertificate } from '../../services/certs/certificate.js';
import { type Crl, parseCrl } from '../../services/certs/crl.js';
import {
  CERTIFICATE_LABELS,
  CRL_LABELS,
  isSameKey,
  type KeyFacts,
} from '../../services/certs/store-files.js';
import { unwrapPem } from '../../services/certs/pem.js';
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

export interface StoredKey extends KeyFacts {
  /** PKCS #8, DER. Whoever asked for it wipes it. */
  readonly pkcs8: Bytes;
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

export function readCertificates(paths: CertificatePaths): Slots<Certificate> {
  return readSlots(paths.publicKeys, 'certificate', (bytes) => {
    const der = unwrapPem(bytes, CERTIFICATE_LABELS);
    return der.ok ? parseCertificate(der.value.der) : der;
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
  return readSlots(paths.privateKeys, 'privateKey', (pkcs8) => {
    const facts = privateKeyFacts(pkcs8);
    if (facts !== undefined && worksTogether(pkcs8)) return ok({ ...facts, pkcs8 });
    pkcs8.fill(0);
    return err('it is no private key of RSA or DSA in PKCS #8, DER, unencrypted, or it is damaged');
  });
}

/** Wipes the private keys. */
export function wipe({ slots }: Slots<StoredKey>): void {
  for (const { content } of slots) if (content.ok) content.value.pkcs8.fill(0);
}

/** The lowest number that no file of these has for its name. */
export function freeSlot(...used: readonly (readonly Slot<unknown>[])[]): string {
  const names = new Set(used.flat().map(({ name }) => (/^\d+$/.test(name) ? String(Number(name)) : name)));
  let slot = 0;
  while (names.has(String(slot))) slot++;
  return String(slot);
}

export function belongs(key: Result<KeyFacts, string>, certificate: Certificate): boolean {
  return key.ok && isSameKey(key.value.publicKey, certificate.publicKey);
}

/** The slot of this name or number. */
export function findSlot<T>(slots: readonly Slot<T>[], wanted: string): Slot<T> | undefined {
  return (
    slots.find(({ name }) => name === wanted) ??
    slots.find(({ name }) => /^\d+$/.test(name) && /^\d+$/.test(wanted) && Number(name) === Number(wanted))
  );
}

export function isSamePublicKey(a: KeyFacts, b: KeyFacts): boolean {
  return isSameKey(a.publicKey, b.publicKey);
}
