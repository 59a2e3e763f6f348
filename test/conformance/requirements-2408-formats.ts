/** RFC 2408 1 to 3: what ISAKMP is for, its identifiers, its payloads. */
import {
  departure,
  type Keywords,
  must,
  mustNot,
  notBuilt,
  notOurs,
  recommended,
  type Requirement,
  section,
  should,
  shouldNot,
  testsOf,
} from './requirement.js';
import {
  bounds,
  certificates,
  certified,
  header,
  offers,
  phase1,
  received,
  rules,
  sent,
  suites,
  committed,
  verify,
} from './shown.js';

const OLD_DRAFTS = notOurs('it binds implementations of the drafts before this RFC');
const NAMED_PLACES = departure(
  'Certificates and requests for them are taken where RFC 2409 has them',
  'elsewhere they are refused, as in Quick Mode',
);
const RANDOM_COOKIES = departure(
  'Cookies are random numbers',
  'kept with the addresses of the peer they were given to, as long as the SA',
);

export const FORMAT_KEYWORDS: Keywords = {
  '1.4.1': { MUST: 1 },
  '1.4.2': { MUST: 2 },
  '1.5.2': { MUST: 1 },
  '1.5.3': { MUST: 2 },
  '1.6.2': { MUST: 1, SHOULD: 1 },
  '1.7.1': { SHOULD: 1 },
  '2.1': { SHOULD: 1 },
  '2.4': { MUST: 3 },
  '2.5.1': { MUST: 1 },
  '2.5.2': { MUST: 1, SHOULD: 1 },
  '2.5.3': { MUST: 2 },
  '3.1': { MUST: 10, SHOULD: 3, RECOMMENDED: 1 },
  '3.4': { 'MUST NOT': 1, MUST: 2 },
  '3.5': { MUST: 2 },
  '3.6': { MUST: 1, SHOULD: 1 },
  '3.8': { MUST: 1 },
  '3.9': { SHOULD: 1, MUST: 1 },
  '3.10': { SHOULD: 2, MUST: 2, 'SHOULD NOT': 1 },
  '3.14': { MUST: 1 },
  '3.15': { MUST: 1, 'MUST NOT': 1 },
  '3.16': { 'MUST NOT': 1, MUST: 2, 'SHOULD NOT': 1 },
};

