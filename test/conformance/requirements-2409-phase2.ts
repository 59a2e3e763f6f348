/** RFC 2409 from Quick Mode on: Phase 2, groups, and the appendices. */
import {
  departure,
  must,
  mustNot,
  notBuilt,
  notOurs,
  type Requirement,
  section,
  should,
  shouldNot,
  testsOf,
} from './requirement.js';
import { dh, offers, quick, received, rules, sent, suites, tunnel } from './shown.js';

const NO_NEW_GROUP = notBuilt('New Group Mode; the groups of RFC 3526 and RFC 5903 leave nothing for it');
const NO_RC5 = notOurs('RC5 is neither offered nor accepted');
const NO_EC2N = notBuilt('curves over GF[2^N]: the cryptography of Node has none, and ike.config names none');
const captured = testsOf('services/keymat/captured-negotiations.test.ts');

export const PHASE2: readonly Requirement[] = [
  ...section(
    '5.5',
    must(
      'Quick Mode is protected by the ISAKMP SA.',
      sent('is encrypted from the header on once public values were exchanged, and in the clear before'),
      quick('message 1 of a Quick Mode in the clear is dropped, and begins nothing'),
    ),
    must(
      'HASH comes right behind the header.',
      sent('begins with the SA in Phase 1, and with HASH and SA in Quick Mode'),
      rules('message rules quick-mode 1, any method, encrypted wants its beginning at the beginning'),
    ),
    must(
      'SA comes right behind HASH.',
      sent('begins with the SA in Phase 1, and with HASH and SA in Quick Mode'),
      rules('message rules want the SA right after the HASH in Quick Mode'),
    ),
    must('A key exchange in Quick Mode is supported.', suites('suites *, tunnel, PFS modp2048')),
    must(
      'A negotiator for others names their identities, the initiator first.',
      sent('identifies its sender once, encrypted, and its traffic in each Quick Mode, initiator first'),
      rules('message rules want both Quick Mode identities or none (RFC 2409 5.5)'),
    ),
    should(
      'Identities that are not acceptable are answered with INVALID-ID-INFORMATION.',
      offers(
        'a Quick Mode offer for identities that no policy covers is answered with INVALID-ID-INFORMATION',
      ),
    ),
    must(
      'With a key exchange every transform names the same group.',
      sent(
        'offers Phase 2 as numbered proposals in the order of the policy, with one SPI and the PFS group in each transform',
      ),
      offers(
        'a Quick Mode offer must name the same PFS group in every transform, and bring a public value with it',
      ),
    ),
    must(
      'Identities apply to every SA of the negotiation.',
      departure('One SA payload per Quick Mode', 'there is only one pair of SAs for them to apply to'),
    ),
    must(
      'The keying material is used with the SA that was negotiated.',
      captured('captured negotiations of strongSwan * the keys of every IPsec SA'),
      tunnel,
    ),
  ),
  ...section(
    '5.6',
    mustNot('New Group Mode is not used before there is an ISAKMP SA.', NO_NEW_GROUP),
    must('The description of a new group follows Phase 1.', NO_NEW_GROUP),
    must('Private groups have numbers from 2^15 on.', NO_NEW_GROUP),
    must('A group that is not acceptable is answered with ATTRIBUTES-NOT-SUPPORTED.', NO_NEW_GROUP),
  ),
  ...section(
    '5.7',
    mustNot(
      'An Informational does not have the message ID of the exchange that it is about.',
      sent('has message ID 0 in Phase 1, and later one for each exchange'),
    ),
  ),
  ...section(
    '6.1',
    must(
      'The first Oakley group is supported.',
      dh('Diffie-Hellman group 1: the public value is 2^x mod p'),
      suites('suites *: 3des-sha1-modp768, ESP null-sha1, tunnel'),
    ),
  ),
  ...section(
    '6.2',
    should(
      'The second Oakley group is supported.',
      dh('Diffie-Hellman group 2: the public value is 2^x mod p'),
      suites('suites *: 3des-md5-modp1024, ESP 3des-md5, tunnel'),
    ),
  ),
  ...section('6.3', should('The third Oakley group is supported.', NO_EC2N)),
  ...section('6.4', should('The fourth Oakley group is supported.', NO_EC2N)),
  ...section(
    '7.1',
    must(
      'A responder answers several proposals with one.',
      sent('chooses one proposal with one transform, and keeps the numbers and attributes of the offer'),
    ),
  ),
  ...section(
    '10',
    must(
      'For PFS of identities an ISAKMP SA makes one other SA only.',
      notOurs('PFS of identities is not offered: no rule can ask for it'),
    ),
    shouldNot(
      'The running IV does not change until a message is known to advance the exchange.',
      received('an encrypted message * that makes no sense leaves the IV where it was'),
      testsOf('sim/single-mishaps.test.ts')('a message of nine * doubled'),
    ),
  ),
  ...section(
    'A',
    mustNot(
      'Basic attributes are not written as variable ones.',
      sent('writes basic attributes as basic ones, each duration behind its type'),
    ),
    must(
      'A key length is in network byte order.',
      testsOf('services/isakmp/attributes.test.ts')('data attributes have the two forms of RFC 2408 3.3'),
    ),
    mustNot(
      'A cipher of one key length names none.',
      sent('names a key length only for ciphers that have several'),
    ),
  ),
  ...section(
    'B',
    must(
      'How a cipher of a service uses its key and IV is defined by that service.',
      notOurs('it binds the authors of AH and ESP transforms'),
    ),
    must(
      'The service makes a suitable key of the keying material.',
      testsOf('services/keymat/keymat.test.ts')(
        'keys of IPsec SAs are right with *: ESP, encryption key first',
      ),
      testsOf('adapters/kernel/embedded/sa-life.test.ts')('SAs are refused with a weak 3des key'),
    ),
    must(
      'The length in the header counts the padding.',
      sent('is padded to the block of the cipher with zeros, which its length counts'),
    ),
    must(
      'The IV of a message is the last ciphertext block of the one before it.',
      captured(
        'captured negotiations of strongSwan * every message decrypts under the IV of its exchange, and encrypts to the same bytes',
      ),
    ),
    must('RC5 has 16 rounds.', NO_RC5),
    must('RC5 has blocks of 64 bits.', NO_RC5),
  ),
];
