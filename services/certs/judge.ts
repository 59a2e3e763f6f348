/**
 * Whether a peer's certificate may stand for the identity it claims: it bears that identity, `remote_id` accepts it, and
 * it is trusted by `cert_trust` or by a good chain to a `cert_root`. Every refusal is explained with the certificate,
 * the link, the reason, and the file or line to look at. Work is bounded, whatever the peer sends.
 */
import type { AuthMethod } from '../algorithms.js';
import { type Bytes, sameBytes } from '../bytes.js';
import type { FailureCode } from '../failure/codes.js';
import { failure, type FailurePlace } from '../failure/build.js';
import type { Blame, Failure } from '../failure/failure.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import { ID_TYPE } from '../isakmp/registries/id-types.js';
import type { GlobalParameters, Rule } from '../policy/rule.js';
import type { PublicKeyCrypto } from '../ports/public-key.js';
import { err, ok, type Result } from '../result.js';
import { type Certificate, describeCertificate, parseCertificate } from './certificate.js';
import { findPaths } from './chain.js';
import { parseCrl } from './crl.js';
import { formatIdentity, formatNames, identityName, provesIdentity } from './identity-proof.js';
import { keyAlgorithmOf } from './local.js';
import { formatName } from './name.js';
import type { LinkFault } from './link-fault.js';
import { leafFault, pathFault } from './path-check.js';
import { formatSelector, matchesAnySelector, reversedSelector } from './selectors.js';
import type { CertificateStores, SourcedCrl } from './stores.js';
import { trustedRoots, trustedThemselves } from './trust.js';
import { explainDeadEnd } from './untrusted.js';
import type { Wanted } from './wanted.js';

export interface JudgeInput {
  readonly identity: IdPayload;
  readonly method: AuthMethod;
  /** Data of the CERT payloads of encodings 4, 5 and 7: DER of certificates and CRLs. */
  readonly certificates: readonly Bytes[];
  readonly rule: Rule;
  readonly globals: GlobalParameters;
  readonly stores: CertificateStores;
  /** `Clock.wallTime()`. */
  readonly now: number;
}

export interface Judgement {
  readonly certificate: Certificate;
}

/** Of what the peer sends, the first so many are read. */
const MOST_SENT = 12;
/** Certificates of one identity that are tried: an old one and its successors. */
const MOST_CANDIDATES = 4;

export function judgePeer(
  input: JudgeInput,
  crypto: PublicKeyCrypto,
  place: FailurePlace,
): Result<Judgement, Failure> {
  const sent = readSent(input.certificates);
  const candidates = candidatesOf(input, sent);
  const refuse = (fault: LinkFault): Result<never, Failure> =>
    err(
      failure(fault.code, place, fault.blame, fault.explanation, fault.hint, {
        ...(fault.wanted === undefined ? {} : { wanted: fault.wanted }),
      }),
    );
  if (!candidates.ok) return refuse(candidates.error);
  let first: LinkFault | undefined;
  for (const candidate of candidates.value) {
    const fault = trustFault(candidate, input, sent, crypto);
    if (fault === undefined) return ok({ certificate: candidate });
    first ??= fault;
  }
  return refuse(first ?? nobody(input));
}

interface Sent {
  readonly certificates: readonly Certificate[];
  readonly crls: readonly SourcedCrl[];
  /** Why the first unreadable one is unreadable. */
  readonly fault: string | undefined;
}

function readSent(blobs: readonly Bytes[]): Sent {
  const certificates: Certificate[] = [];
  const crls: SourcedCrl[] = [];
  let fault: string | undefined;
  for (const der of blobs.slice(0, MOST_SENT)) {
    const certificate = parseCertificate(der);
    if (certificate.ok) {
      certificates.push(certificate.value);
      continue;
    }
    const crl = parseCrl(der);
    if (crl.ok) crls.push({ source: 'the CRL that the peer sent', crl: crl.value });
    else fault ??= certificate.error;
  }
  return { certificates, crls, fault };
}

/**
 * Certificates that could be the peer's: those it sent, whatever their order (RFC 4945 3.3.10); those at hand when it
 * sent none of its own, the newest first.
 */
function candidatesOf(input: JudgeInput, sent: Sent): Result<readonly Certificate[], LinkFault> {
  const { identity, method, rule, stores } = input;
  const atHand = [...stores.certificates, ...stores.fetched.certificates].map(
    ({ certificate }) => certificate,
  );
  const bears = (certificate: Certificate): boolean => provesIdentity(certificate, identity);
  const own = unique(sent.certificates.filter(bears));
  const named = own.length > 0 ? own : unique(newestFirst(atHand.filter(bears)));
  const [other] = sent.certificates;
  if (named.length === 0) {
    if (other !== undefined) return err(wrongIdentity(identity, other));
    return err(sent.fault === undefined ? nobody(input) : unreadable(sent.fault));
  }
  const algorithm = keyAlgorithmOf(method);
  const fitting = named.filter(({ keyAlgorithm }) => keyAlgorithm === algorithm);
  const [misfit] = named;
  if (fitting.length === 0 && misfit !== undefined) {
    return err({
      code: 'certificate-key',
      blame: 'config',
      explanation: `The certificate ${describeCertificate(misfit)} of the peer has a key of kind ${misfit.keyAlgorithm}, but ${method} needs ${algorithm}.`,
      hint: `Correct auth_method in ${lineOf(rule)}, or have the peer present a certificate with such a key.`,
    });
  }
  const accepted = fitting.filter((certificate) =>
    matchesAnySelector(certificate, rule.remoteIds, slotOf(certificate, stores)),
  );
  const [refused] = fitting;
  if (accepted.length === 0 && refused !== undefined) return err(notAccepted(refused, rule));
  return ok(accepted.slice(0, MOST_CANDIDATES));
}

