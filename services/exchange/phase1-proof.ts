/** Proofs of identity of Phase 1 (RFC 2409 5.1, 5.2, 5.4): made for the peer, and checked of the peer. */
import type { Bytes } from '../bytes.js';
import type { Certificate } from '../certs/certificate.js';
import { judgePeer } from '../certs/judge.js';
import { localIdentity } from '../certs/local.js';
import { failure } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import { cookieBytes } from '../isakmp/header.js';
import { type DecodedPayload, encodeBody, type Payload } from '../isakmp/payload.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import { CERT_ENCODING } from '../isakmp/registries/cert-encodings.js';
import {
  initiatorProof,
  initiatorProofParts,
  type Phase1Proof,
  responderProof,
  responderProofParts,
} from '../keymat/proofs.js';
import { formatEndpoint } from '../net/address.js';
import type { Rule } from '../policy/rule.js';
import { rulesForResponder } from '../policy/select-rule.js';
import type { Crypto } from '../ports/crypto.js';
import { agreePhase1, readPhase1 } from '../proposal/phase1-suite.js';
import { err, ok, type Result } from '../result.js';
import { describeIdentity } from './identity.js';
import { allOf, firstOf } from './payloads-of.js';
import { checkPresharedIdentity, presharedIdentity, trafficFault } from './phase1-identity.js';
import {
  initiators,
  responders,
  known,
  type Phase1Patch,
  type Phase1Record,
  placeOf,
} from './phase1-record.js';

/** What of CERT payloads is judged (RFC 2408 3.9). */
const SENT_ENCODINGS: ReadonlySet<number> = new Set([
  CERT_ENCODING.x509Signature,
  CERT_ENCODING.x509KeyExchange,
  CERT_ENCODING.crl,
]);

type Role = Phase1Record['role'];

interface World {
  readonly crypto: Crypto;
  /** `Clock.wallTime()`: certificates are valid in the time of people. */
  readonly now: number;
}

function proofInput(record: Phase1Record, idBody: Bytes): Phase1Proof {
  const own = known(record.keyPair, 'a key pair').publicValue;
  return {
    hash: known(record.suite, 'a suite').hash,
    skeyid: known(record.keys, 'keys').skeyid,
    initiatorPublic: initiators(record, own, record.peerPublic),
    responderPublic: responders(record, own, record.peerPublic),
    initiatorCookie: cookieBytes(record.initiatorCookie),
    responderCookie: cookieBytes(record.responderCookie),
    saBody: record.saBody,
    idBody,
  };
}

function proofOf(role: Role, crypto: Crypto, input: Phase1Proof): Bytes {
  return role === 'initiator' ? initiatorProof(crypto, input) : responderProof(crypto, input);
}

function partsOf(role: Role, input: Phase1Proof): readonly Bytes[] {
  return role === 'initiator' ? initiatorProofParts(input) : responderProofParts(input);
}

/** What we call ourselves, once rule, method and credentials are known. */
export function decideIdentity(record: Phase1Record): Result<Phase1Patch, Failure> {
  if (record.method === 'preshared') return ok({ ownIdentity: presharedIdentity(record) });
  const { certificate } = known(record.certificate, 'a certificate');
  const identity = localIdentity(known(record.rule, 'a rule'), certificate, record.local.address);
  return identity.ok ? ok({ ownIdentity: identity.value }) : identity;
}

/** HASH_I or HASH_R, or the signature that was made of it. */
export function proofPayload(record: Phase1Record, crypto: Crypto): Payload {
  if (isSignature(record)) return { kind: 'SIG', data: record.signature };
  const idBody = encodeBody(known(record.ownIdentity, 'an identity'));
  return { kind: 'HASH', data: proofOf(record.role, crypto, proofInput(record, idBody)) };
}

function isSignature({ method }: Phase1Record): boolean {
  return method === 'rsa_sig' || method === 'dss_sig';
}

/** Our signature over HASH_I or HASH_R. Rejects with a sentence for the operator when the key cannot be used. */
export async function sign(record: Phase1Record, crypto: Crypto): Promise<Phase1Patch> {
  const key = known(known(record.certificate, 'a certificate').privateKey, 'a private key');
  const input = proofInput(record, encodeBody(known(record.ownIdentity, 'an identity')));
  const signature =
    record.method === 'dss_sig'
      ? await crypto.signDss(key, input.skeyid, ...partsOf(record.role, input))
      : await crypto.signRsa(key, proofOf(record.role, crypto, input));
  return { signature };
}

/** The peer's proof, and whether the rule lets in who proved itself. */
export function checkProof(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  number: number,
  world: World,
): Result<Phase1Patch, Failure> {
  return isSignature(record)
    ? checkSignature(record, payloads, number, world)
    : checkHash(record, payloads, number, world);
}

function other(role: Role): Role {
  return role === 'initiator' ? 'responder' : 'initiator';
}

