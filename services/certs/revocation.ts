/** Whether the CRLs at hand say that a certificate is good (RFC 5280 6.3). */
import type { PublicKeyCrypto } from '../ports/public-key.js';
import type { Certificate } from './certificate.js';
import { type Crl, type Revocation, reasonText } from './crl.js';
import type { SourcedCrl } from './stores.js';

export type RevocationFault =
  | { readonly kind: 'revoked'; readonly revocation: Revocation; readonly source: string }
  /** No list of this issuer. */
  | { readonly kind: 'missing' }
  /** The newest list has run out, or is of the future. */
  | { readonly kind: 'stale'; readonly source: string; readonly why: 'over' | 'future'; readonly at: number }
  /** Lists that bear the issuer's name and must not be used, and why. */
  | { readonly kind: 'unusable'; readonly source: string; readonly why: string };

/** How far a list may be from the future: the authority's clock and ours are two. */
const CLOCK_TOLERANCE_MS = 300_000;
/** Lists of one issuer that are looked at. */
const MOST_LISTS = 8;
/** Hold that was lifted; only delta CRLs should say it. */
const REMOVED_FROM_CRL = 8;

/** The newest usable list decides. Undefined: the certificate is not revoked. */
export function revocationFault(
  certificate: Certificate,
  issuer: Certificate,
  crls: readonly SourcedCrl[],
  now: number,
  crypto: PublicKeyCrypto,
): RevocationFault | undefined {
  const lists = crls
    .filter(({ crl }) => crl.issuer.key === issuer.subject.key && isFor(crl, certificate))
    .toSorted((a, b) => b.crl.thisUpdate - a.crl.thisUpdate)
    .slice(0, MOST_LISTS);
  let fault: RevocationFault = { kind: 'missing' };
  let worst = 0;
  const note = (weight: number, found: RevocationFault): void => {
    if (weight <= worst) return;
    worst = weight;
    fault = found;
  };
  for (const { source, crl } of lists) {
    const why = faultOf({ source, crl }, issuer, crypto);
    if (why !== undefined) {
      note(1, { kind: 'unusable', source, why });
      continue;
    }
    const revocation = crl.revoked.get(certificate.serial);
    // Also a list that has run out is believed when it says that.
    if (revocation !== undefined && revocation.reason !== REMOVED_FROM_CRL)
      return { kind: 'revoked', revocation, source };
    if (crl.thisUpdate > now + CLOCK_TOLERANCE_MS)
      note(2, { kind: 'stale', source, why: 'future', at: crl.thisUpdate });
    else if (crl.nextUpdate !== undefined && crl.nextUpdate <= now)
      note(3, { kind: 'stale', source, why: 'over', at: crl.nextUpdate });
    else return undefined;
  }
  return fault;
}

/** A list that is for other certificates says nothing about this one (RFC 5280 6.3.3 b). */
function isFor({ covers, points }: Crl, certificate: Certificate): boolean {
  const kind = certificate.basicConstraints?.ca === true ? 'authorities' : 'users';
  if (covers !== 'all' && covers !== kind) return false;
  return (
    points === undefined ||
    certificate.crlDistributionPoints.some(({ uris }) => uris.some((uri) => points.includes(uri)))
  );
}

function faultOf({ crl }: SourcedCrl, issuer: Certificate, crypto: PublicKeyCrypto): string | undefined {
  if (crl.unusable !== undefined) return crl.unusable;
  if (issuer.keyUsage !== undefined && !issuer.keyUsage.has('crlSign'))
    return 'the key usage of its issuer does not allow it to sign CRLs';
  if (crl.signedWith === undefined) return `its signature algorithm ${crl.signatureOid} is not known here`;
  return isSignedBy(crl, issuer, crypto) ? undefined : 'its signature is not of the key of its issuer';
}

/** A list is immutable, and long: its signature is checked once for each issuer. */
const checked = new WeakMap<Crl, WeakMap<Certificate, boolean>>();

function isSignedBy(crl: Crl, issuer: Certificate, crypto: PublicKeyCrypto): boolean {
  const before = checked.get(crl)?.get(issuer);
  if (before !== undefined) return before;
  const good =
    crl.signedWith !== undefined &&
    crypto.verifySigned(issuer.publicKey, crl.signedWith, crl.tbs, crl.signature);
  checked.set(crl, (checked.get(crl) ?? new WeakMap<Certificate, boolean>()).set(issuer, good));
  return good;
}

export function describeRevocation({ date, reason }: Revocation): string {
  return `on ${formatDay(date)}, ${reasonText(reason)}`;
}

/** UTC, to the minute. */
export function formatDay(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15
    ? `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`
    : 'an impossible time';
}
