/**
 * Main Mode with pre-shared keys, message by message (RFC 2409 5, 5.4): what each one says, and what is learnt from
 * the peer's. Pure over the record; the chart decides when.
 */
import { type Bytes, fromHex } from '../bytes.js';
import { failure, notify } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import { type Payload, encodeBody, type DecodedPayload } from '../isakmp/payload.js';
import { namesNoTraffic } from '../isakmp/payloads/identification.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import { phase1Iv } from '../keymat/initialization-vectors.js';
import { presharedPhase1Keys } from '../keymat/phase1-keys.js';
import { initiatorProof, responderProof } from '../keymat/proofs.js';
import { formatEndpoint } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import type { IkeConfig, Phase1Transform } from '../policy/rule.js';
import { presharedKeyFor } from '../policy/select-preshared-key.js';
import { rulesForResponder } from '../policy/select-rule.js';
import type { Crypto } from '../ports/crypto.js';
import type { KeyHandle } from '../ports/keys.js';
import { choosePhase1, comparePhase1, isOneOf } from '../proposal/phase1-choice.js';
import {
  agreePhase1,
  type OfferedPhase1,
  phase1Offer,
  type Phase1Suite,
  readPhase1,
} from '../proposal/phase1-suite.js';
import { err, ok, type Result } from '../result.js';
import { addressIdentity, describeIdentity, identityRange } from './identity.js';
import { firstOf } from './payloads-of.js';
import type { Phase1Patch, Phase1Record } from './phase1-record.js';
import { incomingRiders, outgoingRiders } from './riders.js';

const DOI_IPSEC = 1;
const SIT_IDENTITY_ONLY = 1;

const place = (message: number) => ({ exchange: 'Main Mode', message });

/** The state of a record at a step where the field must be there; its absence is a defect, not an input error. */
function known<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`Main Mode step without ${what}`);
  return value;
}

// Message 1

export function buildOffer(record: Phase1Record): {
  readonly payloads: readonly Payload[];
  readonly patch: Phase1Patch;
} {
  const rule = known(record.rule, 'a rule');
  const offer = [
    { number: 1, protocol: PROTOCOL.isakmp, spi: new Uint8Array(0), transforms: phase1Offer(rule) },
  ];
  const sa = { kind: 'SA', doi: DOI_IPSEC, situation: SIT_IDENTITY_ONLY, proposals: offer } as const;
  return {
    payloads: [sa, ...outgoingRiders({ exchange: 'main-mode', number: 1 }, record)],
    patch: { offer, saBody: encodeBody(sa) },
  };
}

/** The responder's whole decision: which rule, which transform, which key. */
export function processOffer(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  config: IkeConfig,
  presharedKeys: readonly PresharedKey[],
): Result<Phase1Patch, Failure> {
  const sa = known(firstOf(payloads, 'SA'), 'an SA payload');
  const candidates = rulesForResponder(config, record.local.address, record.remote.address);
  if (candidates.usable.length === 0) return err(noRule(record, candidates.unusable));
  const choice = choosePhase1(sa.proposals, candidates.usable);
  if (choice === undefined) {
    return err(
      failure(
        'no-common-phase1-proposal',
        place(1),
        'config',
        `${formatEndpoint(record.remote)} offered ${String(countTransforms(sa.proposals))} Phase 1 transform(s), none of which a rule for this peer accepts.`,
        'Compare the nearest offer below with the rule, and change one of them so that all attributes agree.',
        {
          wire: notify(NOTIFY.noProposalChosen),
          payload: 'SA',
          comparisons: comparePhase1(sa.proposals, candidates.usable),
        },
      ),
    );
  }
  const key = presharedKeyFor(presharedKeys, record.local.address, record.remote.address, 'main');
  if (!key.ok) return err({ ...key.error, ...place(1) });
  return ok({
    rule: choice.rule,
    presharedKey: key.value.key,
    presharedWhy: key.value.why,
    offer: sa.proposals,
    saBody: sa.raw,
    suite: choice.suite,
    chosen: { ...choice.proposal, spi: new Uint8Array(0), transforms: [choice.transform] },
    ...incomingRiders({ exchange: 'main-mode', number: 1 }, record, payloads),
  });
}

function countTransforms(proposals: readonly { readonly transforms: readonly unknown[] }[]): number {
  return proposals.reduce((sum, proposal) => sum + proposal.transforms.length, 0);
}

