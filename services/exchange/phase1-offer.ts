/** Offers and choices of Phase 1 (RFC 2409 5), which are the same in both modes. */
import { NO_BYTES } from '../bytes.js';
import { failure, notify } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import { type DecodedPayload, encodeBody, type Payload } from '../isakmp/payload.js';
import type { SaPayload } from '../isakmp/payloads/security-association.js';
import { NOTIFY } from '../isakmp/registries/notify-types.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import { formatEndpoint } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import { type Phase1Transform, placeOfRule, type Rule } from '../policy/rule.js';
import { ruleForInitiator, rulesForResponder } from '../policy/select-rule.js';
import { choosePhase1, comparePhase1, isOneOf } from '../proposal/phase1-choice.js';
import {
  agreePhase1,
  type OfferedPhase1,
  phase1Offer,
  type Phase1Suite,
  readPhase1,
} from '../proposal/phase1-suite.js';
import { err, ok, type Result } from '../result.js';
import { describeIdentity } from './identity.js';
import { firstOf } from './payloads-of.js';
import {
  credentialsFor,
  credentialsOfOffer,
  usableTransforms,
  type UsableTransforms,
} from './phase1-credentials.js';
import { ruleAllows } from './phase1-identity.js';
import { known, type Phase1Patch, type Phase1Record, placeOf } from './phase1-record.js';

const DOI_IPSEC = 1;
const SIT_IDENTITY_ONLY = 1;

function saPayload(proposals: SaPayload['proposals']): SaPayload {
  return { kind: 'SA', doi: DOI_IPSEC, situation: SIT_IDENTITY_ONLY, proposals };
}

/** The SA payload of message 1, and what it fixes. */
export function offerSa(record: Phase1Record): { readonly sa: SaPayload; readonly patch: Phase1Patch } {
  const transforms = phase1Offer(record.offered);
  const offer = [{ number: 1, protocol: PROTOCOL.isakmp, spi: new Uint8Array(0), transforms }];
  const sa = saPayload(offer);
  return { sa, patch: { offer, saBody: encodeBody(sa) } };
}

/** The record of an initiator that has what its offer needs, or the first thing that is missing. */
export function prepareOffer(
  blank: Phase1Record,
  rule: Rule,
  presharedKeys: readonly PresharedKey[],
): Result<Phase1Record, Failure> {
  const usable = usableTransforms(blank, rule, presharedKeys);
  if (!usable.ok) return usable;
  const { transforms } = usable.value;
  const first = transforms[0];
  if (first === undefined) throw new Error('a rule without transforms is not used');
  const { method, group } = first;
  // RFC 2409 5: message 1 of Aggressive Mode holds the public value, so that group and method cannot be negotiated.
  const fixed = blank.mode === 'aggressive';
  const offered = fixed
    ? transforms.filter((transform) => transform.group === group && transform.method === method)
    : transforms;
  const credentials = credentialsOfOffer(blank, rule, offered, presharedKeys);
  return ok({ ...blank, ...credentials, ...(fixed ? { method, group } : {}), offered });
}

interface Decision {
  readonly credentials: Phase1Patch;
  readonly choice: Phase1Patch;
}

/** The responder's whole decision: which rule, which transform, which credentials. */
export function decideOffer(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  presharedKeys: readonly PresharedKey[],
): Result<Decision, Failure> {
  const sa = known(firstOf(payloads, 'SA'), 'an SA payload');
  const candidates = candidateRules(record, presharedKeys);
  if (!candidates.ok) return candidates;
  const choice = choosePhase1(sa.proposals, candidates.value);
  if (choice === undefined) return err(noneAccepted(record, sa, candidates.value));
  const {
    suite,
    rule: { rule, credentials: byMethod },
  } = choice;
  const credentials = known(byMethod.get(suite.method), 'credentials');
  if (!credentials.ok) return credentials;
  const { number, protocol } = choice.proposal;
  return ok({
    credentials: credentials.value,
    choice: {
      rule,
      offer: sa.proposals,
      saBody: sa.raw,
      suite,
      method: suite.method,
      group: suite.group,
      chosen: { number, protocol, spi: NO_BYTES, transforms: [choice.transform] },
    },
  });
}

interface Candidate extends UsableTransforms {
  readonly rule: Rule;
}

/** Rules that cover the addresses and allow the exchange and, where it is known already, the name of the peer. */
function candidateRules(
  record: Phase1Record,
  presharedKeys: readonly PresharedKey[],
): Result<readonly Candidate[], Failure> {
  const { config, local, remote } = record;
  const { usable } = rulesForResponder(config, local.address, remote.address);
  if (usable.length === 0) {
    const missing = ruleForInitiator(config, local.address, remote.address);
    if (!missing.ok) return err({ ...missing.error, ...placeOf(record, 1) });
  }
  const ofMode = usable.filter(({ ikeMode }) => ikeMode === 'both' || ikeMode === record.mode);
  if (ofMode.length === 0) return err(otherMode(record, usable));
  const named = ofMode.filter((rule) => nameFits(record, rule));
  if (named.length === 0) return err(nobody(record, ofMode));
  const candidates: Candidate[] = [];
  let missing: Failure | undefined;
  for (const rule of named) {
    const usableOnes = usableTransforms(record, rule, presharedKeys);
    if (usableOnes.ok) {
      const { transforms, credentials } = usableOnes.value;
      candidates.push({ rule, transforms, credentials });
    } else missing ??= usableOnes.error;
  }
  return missing !== undefined && candidates.length === 0 ? err(missing) : ok(candidates);
}

