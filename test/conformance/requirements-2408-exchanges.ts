/** RFC 2408 4: the exchanges. */
import {
  type Keywords,
  must,
  mustNot,
  notBuilt,
  notOurs,
  recommended,
  type Requirement,
  section,
  should,
  testsOf,
} from './requirement.js';
import {
  aggressive,
  committed,
  informational,
  offers,
  phase2,
  received,
  sent,
  tunnel,
  verify,
} from './shown.js';

const choices = testsOf('interop/choices.interop.ts');
const nonces = testsOf('services/keymat/phase1-keys.test.ts')(
  'Phase 1 keys are those of the published SHA-1 case (NIST CAVP, IKEv1 with a pre-shared key)',
);

const NOT_IN_IKE = notOurs('RFC 2409 has no such exchange');

export const EXCHANGE_KEYWORDS: Keywords = {
  '4.1': { RECOMMENDED: 1, MUST: 2, SHOULD: 1 },
  '4.1.1': { MUST: 3 },
  '4.2': { MUST: 9, 'MUST NOT': 1, SHOULD: 1 },
  '4.2.1': { MUST: 3 },
  '4.3': { SHOULD: 3 },
  '4.4': { SHOULD: 2 },
  '4.5': { SHOULD: 1 },
  '4.6': { SHOULD: 2 },
  '4.7': { SHOULD: 2 },
  '4.8': { MUST: 3, SHOULD: 1 },
};