function noRule(
  record: Phase1Record,
  unusable: readonly { readonly label: string; readonly unusable: string | undefined }[],
): Failure {
  const [first] = unusable;
  const peer = `${record.remote.address} with ${record.local.address}`;
  return first === undefined
    ? failure(
        'no-rule',
        place(1),
        'config',
        `No rule of ike.config covers ${peer}.`,
        'Add a rule whose local_addr and remote_addr cover the two addresses, or ignore this peer.',
      )
    : failure(
        'rule-unusable',
        place(1),
        'local',
        `Rule "${first.label}" covers ${peer}, but this version cannot use it: ${first.unusable ?? 'no reason known'}.`,
        'Give the rule a p1_xform that this version has.',
      );
}

// Message 2

export function buildChoice(record: Phase1Record): readonly Payload[] {
  return [
    {
      kind: 'SA',
      doi: DOI_IPSEC,
      situation: SIT_IDENTITY_ONLY,
      proposals: [known(record.chosen, 'a choice')],
    },
    ...outgoingRiders({ exchange: 'main-mode', number: 2 }, record),
  ];
}

export function processChoice(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
): Result<Phase1Patch, Failure> {
  const sa = known(firstOf(payloads, 'SA'), 'an SA payload');
  const rule = known(record.rule, 'a rule');
  const [proposal] = sa.proposals;
  const [transform] = proposal?.transforms ?? [];
  const one = sa.proposals.length === 1 && proposal?.transforms.length === 1 && transform !== undefined;
  const offered = one ? isOneOf(record.offer[0]?.transforms ?? [], transform) : undefined;
  const suite = offered === undefined ? undefined : firstAgreed(rule.transforms, readPhase1(offered));
  if (suite === undefined) {
    return err(
      failure(
        'bad-phase1-choice',
        place(2),
        'peer',
        `${formatEndpoint(record.remote)} answered with ${one ? 'a transform that was not offered' : 'more or less than one transform'}.`,
        'The peer does not follow RFC 2409; compare what it chose with the rule.',
        { payload: 'SA', comparisons: comparePhase1(sa.proposals, [rule]) },
      ),
    );
  }
  return ok({ suite, ...incomingRiders({ exchange: 'main-mode', number: 2 }, record, payloads) });
}

function firstAgreed(accepted: readonly Phase1Transform[], offered: OfferedPhase1): Phase1Suite | undefined {
  for (const transform of accepted) {
    const suite = agreePhase1(offered, transform);
    if (suite !== undefined) return suite;
  }
  return undefined;
}

// Messages 3 and 4

export function buildKeyExchange(record: Phase1Record): readonly Payload[] {
  return [
    { kind: 'KE', data: known(record.keyPair, 'a key pair').publicValue },
    { kind: 'NONCE', data: record.ownNonce },
    ...outgoingRiders({ exchange: 'main-mode', number: record.role === 'initiator' ? 3 : 4 }, record),
  ];
}

/** `fault` is a clause of `Crypto.publicValueFault` or of `PublicValueRefused`. */
export function badPublicValue(record: Phase1Record, fault: string): Failure {
  const { group } = known(record.suite, 'a suite');
  return failure(
    'bad-public-value',
    place(record.role === 'initiator' ? 4 : 3),
    'peer',
    `The Diffie-Hellman value of ${formatEndpoint(record.remote)} for group ${String(group)} must not be used: ${fault}.`,
    'Either the peer is broken or somebody on the path changes its messages.',
    { payload: 'KE' },
  );
}

export function processKeyExchange(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  crypto: Crypto,
): Result<Phase1Patch, Failure> {
  const number = record.role === 'initiator' ? 4 : 3;
  const ke = known(firstOf(payloads, 'KE'), 'a KE payload');
  const nonce = known(firstOf(payloads, 'NONCE'), 'a NONCE payload');
  const { group } = known(record.suite, 'a suite');
  const fault = crypto.publicValueFault(group, ke.data);
  if (fault !== undefined) return err(badPublicValue(record, fault));
  return ok({
    peerPublic: ke.data,
    peerNonce: nonce.data,
    ...incomingRiders({ exchange: 'main-mode', number }, record, payloads),
  });
}

