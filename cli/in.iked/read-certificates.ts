/** Reads certificates, CRLs and private keys, and says what will not work with them. */
import { privateKeyFacts } from '../../adapters/crypto/private-key-facts.js';
import {
  type CertificatePaths,
  readCertificateDirectories,
} from '../../adapters/files/certificate-directories.js';
import { KeyStore } from '../../daemon/key-store.js';
import { certificateAdvice } from '../../services/certs/advice.js';
import { secretsOf, type ReadStores, readStores } from '../../services/certs/store-files.js';
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
  return { stores, notes: [...notes, ...certificateAdvice(config, stores, now)] };
}

/** For a check: everything there is to say about the certificates; of the keys nothing stays. */
export function certificateNotes(paths: CertificatePaths, config: IkeConfig, now: number): readonly string[] {
  const keys = new KeyStore();
  const { stores, notes } = readCertificates(paths, config, now, (key) => keys.put(key));
  keys.erase(...secretsOf(stores));
  return notes;
}
