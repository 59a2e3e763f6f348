/** What can be fetched, and from where: the addresses that certificates and the configuration give. */
import type { DirectoryAttribute, DirectoryEntry } from '../ports/directory.js';
import type { GlobalParameters } from '../policy/rule.js';
import { fetchable } from './explain-revocation.js';
import { formatName, parseName } from './name.js';
import type { CertificateStores } from './stores.js';
import { trustedRoots } from './trust.js';
import type { Wanted } from './wanted.js';

export type FetchSource =
  /** A CRL over HTTP; the key is its URL. */
  | { readonly key: string; readonly what: 'crl'; readonly url: string }
  /** Over LDAP; the key is of the form `ldap: NAME`. */
  | {
      readonly key: string;
      readonly what: 'crl' | 'certificate';
      readonly entry: DirectoryEntry;
      readonly attributes: readonly DirectoryAttribute[];
      /** Subject of a certificate that is looked for, in the form of ike.config; undefined: any that bears the mailbox. */
      readonly subject: string | undefined;
    };

/** CRLs of the configured roots and of whoever issued the stored certificates. */
export function standingSources(
  globals: GlobalParameters,
  stores: CertificateStores,
): readonly FetchSource[] {
  if (globals.ignoreCrls) return [];
  const wanted: Wanted[] = stores.certificates.map(({ certificate }) => ({
    kind: 'crl',
    issuer: formatName(certificate.issuer),
    uris: fetchable(certificate),
  }));
  for (const { certificate } of trustedRoots(globals, stores))
    wanted.push({ kind: 'crl', issuer: formatName(certificate.subject), uris: [] });
  return wanted.flatMap((one) => sourcesOf(one, globals));
}

/** Where a wanted thing may be; none when the configuration allows no way to it. */
export function sourcesOf(wanted: Wanted, globals: GlobalParameters): readonly FetchSource[] {
  const sources: FetchSource[] = [];
  if (wanted.kind === 'crl' && globals.useHttp) {
    const urls = wanted.uris.filter((uri) => /^http:/i.test(uri));
    sources.push(...urls.map((url) => ({ key: url, what: 'crl', url }) as const));
  }
  if (globals.ldapServers.length === 0) return sources;
  if ('mailbox' in wanted) {
    const { mailbox } = wanted;
    sources.push(certificateSource(`mail=${mailbox}`, { mailbox }, undefined));
    return sources;
  }
  const name = wanted.kind === 'crl' ? wanted.issuer : wanted.subject;
  const parsed = parseName(name);
  if (!parsed.ok || parsed.value.rdns.length === 0) return sources;
  const dn = formatName({ ...parsed.value, rdns: parsed.value.rdns.toReversed() });
  if (wanted.kind === 'certificate') sources.push(certificateSource(dn, { dn }, name));
  else
    sources.push({
      key: `ldap: CRL of ${dn}`,
      what: 'crl',
      entry: { dn },
      attributes: ['certificateRevocationList'],
      subject: undefined,
    });
  return sources;
}

function certificateSource(text: string, entry: DirectoryEntry, subject: string | undefined): FetchSource {
  return {
    key: `ldap: certificate of ${text}`,
    what: 'certificate',
    entry,
    attributes: ['userCertificate', 'cACertificate'],
    subject,
  };
}