export const EXCHANGES: readonly Requirement[] = [
  ...section(
    '4.1',
    recommended(
      'The SA payload is the first of an exchange.',
      sent('begins with the SA in Phase 1, and with HASH and SA in Quick Mode'),
    ),
    must(
      'A domain of interpretation whose needs these exchanges do not meet defines others.',
      notOurs('it binds the authors of domains'),
    ),
    must(
      'The Informational exchange is implemented.',
      informational('a protected Informational deletes the pair whose SA the sender receives on'),
    ),
    should(
      'The other four exchanges are implemented.',
      tunnel,
      aggressive('builds a tunnel in six messages, by addresses'),
      notBuilt('Base and Authentication Only, which RFC 2409 does not have'),
    ),
  ),
  ...section(
    '4.1.1',
    must(
      'A responder answers several proposals with one.',
      sent('chooses one proposal with one transform, and keeps the numbers and attributes of the offer'),
    ),
    must(
      'Encryption begins right behind the header.',
      sent('is encrypted from the header on once public values were exchanged, and in the clear before'),
    ),
    must(
      'All payloads of an encrypted message are encrypted.',
      sent('is encrypted from the header on once public values were exchanged, and in the clear before'),
    ),
  ),
  ...section(
    '4.2',
    must(
      'Protocols that belong together are proposals of one number.',
      testsOf('services/proposal/phase2-choice.test.ts')(
        'our Phase 2 offer has a number for each alternative, and both protocols of one under the same',
      ),
      phase2('AH and ESP gives both ends the same keys'),
    ),
    must(
      'Proposals of one number are taken together or not at all.',
      testsOf('services/proposal/phase2-choice.test.ts')(
        'the choice among Phase 2 proposals takes no part of what was to be taken together, and adds nothing to what was not',
      ),
      offers('a Quick Mode offer of two protocols together is not taken as one of either'),
    ),
    mustNot(
      'No proposal of another number stands between proposals of one number.',
      verify('verify refuses proposal numbers that fall'),
    ),
    must(
      'Alternatives are proposals of rising numbers.',
      sent(
        'offers Phase 2 as numbered proposals in the order of the policy, with one SPI and the PFS group in each transform',
      ),
      verify('verify refuses proposal numbers that fall'),
    ),
    must(
      'Alternatives stand in the order of preference.',
      sent(
        'offers Phase 2 as numbered proposals in the order of the policy, with one SPI and the PFS group in each transform',
      ),
    ),
    must(
      'Transforms have rising numbers in the order of preference.',
      sent('offers Phase 1 as numbered transforms of one proposal, in the order of the rule'),
    ),
    must(
      'One transform is chosen for each protocol of a proposal, or the proposal is rejected.',
      sent('chooses one proposal with one transform, and keeps the numbers and attributes of the offer'),
    ),
    must(
      'The answer is an SA payload with the proposal that was chosen.',
      sent('chooses one proposal with one transform, and keeps the numbers and attributes of the offer'),
    ),
    must(
      'Each proposal of the answer has one transform.',
      sent('chooses one proposal with one transform, and keeps the numbers and attributes of the offer'),
    ),
    should(
      'The answer keeps the numbers of proposal and transform.',
      offers('a Phase 1 offer is answered with the transform that is accepted, as it was offered'),
      offers('a Quick Mode offer is answered with the transform that is accepted, as it was offered'),
    ),
    must(
      'The initiator verifies that the answer is one of its offers.',
      received('a Main Mode fails with bad-phase1-choice at east when the choice was not offered'),
    ),
  ),
  ...section(
    '4.2.1',
    must(
      'The responder chooses among the transforms of a protocol.',
      choices('choice among several proposals *: we accept only the last of the peer'),
    ),
    must(
      'The responder chooses among proposals.',
      sent('chooses one proposal with one transform, and keeps the numbers and attributes of the offer'),
    ),
    must(
      'In the proposal chosen, the responder chooses among the transforms.',
      offers('a Quick Mode offer is answered with the transform that is accepted, as it was offered'),
    ),
  ),
  ...section(
    '4.3',
    should(
      'A new ISAKMP SA has new cookies.',
      testsOf('conformance/second-negotiations.test.ts')(
        'a second Main Mode of the same two has cookies of its own',
      ),
    ),
    should(
      'A new IPsec SA is used for sending at once.',
      testsOf('conformance/second-negotiations.test.ts')(
        'a second Quick Mode for the same traffic makes SAs that are sent under at once',
      ),
    ),
    should(
      'The old IPsec SA receives until it is deleted.',
      testsOf('conformance/second-negotiations.test.ts')(
        'a second Quick Mode for the same traffic leaves the SAs before it receiving until they are deleted',
      ),
    ),
  ),
  ...section(
    '4.4',
    should('In a Base exchange the nonce of the initiator is part of the proof.', NOT_IN_IKE),
    should('In a Base exchange the nonce of the responder is part of the proof.', NOT_IN_IKE),
  ),
  ...section('4.5', should('In an Identity Protection exchange both nonces are part of the proof.', nonces)),
  ...section(
    '4.6',
    should('In an Authentication Only exchange the nonce of the initiator is part of the proof.', NOT_IN_IKE),
    should('In an Authentication Only exchange the nonce of the responder is part of the proof.', NOT_IN_IKE),
  ),
  ...section(
    '4.7',
    should('In an Aggressive exchange the nonce of the initiator is part of the proof.', nonces),
    should('In an Aggressive exchange the nonce of the responder is part of the proof.', nonces),
  ),
  ...section(
    '4.8',
    must(
      'Once there is an ISAKMP SA, Informationals are sent under its protection.',
      sent('deletes under the Phase 1 SA, with SPIs of one protocol in each payload'),
      offers('a Quick Mode offer that nothing accepts is answered with a protected NO-PROPOSAL-CHOSEN'),
    ),
    must(
      'Both ends begin an exchange with the same IV.',
      sent('has message ID 0 in Phase 1, and later one for each exchange'),
      testsOf('services/keymat/initialization-vectors.test.ts')(
        "IVs of Phase 2 are right with *, cut to the cipher's block",
      ),
    ),
    should(
      'The message ID and IV of an Informational are independent of other exchanges.',
      sent('has message ID 0 in Phase 1, and later one for each exchange'),
    ),
    must(
      'With the commit bit an Informational has the message ID of the exchange it is about.',
      committed('is satisfied by CONNECTED under the message ID of the Quick Mode'),
    ),
  ),
];
