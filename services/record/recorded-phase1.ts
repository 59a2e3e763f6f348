/**
 * A Phase 1 SA as a recording holds it, where the exchange that made it is not in it: what the two ends said on the wire
 * and agreed on. Its keys are names only, unless the recording is one with secrets.
 */
import { fromHex, hex } from '../bytes.js';
import type { CertificateNames } from '../certs/certificate-names.js';
import type { PeerFeatures } from '../exchange/peer-features.js';
import type { Phase1Sa } from '../exchange/phase1-sa.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import { type Phase1Keys, usedKeys } from '../keymat/phase1-keys.js';
import type { Endpoint } from '../net/address.js';
import type { Rule } from '../policy/rule.js';
import type { KeyHandle } from '../ports/keys.js';
import type { StandingPhase1 } from '../ports/recorder.js';
import type { Phase1Suite } from '../proposal/phase1-suite.js';

type RecordedIdentity = Omit<IdPayload, 'data'> & { readonly data: string };

export interface RecordedPhase1 {
  readonly standing: string;
  readonly role: 'initiator' | 'responder';
  readonly mode: 'main' | 'aggressive';
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Label of its rule. */
  readonly rule: string;
  readonly initiatorCookie: string;
  readonly responderCookie: string;
  readonly suite: Phase1Suite;
  /** In hex; from it every IV under the SA starts. It was on the wire. */
  readonly lastBlock: string;
  readonly ownIdentity?: RecordedIdentity;
  readonly peerIdentity?: RecordedIdentity;
  readonly peerCertificate?: CertificateNames;
  readonly features: PeerFeatures;
  /** Names of SKEYID_d, SKEYID_a and the key of the cipher, and their bytes in a recording with secrets. */
  readonly keys: readonly { readonly handle: number; readonly secret?: string }[];
  readonly createdAt: number;
  readonly begunAt: number;
  readonly madeAt: number;
  readonly softAt: number;
  readonly confirmedAt?: number;
  readonly heardAt?: number;
  readonly messageIds: readonly number[];
}

/** `secrets`: the bytes of its used keys, in hex, in their order. */
export function recordedPhase1(
  { standing, sa, createdAt, begunAt, madeAt, softAt, confirmedAt, heardAt, messageIds }: StandingPhase1,
  secrets: readonly string[],
): RecordedPhase1 {
  const { role, mode, local, remote, rule, initiatorCookie, responderCookie, suite, features } = sa;
  return {
    standing,
    role,
    mode,
    local,
    remote,
    rule: rule.label,
    initiatorCookie,
    responderCookie,
    suite,
    lastBlock: hex(sa.lastBlock),
    ...(sa.ownIdentity === undefined ? {} : { ownIdentity: identityText(sa.ownIdentity) }),
    ...(sa.peerIdentity === undefined ? {} : { peerIdentity: identityText(sa.peerIdentity) }),
    ...(sa.peerCertificate === undefined ? {} : { peerCertificate: sa.peerCertificate }),
    features,
    keys: usedKeys(sa.keys).map((handle, index) => {
      const secret = secrets[index];
      return { handle, ...(secret === undefined ? {} : { secret }) };
    }),
    createdAt,
    begunAt,
    madeAt,
    softAt,
    ...(confirmedAt === undefined ? {} : { confirmedAt }),
    ...(heardAt === undefined ? {} : { heardAt }),
    messageIds: [...messageIds],
  };
}

function identityText({ kind, idType, protocol, port, data }: IdPayload): RecordedIdentity {
  return { kind, idType, protocol, port, data: hex(data) };
}

function identityOf(text: RecordedIdentity | undefined): IdPayload | undefined {
  return text && { ...text, data: fromHex(text.data) };
}

/** The SA under the rule of a replay; `keyOf` gives it the keys that the recording has. */
export function standingPhase1(
  recorded: RecordedPhase1,
  names: Pick<StandingPhase1, 'id' | 'standing'>,
  rule: Rule,
  keyOf: (key: RecordedPhase1['keys'][number] | undefined) => KeyHandle,
): StandingPhase1 {
  const { role, mode, local, remote, initiatorCookie, responderCookie, suite, features } = recorded;
  const [skeyidD, skeyidA, encryptionKey] = recorded.keys;
  const keys: Phase1Keys = {
    skeyid: keyOf(undefined),
    skeyidD: keyOf(skeyidD),
    skeyidA: keyOf(skeyidA),
    skeyidE: keyOf(undefined),
    encryptionKey: keyOf(encryptionKey),
  };
  const sa: Phase1Sa = {
    role,
    mode,
    local,
    remote,
    rule,
    initiatorCookie,
    responderCookie,
    suite,
    keys,
    lastBlock: fromHex(recorded.lastBlock),
    ownIdentity: identityOf(recorded.ownIdentity),
    peerIdentity: identityOf(recorded.peerIdentity),
    peerCertificate: recorded.peerCertificate,
    features,
  };
  const { createdAt, begunAt, madeAt, softAt, confirmedAt, heardAt, messageIds } = recorded;
  return { ...names, sa, createdAt, begunAt, madeAt, softAt, confirmedAt, heardAt, messageIds };
}
