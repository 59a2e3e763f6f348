/** RFC 2408 5.9 to 5.15: processing of what authenticates and informs; and the appendices. */
import {
  departure,
  type Keywords,
  must,
  notBuilt,
  notOurs,
  recommended,
  type Requirement,
  section,
  should,
  testsOf,
} from './requirement.js';
import {
  certificates,
  certified,
  informational,
  judged,
  offers,
  received,
  rsa,
  sent,
  verify,
} from './shown.js';

const WHOLE_MESSAGE = departure(
  'One bad payload spoils its message',
  'the whole message is dropped, not the payload alone',
);

export const NOTICE_KEYWORDS: Keywords = {
  '5.9': { MUST: 2 },
  '5.10': { MUST: 2 },
  '5.11': { MUST: 2 },
  '5.12': { MUST: 2 },
  '5.13': { MUST: 2 },
  '5.14': { RECOMMENDED: 2, MUST: 5 },
  '5.15': { MUST: 5, SHOULD: 3, RECOMMENDED: 1 },
  'A.3': { MUST: 1 },
  B: { MUST: 1 },
};

export const NOTICES: readonly Requirement[] = [
  ...section(
    '5.9',
    must(
      'Sending: a certificate is there in the encoding that is named.',
      certificates(
        'Main Mode with signatures brings the certificate of its sender, and asks for one under its root',
      ),
    ),
    must(
      'Receiving: a certificate of an encoding that is not supported is discarded.',
      verify('verify refuses a certificate of encoding 0'),
      verify('verify refuses a certificate of encoding 11'),
    ),
    must(
      'Receiving: a certificate that is not valid is discarded.',
      judged('refuses bytes that are no certificate'),
      judged('refuses a stranger whose root nobody trusts, and says which roots there are'),
    ),
  ),
  ...section(
    '5.10',
    must(
      'Sending: a request names an encoding and an authority.',
      certificates(
        'Main Mode with signatures brings the certificate of its sender, and asks for one under its root',
      ),
    ),
    must(
      'Receiving: a request of no valid encoding is discarded.',
      verify('verify refuses a request of encoding 0'),
    ),
    must(
      'Receiving: a request of an encoding or authority that we do not have is discarded.',
      notOurs(
        'the one certificate of the rule is sent whatever is asked for; a request only shortens the chain',
      ),
    ),
  ),
  ...section(
    '5.11',
    must(
      'Sending: the hash is the one that was negotiated.',
      testsOf('services/keymat/proofs.test.ts')('proofs of Phase 1 are right with *'),
      testsOf('services/keymat/proofs.test.ts')('proofs of Phase 2 are right with *'),
    ),
    must(
      'Receiving: a message whose hash is wrong is discarded.',
      received('a Main Mode fails with bad-proof at * when the proof of the * is bad'),
      informational(
        'a protected Informational counts for nothing when its HASH is wrong, missing or not the first payload',
      ),
    ),
  ),
  ...section(
    '5.12',
    must(
      'Sending: the signature is the one that was negotiated.',
      certified('builds a tunnel by * in * mode with identities of type *'),
    ),
    must(
      'Receiving: a message whose signature is wrong is discarded.',
      rsa('RSA signatures of another hash, another key or another form are not'),
      certificates('Main Mode with signatures fails where the signature is wrong'),
    ),
  ),
  ...section(
    '5.13',
    must(
      'Sending: a nonce is a random value that is unique.',
      sent('carries public values as long as the group and nonces as long as configured, never one twice'),
    ),
    must(
      'Receiving: what the exchange wants of a nonce.',
      verify('verify refuses a nonce of 7 bytes'),
      verify('verify refuses a nonce of 257 bytes'),
    ),
  ),
  ...section(
    '5.14',
    recommended(
      'A notify is sent in an Informational of its own.',
      offers('a Quick Mode offer that nothing accepts is answered with a protected NO-PROPOSAL-CHOSEN'),
    ),
    must(
      'Sending: DOI, protocol, SPI and type of a notify are those of what it is about.',
      sent('says INITIAL-CONTACT with both cookies and no data, where it is encrypted'),
    ),
    recommended(
      'Who receives a notify of an error logs it.',
      informational('an authenticated refusal without an SPI ends the only Quick Mode under way'),
    ),
    must(
      'Once there is an ISAKMP SA, it protects notifies.',
      offers('a Quick Mode offer that nothing accepts is answered with a protected NO-PROPOSAL-CHOSEN'),
    ),
    must(
      'Receiving: steps to take for a notify.',
      informational('an authenticated refusal with an SPI ends the Quick Mode that it is of'),
      informational('an Informational in the clear changes no SA, whatever it says'),
    ),
    must(
      'Receiving: an encrypted notify is decrypted under its SA.',
      informational('a protected Informational counts for nothing when it cannot be decrypted'),
    ),
    must(
      'Receiving: a notify with the Authentication Only bit is authenticated.',
      notBuilt('Informationals that are authenticated and not encrypted; they count as unauthenticated'),
    ),
    must(
      'Receiving: a notify of another DOI is discarded.',
      received('a protected Informational with a notify of another DOI is discarded'),
      WHOLE_MESSAGE,
    ),
    must(
      'Receiving: a notify about an unknown protocol is discarded.',
      received('a protected Informational with a notify about an unknown protocol is discarded'),
      departure('A notify about protocol 0 is read', 'others are refused'),
    ),
    must(
      'Receiving: a notify whose SPI is not valid is discarded.',
      received('a protected Informational with a notify with an SPI of 3 bytes is discarded'),
      verify('verify refuses a notify with an ISAKMP SPI of 17 bytes'),
      WHOLE_MESSAGE,
    ),
    must(
      'Receiving: a notify of no valid type is discarded.',
      received('a protected Informational with a notify of type 0 is discarded'),
      WHOLE_MESSAGE,
    ),
  ),
  ...section(
    '5.15',
    must(
      'SAs are deleted under the protection of an ISAKMP SA.',
      sent('deletes under the Phase 1 SA, with SPIs of one protocol in each payload'),
      informational('an Informational in the clear changes no SA, whatever it says'),
    ),
    should(
      'Who receives a Delete clears its SAs.',
      informational('a protected Informational deletes the pair whose SA the sender receives on'),
      informational(
        'a protected Informational deletes the Phase 1 SA it runs under, and no other; IPsec SAs live on',
      ),
    ),
    must(
      'Sending: DOI, protocol, SPI size and SPIs of a Delete are those of what is deleted.',
      sent('deletes under the Phase 1 SA, with SPIs of one protocol in each payload'),
      informational('our own Informationals delete many SAs in several messages'),
    ),
    recommended(
      'Who receives a Delete that is wrong logs it.',
      informational(
        'a protected Informational counts for nothing when its HASH is wrong, missing or not the first payload',
      ),
    ),
    must(
      'An Informational with a Delete is sent under the ISAKMP SA.',
      sent('deletes under the Phase 1 SA, with SPIs of one protocol in each payload'),
    ),
    must(
      'Receiving: steps to take for a Delete.',
      informational('a protected Informational deletes the pair whose SA the sender receives on'),
      informational('a protected Informational counts once, however often it comes'),
    ),
    must(
      'Receiving: the protection of the SA is taken off a Delete first.',
      informational('a protected Informational counts for nothing when it cannot be decrypted'),
      informational(
        'a protected Informational counts for nothing when its HASH is wrong, missing or not the first payload',
      ),
    ),
    should(
      'Receiving: local policy says what follows from a Delete whose protection is wrong.',
      informational(
        'a protected Informational counts for nothing when its HASH is wrong, missing or not the first payload',
      ),
    ),
    must(
      'Receiving: a Delete of another DOI is discarded.',
      received(
        'a protected Informational with a Delete of another DOI, or for no known protocol, is discarded',
      ),
      WHOLE_MESSAGE,
    ),
    must(
      'Receiving: a Delete for no known protocol is discarded.',
      received(
        'a protected Informational with a Delete of another DOI, or for no known protocol, is discarded',
      ),
      WHOLE_MESSAGE,
    ),
    must(
      'Receiving: each SPI of a Delete that is not valid may be logged; nothing is deleted for it.',
      informational(
        'a protected Informational deletes nothing by the SPI of an SA that we receive on, or by one that nobody knows',
      ),
    ),
    should(
      'Receiving: what a Delete names leaves the SA database.',
      informational('a protected Informational deletes the pair whose SA the sender receives on'),
    ),
  ),
  ...section(
    'A.3',
    must('Every domain reserves protocol 1 for ISAKMP.', notOurs('it binds the authors of domains')),
  ),
  ...section(
    'B',
    must('A new domain defines what this appendix lists.', notOurs('it binds the authors of domains')),
  ),
];
