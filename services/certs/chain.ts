/** Paths of certificates from a peer's to a root that the configuration trusts (RFC 5280 6.1). */
import type { PublicKeyCrypto } from '../ports/public-key.js';
import { sameBytes } from '../bytes.js';
import { type Certificate, isSelfIssued } from './certificate.js';

/** From the peer's certificate to a root, both included. */
export type Path = readonly [Certificate, ...Certificate[]];

/** Links of a path, the root included. */
export const DEEPEST = 8;
/** Signatures checked for one peer, whatever it sends. */
const MOST_SIGNATURES = 48;

/** Why no path was found; the search got furthest there. */
export type DeadEnd =
  | { readonly kind: 'no-issuer'; readonly last: Certificate }
  | { readonly kind: 'bad-signature'; readonly last: Certificate; readonly issuer: Certificate }
  | { readonly kind: 'too-deep'; readonly last: Certificate }
  | { readonly kind: 'too-much-work'; readonly last: Certificate };

export interface Search {
  readonly paths: readonly Path[];
  readonly deadEnd: DeadEnd;
}

/** Paths that are worth checking; more would be more work for a peer that is not authenticated. */
const MOST_PATHS = 4;

/**
 * Depth first over issuers by name, each link's signature checked. Issuers whose key identifier fits come first, so
 * that a hundred authorities of one name cost little. Names that form a ring end where they meet the path.
 */
export function findPaths(
  peer: Certificate,
  roots: readonly Certificate[],
  others: readonly Certificate[],
  crypto: PublicKeyCrypto,
): Search {
  const isRoot = (certificate: Certificate): boolean =>
    roots.some((root) => sameBytes(root.der, certificate.der));
  const pool = [...roots, ...others];
  const paths: Path[] = [];
  let signatures = 0;
  let deadEnd: DeadEnd = { kind: 'no-issuer', last: peer };
  let deepest = 0;
  const stuck = (path: Path, end: DeadEnd): void => {
    // The first of the same depth stays: it had the better issuer.
    if (path.length <= deepest) return;
    deepest = path.length;
    deadEnd = end;
  };
  const known = new Map<Certificate, Map<Certificate, boolean>>();
  const signed = (last: Certificate, issuer: Certificate): boolean | undefined => {
    const before = known.get(last)?.get(issuer);
    if (before !== undefined) return before;
    if (signatures === MOST_SIGNATURES) return undefined;
    signatures++;
    const good =
      last.signedWith !== undefined &&
      crypto.verifySigned(issuer.publicKey, last.signedWith, last.tbs, last.signature);
    known.set(last, (known.get(last) ?? new Map<Certificate, boolean>()).set(issuer, good));
    return good;
  };
  const extend = (path: Path): void => {
    const last = path.at(-1) ?? peer;
    if (paths.length === MOST_PATHS) return;
    if (isRoot(last)) {
      paths.push(path);
      return;
    }
    if (path.length === DEEPEST) {
      stuck(path, { kind: 'too-deep', last });
      return;
    }
    // Signed by itself: nobody stands above it.
    if (isSelfIssued(last) && signed(last, last) === true) {
      stuck(path, { kind: 'no-issuer', last });
      return;
    }
    const issuers = issuersOf(last, pool).filter(
      (issuer) => !path.some((one) => sameKeyAndName(one, issuer)),
    );
    if (issuers.length === 0) stuck(path, { kind: 'no-issuer', last });
    for (const issuer of issuers) {
      const good = signed(last, issuer);
      if (good === undefined) {
        deadEnd = { kind: 'too-much-work', last };
        deepest = DEEPEST;
        return;
      }
      if (good) extend([...path, issuer]);
      else stuck(path, { kind: 'bad-signature', last, issuer });
    }
  };
  extend([peer]);
  return { paths, deadEnd };
}

/** The same authority in another certificate is no step upward (RFC 5280 6.1: a path has no certificate twice). */
function sameKeyAndName(a: Certificate, b: Certificate): boolean {
  return a.subject.key === b.subject.key && sameBytes(a.publicKey, b.publicKey);
}

/** By name; those with the right key identifier first, those with a wrong one not at all. */
function issuersOf(certificate: Certificate, pool: readonly Certificate[]): readonly Certificate[] {
  const wanted = certificate.authorityKeyId;
  const named = pool.filter(
    ({ subject, subjectKeyId }) =>
      subject.key === certificate.issuer.key &&
      (wanted === undefined || subjectKeyId === undefined || subjectKeyId === wanted),
  );
  const exact = ({ subjectKeyId }: Certificate): number => (subjectKeyId === wanted ? 0 : 1);
  return wanted === undefined ? named : named.toSorted((a, b) => exact(a) - exact(b));
}

/** Certificates between the peer's and `index` that count against a path length: self-issued ones do not. */
export function intermediatesBelow(path: Path, index: number): number {
  return path.slice(1, index).filter((certificate) => !isSelfIssued(certificate)).length;
}
