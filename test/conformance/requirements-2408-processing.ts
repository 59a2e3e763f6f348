/** RFC 2408 5.1 to 5.8: processing. Its lists of steps are rows of their own as far as they show outside. */
import {
  departure,
  type Keywords,
  must,
  mustNot,
  type Requirement,
  section,
  should,
  testsOf,
} from './requirement.js';
import { bounds, header, offers, phase1, quick, received, rules, sent, timing, verify } from './shown.js';

const captured = testsOf('services/isakmp/captured-messages.test.ts');

const WHOLE_MESSAGE = departure(
  'One bad payload spoils its message',
  'the whole message is dropped, not the payload alone',
);
const WHO_REPEATS = departure(
  'Only the end that is owed an answer repeats by timer',
  'the other answers duplicates',
);
const BUILT = 'is written again byte for byte';

export const PROCESSING_KEYWORDS: Keywords = {
  '5.1': { SHOULD: 1, MUST: 3, 'MUST NOT': 1 },
  '5.2': { MUST: 2 },
  '5.3': { MUST: 2 },
  '5.4': { MUST: 2 },
  '5.5': { MUST: 2 },
  '5.6': { MUST: 3, 'MUST NOT': 1 },
  '5.7': { MUST: 2 },
  '5.8': { MUST: 2 },
};

