/** CERT and CERTREQ payloads that we send (RFC 2408 3.9, 3.10; RFC 4945 3.2, 3.3). */
import { sameBytes } from '../bytes.js';
import type { CertReqPayload } from '../isakmp/payloads/certificate-request.js';
import type { CertPayload } from '../isakmp/payloads/certificate.js';
import { CERT_ENCODING } from '../isakmp/registries/cert-encodings.js';
import type { GlobalParameters, Rule } from '../policy/rule.js';
import { type Certificate, isSelfIssued } from './certificate.js';
import { matchesAnySelector } from './selectors.js';
import type { CertificateStores, StoredCertificate } from './stores.js';
import { trustedRoots } from './trust.js';

/** Certificates in one message: ours and what stands between it and a root. */
const MOST_CERTIFICATES = 6;
/** Requests in one message; with more roots than these the request is for any. */
const MOST_REQUESTS = 16;

function certPayload(certificate: Certificate): CertPayload {
  return { kind: 'CERT', encoding: CERT_ENCODING.x509Signature, data: certificate.der };
}

/**
 * Our certificate, then its issuers upward. A self-issued one is a root, which the peer must have by itself; the walk
 * also ends at a certificate issued by an authority that the peer names, because it has that one.
 */
export function certificatePayloads(
  local: StoredCertificate,
  stores: CertificateStores,
  requests: readonly CertReqPayload[],
): readonly CertPayload[] {
  const pool = [...stores.certificates, ...stores.fetched.certificates].map(({ certificate }) => certificate);
  const sent: Certificate[] = [local.certificate];
  let last: Certificate | undefined = local.certificate;
  while (last !== undefined && sent.length < MOST_CERTIFICATES) {
    const current: Certificate = last;
    if (requests.some(({ data }) => sameBytes(data, current.issuerDer))) break;
    last = pool.find(
      (candidate) =>
        candidate.subject.key === current.issuer.key &&
        !isSelfIssued(candidate) &&
        !sent.includes(candidate) &&
        (current.authorityKeyId === undefined ||
          candidate.subjectKeyId === undefined ||
          candidate.subjectKeyId === current.authorityKeyId),
    );
    if (last !== undefined) sent.push(last);
  }
  return sent.map(certPayload);
}

/**
 * One request for each root that may have issued the peer's certificate; without a root, or with too many of them, one
 * that names none, which asks for any certificate (RFC 2408 3.10).
 */
export function certificateRequests(
  globals: GlobalParameters,
  rule: Rule,
  stores: CertificateStores,
): readonly CertReqPayload[] {
  const roots = trustedRoots(globals, stores);
  const named = roots.filter(({ certificate }) => issuesOnly(rule, certificate));
  const authorities = new Map(
    (named.length > 0 ? named : roots).map(({ certificate }) => [
      certificate.subject.key,
      certificate.subjectDer,
    ]),
  );
  const encoding = CERT_ENCODING.x509Signature;
  if (authorities.size === 0 || authorities.size > MOST_REQUESTS)
    return [{ kind: 'CERTREQ', encoding, data: new Uint8Array(0) }];
  return [...authorities.values()].map((data) => ({ kind: 'CERTREQ', encoding, data }));
}

/** Whether the rule takes peers by their issuer alone, and this root is such an issuer. */
function issuesOnly(rule: Rule, root: Certificate): boolean {
  const issuers = rule.remoteIds.filter(({ text, negated }) => !negated && text.startsWith('ISSUER='));
  const all = rule.remoteIds.filter(({ negated }) => !negated);
  if (issuers.length === 0 || issuers.length < all.length) return false;
  // A root is its own issuer, so that the selector can be asked about it.
  return isSelfIssued(root) && matchesAnySelector(root, issuers);
}
