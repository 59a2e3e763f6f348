/** What came over the network, as certificates and CRLs; only what was asked for is kept. */
import type { Bytes } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import { type Certificate, parseCertificate } from './certificate.js';
import { parseCrl } from './crl.js';
import type { FetchSource } from './fetch-sources.js';
import { parseName, sameName } from './name.js';
import { unwrapPem } from './pem.js';
import { isNamed } from './selectors.js';
import type { SourcedCertificate, SourcedCrl } from './stores.js';

export interface Fetched {
  readonly crls: readonly SourcedCrl[];
  readonly certificates: readonly SourcedCertificate[];
}

/** `before` is what the source gave the last time. A CRL that is older than that is a fault: somebody replays it. */
export function readFetched(
  before: { readonly source: FetchSource } & Fetched,
  values: readonly Bytes[],
): Result<Fetched, string> {
  return before.source.what === 'crl'
    ? readCrls(before.source.key, before.crls, values)
    : readCertificates(before.source, values);
}

function readCrls(
  source: string,
  before: readonly SourcedCrl[],
  values: readonly Bytes[],
): Result<Fetched, string> {
  let fault = 'it gave nothing';
  const crls: SourcedCrl[] = [];
  for (const value of values) {
    const unwrapped = unwrapPem(value, ['X509 CRL']);
    const crl = unwrapped.ok ? parseCrl(unwrapped.value.der) : unwrapped;
    if (crl.ok) crls.push({ source, crl: crl.value });
    else fault = crl.error;
  }
  const newest = (list: readonly SourcedCrl[]): number =>
    Math.max(0, ...list.map(({ crl }) => crl.thisUpdate));
  if (crls.length === 0) return err(fault);
  if (newest(crls) < newest(before)) return err('it gave an older CRL than before');
  return ok({ crls, certificates: [] });
}

function readCertificates(source: FetchSource, values: readonly Bytes[]): Result<Fetched, string> {
  const certificates = values.flatMap((value) => {
    const read = parseCertificate(value);
    return read.ok && isAskedFor(source, read.value) ? [{ source: source.key, certificate: read.value }] : [];
  });
  return certificates.length === 0
    ? err('it gave no certificate with that name')
    : ok({ crls: [], certificates });
}

function isAskedFor(source: FetchSource, certificate: Certificate): boolean {
  if ('url' in source) return false;
  const { entry, subject } = source;
  if ('mailbox' in entry) return certificate.altNames.some((alt) => isNamed(alt, 'email', entry.mailbox));
  const name = parseName(subject ?? '');
  return name.ok && sameName(name.value, certificate.subject);
}
