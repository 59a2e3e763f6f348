/** Reads certificates, CRLs and private keys, and says what will not work with them. */
import { existsSync } from 'node:fs';
import { privateKeyFacts } from '../../adapters/crypto/private-key-facts.js';
import {
  type CertificatePaths,
  readCertificateDirectories,
} from '../../adapters/files/certificate-directories.js';
import { KeyStore } from '../../daemon/key-store.js';
import { certificateWarnings } from '../../services/advice/certificate-warnings.js';
import { certificateAdvice } from '../../services/certs/advice.js';
import { secretsOf, type ReadStores, readStores } from '../../services/certs/store-files.js';
import type { CertificateStores } from '../../services/certs/stores.js';
import type { Bytes } from '../../services/bytes.js';
import type { IkeConfig } from '../../services/policy/rule.js';
import type { KeyHandle } from '../../services/ports/keys.js';

/** `keep` puts a private key into the key store; the caller owns the handles in the stores. Nothing here refuses. */
export function readCertificates(
  paths: CertificatePaths,
  config: IkeConfig,
  now: number,
  keep: (pkcs8: Bytes) => KeyHandle,
): ReadStores {
  const files = readCertificateDirectories(paths);
  const { stores, notes } = readStores(files, config.globals.maxCerts, privateKeyFacts, keep);
  const library = libraryNote(config.globals.pkcs11Path, stores);
  return { stores, notes: [...notes, ...library, ...certificateAdvice(config, stores, now)] };
}

/** Whether the library is there for the keys that are on tokens; a bare name is for the system's loader to find. */
function libraryNote(path: string | undefined, { certificates }: CertificateStores): readonly string[] {
  const mate = certificates.find(({ privateKey }) => privateKey !== undefined && 'object' in privateKey);
  if (mate === undefined || (path !== undefined && (!path.includes('/') || existsSync(path)))) return [];
  return [
    path === undefined
      ? `note: The private key of ${mate.file} is on a PKCS#11 token, and pkcs11_path does not name its library: libpkcs11.so is tried.`
      : `note: pkcs11_path ${path} does not exist: the private key of ${mate.file}, which is on a PKCS#11 token, cannot be used.`,
  ];
}

/** For a check: everything there is to say about the certificates; of the keys nothing stays. */
export function certificateNotes(paths: CertificatePaths, config: IkeConfig, now: number): readonly string[] {
  const keys = new KeyStore();
  const { stores, notes } = readCertificates(paths, config, now, (key) => keys.put(key));
  keys.erase(...secretsOf(stores));
  return [...certificateWarnings(config, stores, now), ...notes];
}