/** SKEYID, its children and the first IV (RFC 2409 5, appendix B). The shared secret may be erased afterwards. */
export function deriveKeys(record: Phase1Record, sharedSecret: KeyHandle, crypto: Crypto): Phase1Patch {
  const suite = known(record.suite, 'a suite');
  const own = known(record.keyPair, 'a key pair').publicValue;
  const ours = record.role === 'initiator';
  return {
    keys: presharedPhase1Keys(crypto, {
      hash: suite.hash,
      cipher: suite.cipher,
      keyBits: suite.keyBits,
      presharedKey: known(record.presharedKey, 'a pre-shared key').key,
      initiatorNonce: ours ? record.ownNonce : record.peerNonce,
      responderNonce: ours ? record.peerNonce : record.ownNonce,
      sharedSecret,
      initiatorCookie: fromHex(record.initiatorCookie),
      responderCookie: fromHex(record.responderCookie),
    }),
    iv: phase1Iv(
      crypto,
      suite.hash,
      suite.cipher,
      ours ? own : record.peerPublic,
      ours ? record.peerPublic : own,
    ),
  };
}

// Messages 5 and 6

function proofInput(record: Phase1Record, idBody: Bytes) {
  const own = known(record.keyPair, 'a key pair').publicValue;
  const ours = record.role === 'initiator';
  return {
    hash: known(record.suite, 'a suite').hash,
    skeyid: known(record.keys, 'keys').skeyid,
    initiatorPublic: ours ? own : record.peerPublic,
    responderPublic: ours ? record.peerPublic : own,
    initiatorCookie: fromHex(record.initiatorCookie),
    responderCookie: fromHex(record.responderCookie),
    saBody: record.saBody,
    idBody,
  };
}

export function buildProof(record: Phase1Record, crypto: Crypto): readonly Payload[] {
  const identity = addressIdentity(record.local.address);
  const input = proofInput(record, encodeBody(identity));
  const initiator = record.role === 'initiator';
  const data = initiator ? initiatorProof(crypto, input) : responderProof(crypto, input);
  return [
    identity,
    { kind: 'HASH', data },
    ...outgoingRiders({ exchange: 'main-mode', number: initiator ? 5 : 6 }, record),
  ];
}

export function checkProof(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  crypto: Crypto,
): Result<Phase1Patch, Failure> {
  const number = record.role === 'initiator' ? 6 : 5;
  const identity = known(firstOf(payloads, 'ID'), 'an ID payload');
  const hash = known(firstOf(payloads, 'HASH'), 'a HASH payload');
  const input = proofInput(record, identity.raw);
  const expected =
    record.role === 'initiator' ? responderProof(crypto, input) : initiatorProof(crypto, input);
  const peer = formatEndpoint(record.remote);
  if (!crypto.equal(expected, hash.data)) {
    return err(
      failure(
        'bad-proof',
        place(number),
        'peer',
        `${peer} could encrypt but its authentication hash is wrong.`,
        'A pre-shared key that differs only beyond what the key schedule uses cannot cause this: suspect a broken peer or a changed message.',
        { payload: 'HASH' },
      ),
    );
  }
  if (!namesNoTraffic(identity)) {
    return err(
      failure(
        'bad-identity',
        place(number),
        'peer',
        `${peer} sent an identity for IP protocol ${String(identity.protocol)} port ${String(identity.port)}; in Phase 1 it must be 0 or UDP 500 (RFC 2407 4.6.2).`,
        'The peer does not follow RFC 2407.',
        { payload: 'ID' },
      ),
    );
  }
  const range = identityRange(identity);
  if (range?.begin !== record.remote.address || range.end !== record.remote.address) {
    return err(
      failure(
        'identity-mismatch',
        place(number),
        'config',
        `${peer} holds the right key but calls itself ${describeIdentity(identity)}; with a pre-shared key in Main Mode its identity must be its address, ${record.remote.address}.`,
        'Set the identity of the peer to its address.',
        { payload: 'ID' },
      ),
    );
  }
  return ok({
    peerIdentity: identity,
    ...incomingRiders({ exchange: 'main-mode', number }, record, payloads),
  });
}

/** What a message 5 or 6 that cannot be read makes us suspect under a pre-shared key. */
export function suspectWrongKey(record: Phase1Record, detail: string): Failure {
  const number = record.role === 'initiator' ? 6 : 5;
  return failure(
    'wrong-preshared-key',
    place(number),
    'config',
    `Message ${String(number)} of ${formatEndpoint(record.remote)} cannot be read (${detail}). The pre-shared key is probably not the same on both ends. ${record.presharedWhy}`,
    "Compare the key in ike.preshared with the peer's, digit by digit, and check that the entry is the one meant for this peer.",
  );
}
