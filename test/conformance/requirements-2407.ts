/** RFC 2407, the IPsec domain of interpretation. */
import {
  departure,
  must,
  mustNot,
  notBuilt,
  notOurs,
  type RequirementDocument,
  section,
  should,
  testsOf,
} from './requirement.js';
import {
  aggressive,
  agreement,
  bounds,
  certificates,
  judged,
  offers,
  phase2,
  quick,
  rules,
  sent,
  suites,
  verify,
} from './shown.js';

const keymat = testsOf('services/keymat/keymat.test.ts');
const embedded = testsOf('adapters/kernel/embedded/embedded-kernel.test.ts');
const spd = testsOf('adapters/kernel/embedded/spd.test.ts');

const NO_LABELS = notOurs('labelled situations are not supported, and none is ever sent');
const NO_NOTIFY = departure(
  'What nobody has authenticated gets no error notify but NO-PROPOSAL-CHOSEN',
  'it is dropped, and counted',
);
const PASSED_OVER = departure(
  'A transform with unknown or contradictory attributes is passed over',
  'another transform of the offer may be chosen; when none is, NO-PROPOSAL-CHOSEN goes out',
);

export const RFC_2407: RequirementDocument = {
  rfc: 2407,
  title: 'The Internet IP Security Domain of Interpretation for ISAKMP',
  notCounted:
    'Not counted: the list of key words in section 3, the note of the IESG, the change log, and two remarks that only mention the word MUST (4.4.3, 4.4.4).',
  keywords: {
    '4.1': { MUST: 1 },
    '4.2.1': { MUST: 3 },
    '4.2.2': { 'MUST NOT': 1, SHOULD: 1, MUST: 1 },
    '4.2.3': { 'MUST NOT': 1, SHOULD: 1, MUST: 1 },
    '4.4.1.1': { MUST: 1 },
    '4.4.1.2': { 'MUST NOT': 1 },
    '4.4.2.1': { MUST: 1 },
    '4.4.3': { MUST: 1 },
    '4.4.3.1': { MUST: 1 },
    '4.4.3.2': { MUST: 1 },
    '4.4.4': { MUST: 1 },
    '4.4.4.2': { MUST: 1 },
    '4.4.4.11': { MUST: 1 },
    '4.5': { 'MUST NOT': 3, MUST: 2 },
    '4.5.1': { MUST: 1 },
    '4.5.2': { MUST: 2, SHOULD: 1 },
    '4.5.3': { SHOULD: 1, MUST: 1 },
    '4.5.4': { SHOULD: 1, MUST: 1 },
    '4.6.1': { MUST: 4 },
    '4.6.2': { SHOULD: 2, MUST: 3 },
    '4.6.2.1': { SHOULD: 1 },
    '4.6.3': { MUST: 1, 'MUST NOT': 1, SHOULD: 1 },
    '4.6.3.1': { MUST: 1 },
    '4.6.3.2': { MUST: 1 },
    '4.6.3.3': { SHOULD: 1, MUST: 1 },
  },
  requirements: [
    ...section(
      '4.1',
      must(
        'Well-known identifiers are registered with IANA.',
        notOurs('it binds who assigns numbers; those used here are assigned'),
      ),
    ),
    ...section(
      '4.2.1',
      must(
        'Identities are exchanged in Phase 1: SIT_IDENTITY_ONLY is supported.',
        sent('identifies its sender once, encrypted, and its traffic in each Quick Mode, initiator first'),
        sent('asks for the IPsec DOI and a situation of identities alone'),
      ),
      must(
        'A negotiation without an identity is aborted.',
        rules('message rules main-mode 5, preshared, encrypted misses each payload that must be there'),
        rules('message rules main-mode 6, preshared, encrypted misses each payload that must be there'),
        rules('message rules aggressive-mode 1, any method, clear misses each payload that must be there'),
      ),
      must('With a labelled situation the labelled domain identifier is there.', NO_LABELS),
    ),
    ...section(
      '4.2.2',
      mustNot(
        'Who does not support secrecy labels does not ask for them.',
        sent('asks for the IPsec DOI and a situation of identities alone'),
      ),
      should('Who is asked for secrecy labels in vain answers SITUATION-NOT-SUPPORTED.', NO_NOTIFY),
      must(
        'Who is asked for secrecy labels in vain aborts.',
        bounds('decoding of malformed chains refuses a labelled SA, and says where'),
        verify('verify refuses a labelled SA'),
      ),
    ),
    ...section(
      '4.2.3',
      mustNot(
        'Who does not support integrity labels does not ask for them.',
        sent('asks for the IPsec DOI and a situation of identities alone'),
      ),
      should('Who is asked for integrity labels in vain answers SITUATION-NOT-SUPPORTED.', NO_NOTIFY),
      must(
        'Who is asked for integrity labels in vain aborts.',
        bounds('decoding of malformed chains refuses a labelled SA, and says where'),
        verify('verify refuses a labelled SA'),
      ),
    ),
    ...section(
      '4.4.1.1',
      must(
        'PROTO_ISAKMP is supported.',
        sent('offers Phase 1 as numbered transforms of one proposal, in the order of the rule'),
      ),
    ),
    ...section(
      '4.4.1.2',
      mustNot('AH transforms provide no confidentiality.', keymat('keys of IPsec SAs are right with *: AH')),
    ),
    ...section(
      '4.4.2.1',
      must(
        'KEY_IKE is supported.',
        sent('offers Phase 1 as numbered transforms of one proposal, in the order of the rule'),
        offers('a Phase 1 offer may have transforms of unknown identifiers, which are passed over'),
      ),
    ),
    ...section(
      '4.4.3',
      must(
        'An AH transform names its authentication algorithm.',
        agreement('of AH without the attribute does not agree'),
        agreement('whose AH transform names another hash than its attribute does not agree'),
        phase2('AH * gives both ends the same keys'),
      ),
    ),
    ...section(
      '4.4.3.1',
      must(
        'AH with HMAC-MD5 is supported.',
        phase2('AH MD5 gives both ends the same keys'),
        notBuilt('AH in the packets of the embedded kernel; it is negotiated, and SAs are kept'),
      ),
    ),
    ...section(
      '4.4.3.2',
      must(
        'AH with HMAC-SHA-1 is supported.',
        phase2('AH SHA-1 gives both ends the same keys'),
        notBuilt('AH in the packets of the embedded kernel; it is negotiated, and SAs are kept'),
      ),
    ),
    ...section(
      '4.4.4',
      must(
        'An ESP transform with authentication names its algorithm.',
        sent(
          'names an authentication algorithm where there is one, with the NULL cipher too, and none where there is none',
        ),
      ),
    ),
    ...section(
      '4.4.4.2',
      must(
        'ESP with DES and HMAC-MD5 is supported.',
        phase2('ESP DES gives both ends the same keys'),
        notBuilt('DES in the packets of the embedded kernel; it is negotiated, and SAs are kept'),
      ),
    ),
    ...section(
      '4.4.4.11',
      must(
        'ESP with the NULL cipher is supported.',
        suites('suites *: 3des-sha1-modp768, ESP null-sha1, tunnel'),
        embedded('embedded kernels back to back carry packets both ways with null 0 and *'),
      ),
    ),
    ...section(
      '4.5',
      mustNot(
        'Basic attributes are not written as variable ones.',
        sent('writes basic attributes as basic ones, each duration behind its type'),
      ),
      must(
        'A life duration follows its life type.',
        sent('writes basic attributes as basic ones, each duration behind its type'),
      ),
      mustNot(
        'ESP without authentication names no authentication algorithm.',
        sent(
          'names an authentication algorithm where there is one, with the NULL cipher too, and none where there is none',
        ),
      ),
      must(
        'ESP without confidentiality is ESP_NULL and names an authentication algorithm.',
        sent(
          'names an authentication algorithm where there is one, with the NULL cipher too, and none where there is none',
        ),
      ),
      mustNot(
        'Ciphers of one key length name none.',
        sent('names a key length only for ciphers that have several'),
      ),
    ),
    ...section(
      '4.5.1',
      must(
        'Life type, life duration and authentication algorithm can be negotiated.',
        offers('a Quick Mode offer is answered with the transform that is accepted, as it was offered'),
        offers('a Quick Mode offer may limit the lifetime in seconds and in kilobytes at once'),
      ),
    ),
    ...section(
      '4.5.2',
      must(
        'Several attributes of one class are read as long as they do not conflict: both units of lifetime.',
        offers('a Quick Mode offer may limit the lifetime in seconds and in kilobytes at once'),
        testsOf('services/proposal/odd-attributes.test.ts')(
          'odd attributes are two lifetimes of one unit, but not one of each (RFC 2407 4.5.2)',
        ),
      ),
      should('Conflicting attributes are answered with ATTRIBUTES-NOT-SUPPORTED.', PASSED_OVER),
      must(
        'Conflicting attributes abort the negotiation.',
        offers('a Quick Mode offer may have transforms whose attributes conflict, which are passed over'),
        PASSED_OVER,
      ),
    ),
    ...section(
      '4.5.3',
      should('An unsupported attribute is answered with ATTRIBUTES-NOT-SUPPORTED.', PASSED_OVER),
      must(
        'An unsupported attribute aborts the negotiation.',
        offers(
          'a Quick Mode offer may have transforms of unknown identifiers or attributes, which are passed over',
        ),
        PASSED_OVER,
      ),
    ),
    ...section(
      '4.5.4',
      should(
        'A responder that wants a shorter lifetime than it tells may notify the initiator beside its SA payload.',
        offers(
          'a Quick Mode offer for a longer life than ours is answered with RESPONDER-LIFETIME beside the SA',
        ),
      ),
      must(
        'That notify is a RESPONDER-LIFETIME.',
        offers(
          'a Quick Mode offer for a longer life than ours is answered with RESPONDER-LIFETIME beside the SA',
        ),
      ),
    ),
    ...section(
      '4.6.1',
      must('The secrecy level is padded with zeros to 32 bits.', NO_LABELS),
      must('The secrecy categories are padded with zeros to 32 bits.', NO_LABELS),
      must('The integrity level is padded with zeros to 32 bits.', NO_LABELS),
      must('The integrity categories are padded with zeros to 32 bits.', NO_LABELS),
    ),
    ...section(
      '4.6.2',
      should(
        'The responder finds its policy by the identity of the initiator.',
        quick(
          'a Quick Mode that the two ends want differently for traffic that no policy of the responder covers is refused at both ends',
        ),
        spd('inverse SPD lookup answers with the selectors asked for'),
      ),
      must(
        'In Phase 1 protocol and port of an identity are zero, or UDP and 500.',
        sent('identifies its sender once, encrypted, and its traffic in each Quick Mode, initiator first'),
      ),
      must(
        'In Phase 1 other values are an error.',
        verify('verify knows Phase 1 identities that name traffic (RFC 2407 4.6.2)'),
        departure('A Phase 1 identity may carry UDP with port 0 or 4500', 'all others are refused'),
      ),
      must(
        'In Phase 1 other values abort the negotiation.',
        verify('verify knows Phase 1 identities that name traffic (RFC 2407 4.6.2)'),
        departure('A Phase 1 identity may carry UDP with port 0 or 4500', 'all others are refused'),
      ),
      should(
        'Such an error can be audited.',
        testsOf('daemon/inspection.test.ts')(
          'the inspection log follows a negotiation from its start to its end',
        ),
      ),
    ),
    ...section(
      '4.6.2.1',
      should(
        'With certificates, identities that decide about policy stand in the certificate.',
        judged('refuses an identity that the certificate does not prove'),
        judged('judges by the identity, not by the order of the certificates'),
      ),
    ),
    ...section(
      '4.6.3',
      must(
        'Status notifies are sent under the ISAKMP SA.',
        sent('says INITIAL-CONTACT with both cookies and no data, where it is encrypted'),
      ),
      mustNot(
        'Status notifies are not sent in Aggressive Mode.',
        departure(
          'INITIAL-CONTACT rides in message 3 of Aggressive Mode',
          'where it is encrypted, and in no other of its messages',
        ),
        certificates(
          'Aggressive Mode says INITIAL-CONTACT, and any other status, only where it is encrypted',
        ),
      ),
      should(
        'A status that must arrive rides in a message that is repeated until it is answered.',
        sent('says INITIAL-CONTACT with both cookies and no data, where it is encrypted'),
        aggressive(
          'with a responder that has lost its SAs says INITIAL-CONTACT in message 2 of the first Quick Mode',
        ),
        testsOf('sim/delivery-timing.test.ts')(
          'an unanswered message 5 of Main Mode is repeated after 0.5, 1, 2, 4 and 8 seconds and given up after 16 more',
        ),
      ),
    ),
    ...section(
      '4.6.3.1',
      must(
        'RESPONDER-LIFETIME has the format that is given there.',
        offers(
          'a Quick Mode offer for a longer life than ours is answered with RESPONDER-LIFETIME beside the SA',
        ),
      ),
    ),
    ...section(
      '4.6.3.2',
      must(
        'REPLAY-STATUS has the format that is given there.',
        notOurs('it may be sent, and is not: replay detection is always on'),
      ),
    ),
    ...section(
      '4.6.3.3',
      should(
        'INITIAL-CONTACT has no data.',
        sent('says INITIAL-CONTACT with both cookies and no data, where it is encrypted'),
      ),
      must(
        'INITIAL-CONTACT has the format that is given there.',
        sent('says INITIAL-CONTACT with both cookies and no data, where it is encrypted'),
      ),
    ),
  ],
};