function trustFault(
  candidate: Certificate,
  input: JudgeInput,
  sent: Sent,
  crypto: PublicKeyCrypto,
): LinkFault | undefined {
  const { globals, stores, now, method } = input;
  const direct = trustedThemselves(globals, stores).find(({ certificate }) =>
    sameBytes(certificate.der, candidate.der),
  );
  // cert_trust: "checked by other means", so neither its issuer nor a CRL is asked.
  if (direct !== undefined) return leafFault(candidate, method, now);
  const roots = trustedRoots(globals, stores).map(({ certificate }) => certificate);
  const others = [
    ...sent.certificates,
    ...stores.certificates.map(({ certificate }) => certificate),
    ...stores.fetched.certificates.map(({ certificate }) => certificate),
  ];
  const { paths, deadEnd } = findPaths(candidate, roots, unique(others), crypto);
  const crls = [...stores.crls, ...stores.fetched.crls, ...sent.crls];
  let first: LinkFault | undefined;
  for (const path of paths) {
    const fault = pathFault(path, { method, now, crls, globals, fetched: stores.fetched }, crypto);
    if (fault === undefined) return undefined;
    first ??= fault;
  }
  return first ?? explainDeadEnd(candidate, deadEnd, globals, roots);
}

function unique(certificates: readonly Certificate[]): readonly Certificate[] {
  const seen = new Map<string, Certificate>();
  for (const certificate of certificates) {
    const key = Buffer.from(certificate.der).toString('latin1');
    if (!seen.has(key)) seen.set(key, certificate);
  }
  return [...seen.values()];
}

function newestFirst(certificates: readonly Certificate[]): readonly Certificate[] {
  return certificates.toSorted((a, b) => b.notBefore - a.notBefore);
}

function slotOf(certificate: Certificate, { certificates }: CertificateStores): string | undefined {
  return certificates.find((stored) => sameBytes(stored.certificate.der, certificate.der))?.slot;
}

function lineOf(rule: Rule): string {
  return `rule "${rule.label}" (${rule.position.file}:${String(rule.position.line)})`;
}

// The refusals

function fault(code: FailureCode, blame: Blame, explanation: string, hint: string): LinkFault {
  return { code, blame, explanation, hint };
}

function nobody({ identity, globals }: JudgeInput): LinkFault {
  const who = formatIdentity(identity);
  const byHand = 'put it into etc/inet/ike/publickeys (ikecert certdb -a) and send SIGHUP';
  const refused = fault(
    'no-peer-certificate',
    'peer',
    `The peer says it is ${who} and sent no certificate, and none that bears this name is at hand.`,
    `Make the peer send its certificate, or ${byHand}.`,
  );
  const wanted = askedFor(identity);
  if (wanted === undefined || globals.ldapServers.length === 0) return refused;
  return {
    ...refused,
    hint: `The LDAP servers are being asked for it: try again in a few seconds. Otherwise make the peer send its certificate, or ${byHand}.`,
    wanted: [wanted],
  };
}

/** Directories are asked by distinguished name and by mailbox. */
function askedFor(identity: IdPayload): Wanted | undefined {
  if (identity.idType === ID_TYPE.userFqdn)
    return { kind: 'certificate', mailbox: Buffer.from(identity.data).toString('latin1') };
  const name = identityName(identity);
  return name === undefined ? undefined : { kind: 'certificate', subject: formatName(name) };
}

function unreadable(why: string): LinkFault {
  return fault(
    'bad-certificate',
    'peer',
    `What the peer sent as its certificate is of no use: ${why}.`,
    'Look at the certificate on the peer, for instance with openssl x509 -text.',
  );
}

function wrongIdentity(identity: IdPayload, certificate: Certificate): LinkFault {
  return fault(
    'certificate-identity',
    'peer',
    `The peer says it is ${formatIdentity(identity)}, but its certificate (serial ${certificate.serial}) proves only ${formatNames(certificate)}.`,
    "Set the peer's identity (there: local_id_type) to a name that its certificate has, or have a certificate made with that alternative name; a common name does not count as a host name.",
  );
}

function notAccepted(certificate: Certificate, rule: Rule): LinkFault {
  const reversed = reversedSelector(certificate, rule.remoteIds);
  const issuer = `issuer "${formatName(certificate.issuer)}"`;
  return fault(
    'remote-id-refused',
    'config',
    `The certificate of the peer (${formatNames(certificate)}, ${issuer}) is accepted by no remote_id of ${lineOf(rule)}: ${rule.remoteIds.map(formatSelector).join(', ')}.`,
    reversed === undefined
      ? 'If this peer is welcome, add a remote_id that selects its certificate.'
      : `The name ${formatSelector(reversed)} stands back to front: write it in the order of the certificate.`,
  );
}
