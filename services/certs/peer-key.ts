/** For `rsa_encrypt`: the peer's public key, which must be known before its first message (RFC 2409 5.2). */
import { failure, type FailurePlace } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import { type Address, parseAddress } from '../net/address.js';
import type { Rule } from '../policy/rule.js';
import { err, ok, type Result } from '../result.js';
import type { Certificate } from './certificate.js';
import { formatIdentity, provesIdentity } from './identity-proof.js';
import { formatSelector, isNamed, matchesAnySelector } from './selectors.js';
import type { CertificateStores } from './stores.js';

const BEFORE: FailurePlace = { exchange: '', message: 0 };

/**
 * A stored RSA certificate that `remote_id` accepts: the one that bears the identity, when that is known (a responder
 * has decrypted it); else the one that bears the peer's address; else the only one. Whoever encrypts to it must still
 * judge it, with `judgePeer`, before the peer is believed.
 */
export function peerCertificate(
  rule: Rule,
  stores: CertificateStores,
  remote: Address,
  identity?: IdPayload,
  place: FailurePlace = BEFORE,
): Result<Certificate, Failure> {
  const accepted = stores.certificates
    .filter(
      ({ certificate, slot, privateKey }) =>
        privateKey === undefined &&
        certificate.keyAlgorithm === 'rsa' &&
        matchesAnySelector(certificate, rule.remoteIds, slot),
    )
    .map(({ certificate }) => certificate)
    .toSorted((a, b) => b.notBefore - a.notBefore);
  const address = parseAddress(remote) ?? remote;
  const fitting =
    identity === undefined
      ? withAddress(accepted, address)
      : accepted.filter((certificate) => provesIdentity(certificate, identity));
  const [found] = fitting;
  if (found !== undefined && (identity !== undefined || oneSubject(fitting))) return ok(found);
  const who = identity === undefined ? `at ${remote}` : `that says it is ${formatIdentity(identity)}`;
  const where = `rule "${rule.label}" (${rule.position.file}:${String(rule.position.line)})`;
  const selectors = rule.remoteIds.map(formatSelector).join(', ');
  return err(
    failure(
      'no-peer-certificate',
      place,
      'config',
      found === undefined
        ? `rsa_encrypt needs the public key of the peer ${who} beforehand, and no RSA certificate in etc/inet/ike/publickeys is selected for it by remote_id ${selectors} of ${where}.`
        : `rsa_encrypt needs to know which key the peer ${who} has, and remote_id ${selectors} of ${where} selects several certificates, none of them with that address.`,
      'Put the certificate of the peer into etc/inet/ike/publickeys (ikecert certdb -a), name it alone in remote_id, and send SIGHUP.',
    ),
  );
}

function withAddress(certificates: readonly Certificate[], address: Address): readonly Certificate[] {
  const named = certificates.filter(({ altNames }) => altNames.some((alt) => isNamed(alt, 'ip', address)));
  return named.length > 0 ? named : certificates;
}

/** An old certificate and its successor are one peer. */
function oneSubject(certificates: readonly Certificate[]): boolean {
  return new Set(certificates.map(({ subject }) => subject.key)).size === 1;
}