function checkHash(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  number: number,
  world: World,
): Result<Phase1Patch, Failure> {
  const { crypto } = world;
  const hash = known(firstOf(payloads, 'HASH'), 'a HASH payload');
  const expected = proofOf(other(record.role), crypto, proofInput(record, record.peerIdBody));
  if (!crypto.equal(expected, hash.data)) return err(wrongHash(record, number));
  const identity = known(record.peerIdentity, 'an identity');
  if (record.method === 'preshared') {
    const allowed = checkPresharedIdentity(record, identity, number);
    return allowed.ok ? ok({}) : allowed;
  }
  const traffic = trafficFault(identity, formatEndpoint(record.remote), placeOf(record, number));
  if (traffic !== undefined) return err(traffic);
  const certificate = known(record.peerCertificate, "the peer's certificate");
  const judged = judge(record, known(record.rule, 'a rule'), [certificate.der], number, world);
  return judged.ok ? ok({}) : judged;
}

function wrongHash(record: Phase1Record, number: number): Failure {
  const peer = formatEndpoint(record.remote);
  const place = placeOf(record, number);
  if (record.method !== 'preshared') {
    const who =
      record.peerIdentity === undefined ? '' : ` It calls itself ${describeIdentity(record.peerIdentity)}.`;
    return failure(
      'bad-proof',
      place,
      'config',
      `${peer} did not prove that it could read what was encrypted with its public key, or we could not read what it encrypted with ours; the two are not told apart on purpose.${who}`,
      "Check that the peer's certificate in the publickeys directory is the one it uses now, that ours is at the peer, and that remote_id selects it.",
      { payload: 'HASH' },
    );
  }
  if (record.mode === 'aggressive') {
    return failure(
      'wrong-preshared-key',
      place,
      'config',
      `The authentication hash of ${peer} is wrong. The pre-shared key is probably not the same on both ends. ${record.presharedWhy}`,
      "Compare the key in ike.preshared with the peer's, digit by digit, and check that the entry is the one meant for this peer.",
      { payload: 'HASH' },
    );
  }
  return failure(
    'bad-proof',
    place,
    'peer',
    `${peer} could encrypt but its authentication hash is wrong.`,
    'A pre-shared key that differs only beyond what the key schedule uses cannot cause this: suspect a broken peer or a changed message.',
    { payload: 'HASH' },
  );
}

function checkSignature(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  number: number,
  world: World,
): Result<Phase1Patch, Failure> {
  const { crypto } = world;
  const signature = known(firstOf(payloads, 'SIG'), 'a SIG payload');
  const identity = known(record.peerIdentity, 'an identity');
  const traffic = trafficFault(identity, formatEndpoint(record.remote), placeOf(record, number));
  if (traffic !== undefined) return err(traffic);
  const sent = allOf(payloads, 'CERT')
    .filter(({ encoding }) => SENT_ENCODINGS.has(encoding))
    .map(({ data }) => data);
  let first: Failure | undefined;
  for (const rule of rulesAfterIdentity(record)) {
    const judged = judge(record, rule, sent, number, world);
    if (!judged.ok) {
      first ??= judged.error;
      continue;
    }
    const { certificate } = judged.value;
    if (signatureIsRight(record, certificate, signature.data, crypto)) {
      return ok({ rule, peerCertificate: certificate });
    }
    return err(wrongSignature(record, identity, number));
  }
  return err(known(first, 'a rule'));
}

function wrongSignature(record: Phase1Record, identity: IdPayload, number: number): Failure {
  return failure(
    'bad-proof',
    placeOf(record, number),
    'peer',
    `The signature of ${formatEndpoint(record.remote)} as ${describeIdentity(identity)} is not by the key of its certificate.`,
    'The peer uses a certificate that does not belong to its private key, or somebody changes its messages.',
    { payload: 'SIG' },
  );
}

function signatureIsRight(
  record: Phase1Record,
  { publicKey }: Certificate,
  signature: Bytes,
  crypto: Crypto,
): boolean {
  const input = proofInput(record, record.peerIdBody);
  const role = other(record.role);
  return record.method === 'dss_sig'
    ? crypto.verifyDss(publicKey, signature, input.skeyid, ...partsOf(role, input))
    : crypto.verifyRsa(publicKey, proofOf(role, crypto, input), signature);
}

function judge(
  record: Phase1Record,
  rule: Rule,
  certificates: readonly Bytes[],
  number: number,
  { crypto, now }: World,
) {
  return judgePeer(
    {
      identity: known(record.peerIdentity, 'an identity'),
      method: known(record.method, 'a method'),
      certificates,
      rule,
      globals: record.config.globals,
      stores: record.stores,
      now,
    },
    crypto,
    placeOf(record, number),
  );
}

/**
 * The rule in use first; for a responder then the others that would have agreed to the same: only now is it known who
 * the peer is (ike.config(5): remote_id). Once we have proved ourselves under a rule there is no other.
 */
function rulesAfterIdentity(record: Phase1Record): readonly Rule[] {
  const rule = known(record.rule, 'a rule');
  const [transform] = record.chosen?.transforms ?? [];
  if (record.role === 'initiator' || record.mode === 'aggressive' || transform === undefined) return [rule];
  const offered = readPhase1(transform);
  const others = rulesForResponder(record.config, record.local.address, record.remote.address).usable.filter(
    (candidate) =>
      candidate.label !== rule.label &&
      candidate.ikeMode !== 'aggressive' &&
      candidate.localIds[0]?.text === rule.localIds[0]?.text &&
      candidate.localIdType === rule.localIdType &&
      candidate.transforms.some((accepted) => agreePhase1(offered, accepted) !== undefined),
  );
  return [rule, ...others];
}