export const FORMATS: readonly Requirement[] = [
  ...section(
    '1.4.1',
    must(
      'A security protocol defines which SA attributes it needs.',
      notOurs('it binds the authors of security protocols'),
    ),
  ),
  ...section(
    '1.4.2',
    must(
      'Establishing SAs is part of the key management protocol.',
      notOurs('it is a demand on the protocol, which this RFC and RFC 2409 answer'),
    ),
    must(
      'The basic attributes of an SA are implemented.',
      sent('offers Phase 1 as numbered transforms of one proposal, in the order of the rule'),
    ),
  ),
  ...section(
    '1.5.2',
    must(
      'A certificate authority defines the naming in its certificates.',
      notOurs('it binds certificate authorities'),
    ),
  ),
  ...section(
    '1.5.3',
    must(
      'Exchanges are strongly authenticated.',
      received('a Main Mode fails with bad-proof at * when the proof of the * is bad'),
      received('a Main Mode fails with wrong-preshared-key at west when different pre-shared keys'),
    ),
    must(
      'Authentication by digital signatures is possible.',
      certified('builds a tunnel by * in * mode with identities of type *'),
    ),
  ),
  ...section(
    '1.6.2',
    must(
      'An authenticated key exchange is supported.',
      suites('suites *'),
      received('a Main Mode fails with bad-public-value at * when the public value of the * is bad'),
    ),
    should('Users choose further key exchanges by their needs.', notOurs('it binds users')),
  ),
  ...section(
    '1.7.1',
    should(
      'State that bogus messages create is collected.',
      phase1(
        'a Main Mode datagram of no negotiation that is known begins no more than its share when one source sends many, and does again when they have expired',
      ),
      testsOf('sim/hostile.test.ts')(
        'a flood of garbage from one stranger is counted and reported once a second, and leaves nothing',
      ),
    ),
  ),
  ...section(
    '2.1',
    should(
      'Several domains of interpretation are supported at the same time.',
      notBuilt('domains other than IPsec; nothing is in use that would need one'),
    ),
  ),
  ...section(
    '2.4',
    must(
      'Cookies, message ID and SPI are there in the messages that need them.',
      sent('names the SA by the cookies in the same order, whichever end begins an exchange'),
      sent('has message ID 0 in Phase 1, and later one for each exchange'),
      sent('gives each SA an SPI of its own above the reserved ones'),
    ),
    must(
      'The message ID of Phase 1 is 0.',
      sent('has message ID 0 in Phase 1, and later one for each exchange'),
      header('ISAKMP header verify refuses a message ID in Main Mode'),
      header('ISAKMP header verify refuses a message ID in Aggressive Mode'),
    ),
    must(
      'Establishing an SA generates an SPI.',
      sent('gives each SA an SPI of its own above the reserved ones'),
    ),
  ),
  ...section(
    '2.5.1',
    must(
      'ISAKMP can be sent and received over UDP port 500.',
      suites('suites *: aes128-sha1-modp2048, ESP aes128-sha1, transport'),
    ),
  ),
  ...section(
    '2.5.2',
    must('Reserved fields are sent as zero.', sent('has zeros in every reserved field')),
    should(
      'A packet whose reserved fields are not zero is discarded.',
      verify('verify reserved fields is tolerated by decode and refused by verify: *'),
      header('ISAKMP header verify refuses reserved flags'),
    ),
  ),
  ...section(
    '2.5.3',
    must(
      'A cookie depends on the parties, only its issuer can make it, and making it is cheap.',
      sent('names the SA by the cookies in the same order, whichever end begins an exchange'),
      phase1('a Main Mode under way takes nothing that comes from another address'),
      RANDOM_COOKIES,
    ),
    must(
      'Date and time are part of what a cookie is made of, so that it is unique to an SA.',
      testsOf('sim/hostile.test.ts')(
        'a replay of a whole run after the retry window changes nothing and is not answered',
      ),
      RANDOM_COOKIES,
    ),
  ),
  ...section(
    '3.1',
    must(
      'The major version is sent as 1.',
      sent('has version 1.0, no flag but that of encryption, and its own length'),
    ),
    must('Old drafts send the major version 0.', OLD_DRAFTS),
    should(
      'A higher major version is never accepted.',
      header('ISAKMP header refuses other major versions, as IKEv2 is'),
      phase1('a Main Mode datagram of no negotiation that is known of another version is dropped'),
    ),
    must(
      'The minor version is sent as 0.',
      sent('has version 1.0, no flag but that of encryption, and its own length'),
    ),
    must('Old drafts send the minor version 1.', OLD_DRAFTS),
    should(
      'A higher minor version is never accepted.',
      header('ISAKMP header verify refuses a higher minor version'),
    ),
    must(
      'Flags that are not defined are sent as 0.',
      sent('has version 1.0, no flag but that of encryption, and its own length'),
    ),
    recommended(
      'Encryption begins as soon as it can.',
      sent('is encrypted from the header on once public values were exchanged, and in the clear before'),
    ),
    should(
      'Encryption begins after both ends have sent their public values.',
      sent('is encrypted from the header on once public values were exchanged, and in the clear before'),
    ),
    must(
      'The commit bit is reset after Phase 1.',
      sent('has version 1.0, no flag but that of encryption, and its own length'),
    ),
    must(
      'Who did not set the commit bit waits for the CONNECTED of who did.',
      committed('is satisfied by CONNECTED *'),
      departure(
        'A commit bit is honoured by the initiator alone',
        'for one retry window at most: nothing authenticates the bit',
      ),
    ),
    must(
      'That CONNECTED has the message ID of the exchange it is about.',
      committed('is satisfied by CONNECTED under the message ID of the Quick Mode'),
    ),
    must(
      'A Phase 2 Informational is sent under the protection of the ISAKMP SA.',
      sent('deletes under the Phase 1 SA, with SPIs of one protocol in each payload'),
      testsOf('daemon/informational.test.ts')(
        'an Informational in the clear changes no SA, whatever it says',
      ),
    ),
    must(
      'In Phase 1 the message ID is 0.',
      sent('has message ID 0 in Phase 1, and later one for each exchange'),
      phase1('a Main Mode datagram of no negotiation that is known with a message ID is dropped'),
    ),
  ),
  ...section(
    '3.4',
    mustNot(
      'No payload of a message is followed by a proposal or a transform: they stand inside the SA payload.',
      rules('message rules * refuses each payload that does not belong there'),
    ),
    must('An SA payload has a DOI.', sent('asks for the IPsec DOI and a situation of identities alone')),
    must(
      'An SA payload has a situation.',
      sent('asks for the IPsec DOI and a situation of identities alone'),
    ),
  ),
  ...section(
    '3.5',
    must(
      'A proposal is followed by a proposal or by nothing.',
      bounds('decoding of malformed chains refuses a proposal followed by a transform, and says where'),
    ),
    must(
      'The SPI of an ISAKMP proposal is ignored, whatever it is.',
      verify('verify accepts an ISAKMP proposal with a cookie as SPI'),
      offers('a Phase 1 offer may carry a cookie as its SPI, which is ignored'),
    ),
  ),
  ...section(
    '3.6',
    must(
      'A transform is followed by a transform or by nothing.',
      bounds('decoding of malformed chains refuses a transform followed by a proposal, and says where'),
    ),
    should(
      'Attributes have the format of section 3.3.',
      testsOf('services/isakmp/attributes.test.ts')('data attributes have the two forms of RFC 2408 3.3'),
    ),
  ),
  ...section(
    '3.8',
    must(
      'DOI-specific data of an identity that is not used is 0.',
      sent('identifies its sender once, encrypted, and its traffic in each Quick Mode, initiator first'),
    ),
  ),
  ...section(
    '3.9',
    should(
      'Certificates are sent where no directory has them.',
      certificates(
        'Main Mode with signatures brings the certificate of its sender, and asks for one under its root',
      ),
    ),
    must('A certificate is accepted at any point of an exchange.', NAMED_PLACES),
  ),
  ...section(
    '3.10',
    should(
      'Certificates are requested where no directory has them.',
      certificates(
        'Main Mode with signatures brings the certificate of its sender, and asks for one under its root',
      ),
    ),
    must('A request is accepted at any point of an exchange.', NAMED_PLACES),
    must(
      'A request is answered with the certificate, if there are any.',
      certificates(
        'Main Mode with signatures brings the certificate of its sender, and asks for one under its root',
      ),
    ),
    should(
      'Several certificates are requested with several payloads.',
      certificates('a request for certificates is one for each authority'),
    ),
    shouldNot(
      'A request for no particular authority names none.',
      certificates('a request for certificates names no authority when it is for none in particular'),
    ),
  ),
  ...section(
    '3.14',
    must(
      'The SPI of a notify about ISAKMP is ignored, whatever it is.',
      verify('verify accepts a notify with both cookies'),
    ),
  ),
  ...section(
    '3.15',
    must(
      'The SPIs of a Delete are of one protocol.',
      sent('deletes under the Phase 1 SA, with SPIs of one protocol in each payload'),
    ),
    mustNot(
      'Protocols are not mixed in a Delete.',
      sent('deletes under the Phase 1 SA, with SPIs of one protocol in each payload'),
    ),
  ),
  ...section(
    '3.16',
    mustNot(
      'Private payloads are not sent to a peer that has not sent the vendor ID for them.',
      rules('message rules * lets private payloads of others pass'),
      notOurs('none is sent'),
    ),
    must('Vendor IDs are sent in Phase 1 only.', sent('carries vendor IDs in Phase 1 only')),
    shouldNot(
      'To implement the extension of another vendor is not widespread.',
      notOurs('it binds the trade'),
    ),
    must(
      'A vendor ID is unique.',
      testsOf('services/isakmp/registries.test.ts')(
        'registries vendor IDs are the MD5 sums their documents define',
      ),
    ),
  ),
];