/** Certificates are judged against `remote_id` when they are there; a pre-shared key has the name alone. */
function nameFits({ mode, peerIdentity }: Phase1Record, rule: Rule): boolean {
  const preshared = rule.transforms.some(({ method }) => method === 'preshared');
  return mode === 'main' || !preshared || peerIdentity === undefined || ruleAllows(rule, peerIdentity);
}

function noneAccepted(record: Phase1Record, sa: SaPayload, candidates: readonly Candidate[]): Failure {
  const count = sa.proposals.reduce((sum, { transforms }) => sum + transforms.length, 0);
  return failure(
    'no-common-phase1-proposal',
    placeOf(record, 1),
    'config',
    `${formatEndpoint(record.remote)} offered ${String(count)} Phase 1 transform(s), none of which a rule for this peer accepts.`,
    'Compare the nearest offer with the rule, and change one of them so that all attributes agree.',
    {
      wire: notify(NOTIFY.noProposalChosen),
      payload: 'SA',
      comparisons: comparePhase1(
        sa.proposals,
        candidates.map(({ rule }) => rule),
      ),
    },
  );
}

function listRules(rules: readonly Rule[]): string {
  return rules
    .slice(0, 3)
    .map(({ label, position }) => `"${label}" (${position.file}:${String(position.line)})`)
    .join(', ');
}

function otherMode(record: Phase1Record, rules: readonly Rule[]): Failure {
  const wanted = record.mode === 'aggressive' ? 'Aggressive Mode' : 'Main Mode';
  return failure(
    'wrong-mode',
    placeOf(record, 1),
    'config',
    `${formatEndpoint(record.remote)} begins ${wanted}, which the rules for it do not allow: ${listRules(rules)}.`,
    record.mode === 'aggressive'
      ? 'Let the peer use Main Mode; or allow it by "ike_mode both" in the rule, knowing that Aggressive Mode shows identities, and under a pre-shared key a hash to guess at.'
      : 'Let the peer use Aggressive Mode, or set "ike_mode both" in the rule.',
    { places: rules.slice(0, 3).map(placeOfRule) },
  );
}

function nobody(record: Phase1Record, rules: readonly Rule[]): Failure {
  return failure(
    'identity-mismatch',
    placeOf(record, 1),
    'config',
    `${formatEndpoint(record.remote)} calls itself ${describeIdentity(known(record.peerIdentity, 'an identity'))}, which no rule for it allows: ${listRules(rules)}.`,
    'Change remote_id of the rule, or the identity of the peer.',
    { payload: 'ID', places: rules.slice(0, 3).map(placeOfRule) },
  );
}

/** The responder's SA payload: one proposal with one transform. */
export function choiceSa(record: Phase1Record): Payload {
  return saPayload([known(record.chosen, 'a choice')]);
}

/** The initiator takes the responder's choice. */
export function acceptChoice(
  record: Phase1Record,
  payloads: readonly DecodedPayload[],
  presharedKeys: readonly PresharedKey[],
): Result<Phase1Patch, Failure> {
  const sa = known(firstOf(payloads, 'SA'), 'an SA payload');
  const rule = known(record.rule, 'a rule');
  const proposal = sa.proposals[0];
  const [transform] = proposal?.transforms ?? [];
  const one = sa.proposals.length === 1 && proposal?.transforms.length === 1 && transform !== undefined;
  const offered = one ? isOneOf(record.offer[0]?.transforms ?? [], transform) : undefined;
  const suite = offered === undefined ? undefined : firstAgreed(record.offered, readPhase1(offered));
  if (suite === undefined) {
    return err(
      failure(
        'bad-phase1-choice',
        placeOf(record, 2),
        'peer',
        `${formatEndpoint(record.remote)} answered with ${one ? 'a transform that was not offered' : 'more or less than one transform'}.`,
        'The peer does not follow RFC 2409; compare what it chose with the rule.',
        { payload: 'SA', comparisons: comparePhase1(sa.proposals, [rule]) },
      ),
    );
  }
  const agreed = { suite, method: suite.method, group: suite.group };
  // The pre-shared key stays the one that the offer was made with, whatever a refresh has brought.
  if (suite.method === 'preshared' && record.presharedKey !== undefined) return ok(agreed);
  const credentials = credentialsFor(record, rule, suite.method, presharedKeys);
  return credentials.ok ? ok({ ...agreed, ...credentials.value }) : credentials;
}

function firstAgreed(accepted: readonly Phase1Transform[], offered: OfferedPhase1): Phase1Suite | undefined {
  for (const transform of accepted) {
    const suite = agreePhase1(offered, transform);
    if (suite !== undefined) return suite;
  }
  return undefined;
}
