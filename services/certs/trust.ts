/** Whom the configuration trusts: `cert_root` and `cert_trust` applied to the stored certificates. */
import type { GlobalParameters } from '../policy/rule.js';
import { matchesAnySelector, selectorOf } from './selectors.js';
import type { CertificateStores, StoredCertificate } from './stores.js';

/** Those that may end a chain. */
export function trustedRoots(
  globals: GlobalParameters,
  { certificates }: CertificateStores,
): readonly StoredCertificate[] {
  return selected(globals.certRoots, certificates);
}

/** Those that are trusted as they are, without a chain. */
export function trustedThemselves(
  globals: GlobalParameters,
  { certificates }: CertificateStores,
): readonly StoredCertificate[] {
  return selected(globals.certTrusts, certificates);
}

function selected(
  written: readonly string[],
  certificates: readonly StoredCertificate[],
): readonly StoredCertificate[] {
  const selectors = written.map(selectorOf);
  return certificates.filter(({ certificate, slot }) => matchesAnySelector(certificate, selectors, slot));
}