export const PROCESSING: readonly Requirement[] = [
  ...section(
    '5.1',
    should(
      'The length of a packet is checked against its header.',
      header('ISAKMP header refuses every datagram cut short'),
    ),
    must(
      'A message whose length is not that of its header is rejected.',
      header('ISAKMP header says what is wrong with a length, and where'),
    ),
    must(
      'Such a message may be logged and answered.',
      testsOf('sim/hostile.test.ts')(
        'a flood of garbage from one stranger is counted and reported once a second, and leaves nothing',
      ),
    ),
    must(
      'Sending: a timer is set and repetitions are counted.',
      timing(
        'an unanswered message * of Main Mode is repeated after 0.5, 1, 2, 4 and 8 seconds and given up after 16 more',
      ),
      WHO_REPEATS,
    ),
    must(
      'Sending: when the timer expires the message is sent again, a limited number of times.',
      timing(
        'an unanswered message * of Main Mode is repeated after 0.5, 1, 2, 4 and 8 seconds and given up after 16 more',
      ),
      timing('an unanswered message 2 of Quick Mode is repeated by the responder, which is owed message 3'),
      WHO_REPEATS,
    ),
    must(
      'Sending: after the last repetition all state is cleared.',
      timing(
        'an unanswered message * of Main Mode is repeated after 0.5, 1, 2, 4 and 8 seconds and given up after 16 more',
      ),
      testsOf('machines/endings.test.ts')('both ends agree at the end when the peer is silent'),
    ),
    mustNot(
      'The timer is not a fixed one.',
      timing(
        'an unanswered message waits no longer than retry_timer_max between repetitions, and no longer in all than expire_timer',
      ),
    ),
  ),
  ...section(
    '5.2',
    must(
      'Sending: cookies, header and payloads are made as section 3 has them.',
      sent('has version 1.0, no flag but that of encryption, and its own length'),
      sent('names the SA by the cookies in the same order, whichever end begins an exchange'),
      header('ISAKMP header has the layout of RFC 2408 3.1'),
    ),
    must(
      'Receiving: a message with cookies that are not valid is discarded.',
      phase1('a Main Mode datagram of no negotiation that is known with cookies of its own is dropped'),
      phase1(
        'a Main Mode datagram of no negotiation that is known without the cookie of an initiator is dropped',
      ),
      quick('message 1 of a Quick Mode under an SA that nobody knows is dropped, and begins nothing'),
    ),
    must(
      'Receiving: a message whose first payload is of no valid type is discarded.',
      rules('message rules * refuses each payload that does not belong there'),
    ),
    must(
      'Receiving: a message of another version is discarded.',
      phase1('a Main Mode datagram of no negotiation that is known of another version is dropped'),
      header('ISAKMP header verify refuses a higher minor version'),
    ),
    must(
      'Receiving: a message of no valid exchange type is discarded.',
      received('a message with the cookies of a Main Mode does not go on with it as one of *'),
    ),
    must(
      'Receiving: a message with wrong flags is discarded.',
      phase1('a Main Mode datagram of no negotiation that is known with flags that do not exist is dropped'),
      received('an encrypted message * is not taken in the clear'),
    ),
    must(
      'Receiving: a message with a wrong message ID is discarded.',
      phase1('a Main Mode datagram of no negotiation that is known with a message ID is dropped'),
      quick('message 1 of a Quick Mode without a message ID is dropped, and begins nothing'),
      quick('message 1 of a Quick Mode under another message ID is dropped, and begins nothing'),
    ),
  ),
  ...section(
    '5.3',
    must(
      'Sending: the generic header names the next payload, a zero and the length.',
      sent('has zeros in every reserved field'),
      captured(`captured messages * ${BUILT}`),
    ),
    must(
      'Receiving: a message with a next payload of no valid type is discarded.',
      rules('message rules * refuses each payload that does not belong there'),
      bounds('decoding of malformed chains refuses a promised payload that is missing, and says where'),
    ),
    must(
      'Receiving: a message whose reserved fields are not zero is discarded.',
      verify('verify reserved fields is tolerated by decode and refused by verify: *'),
    ),
  ),
  ...section(
    '5.4',
    must(
      'Sending: an SA payload names DOI and situation and holds proposals and transforms.',
      sent('asks for the IPsec DOI and a situation of identities alone'),
      sent('offers Phase 1 as numbered transforms of one proposal, in the order of the rule'),
    ),
    must(
      'Receiving: a message of a DOI that is not supported is discarded.',
      bounds('decoding of malformed chains refuses an SA of another DOI, and says where'),
      verify('verify refuses an SA of another DOI'),
    ),
    must(
      'Receiving: a message of a situation that cannot be protected is discarded.',
      bounds('decoding of malformed chains refuses a labelled SA, and says where'),
    ),
    must(
      'Receiving: when no proposal is accepted, it may be logged and answered with NO-PROPOSAL-CHOSEN.',
      offers(
        'a Phase 1 offer that nothing accepts is answered with NO-PROPOSAL-CHOSEN, and its operator is told',
      ),
      offers('a Quick Mode offer that nothing accepts is answered with a protected NO-PROPOSAL-CHOSEN'),
    ),
  ),
  ...section(
    '5.5',
    must(
      'Sending: a proposal has a protocol, its transforms and a random SPI that is unique.',
      sent('gives each SA an SPI of its own above the reserved ones'),
      testsOf('adapters/kernel/embedded/sa-life.test.ts')(
        'reserved SPIs are random, above the reserved ones, and never in use',
      ),
    ),
    must(
      'Receiving: a proposal of no valid protocol is discarded.',
      verify('verify refuses a proposal for no known protocol'),
      verify('verify refuses a proposal for protocol 0'),
      WHOLE_MESSAGE,
    ),
    must(
      'Receiving: a proposal whose SPI is not valid is discarded.',
      verify('verify refuses an ESP SPI of 8 bytes'),
      verify('verify refuses a reserved ESP SPI'),
      WHOLE_MESSAGE,
    ),
    must(
      'Receiving: proposals that are not in form are refused.',
      verify('verify refuses proposal numbers that fall'),
      verify('verify refuses an SA without a proposal'),
      bounds('decoding of malformed chains refuses a proposal *, and says where'),
    ),
  ),
  ...section(
    '5.6',
    must(
      'Sending: transforms are numbered and counted.',
      sent('offers Phase 1 as numbered transforms of one proposal, in the order of the rule'),
    ),
    must(
      'Receiving: steps to take for each transform.',
      verify('verify refuses transforms of the same number'),
      bounds('decoding of malformed chains refuses * transforms than announced, and says where'),
    ),
    must(
      'Receiving: a transform of an unknown identifier is ignored.',
      offers('a Phase 1 offer may have transforms of unknown identifiers, which are passed over'),
      offers(
        'a Quick Mode offer may have transforms of unknown identifiers or attributes, which are passed over',
      ),
    ),
    mustNot(
      'Receiving: an unknown identifier is no event.',
      offers('a Phase 1 offer may have transforms of unknown identifiers, which are passed over'),
      offers(
        'a Quick Mode offer may have transforms of unknown identifiers or attributes, which are passed over',
      ),
    ),
  ),
  ...section(
    '5.7',
    must(
      'Sending: the key exchange and its data are those of the DOI.',
      sent('carries public values as long as the group and nonces as long as configured, never one twice'),
    ),
    must(
      'Receiving: a key exchange that is not supported is refused.',
      received('a Main Mode fails with bad-public-value at * when the public value of the * is bad'),
      testsOf('adapters/crypto/diffie-hellman.test.ts')(
        "Diffie-Hellman a peer's public value is refused before anything is computed with it",
      ),
    ),
  ),
  ...section(
    '5.8',
    must(
      'Sending: the identity is what the DOI wants.',
      sent('identifies its sender once, encrypted, and its traffic in each Quick Mode, initiator first'),
    ),
    must(
      'Receiving: a message with an identity of a type that is not supported is discarded.',
      verify('verify refuses an identity of an unknown type'),
      verify('verify refuses an identity of type 0'),
    ),
  ),
];
