/** RFC 2409, the Internet Key Exchange. */
import {
  departure,
  must,
  mustNot,
  notBuilt,
  notOurs,
  type RequirementDocument,
  section,
  should,
  shouldNot,
  testsOf,
} from './requirement.js';
import { dh, offers, quick, received, rules, sent, suites, tunnel, verify } from './shown.js';

const captured = testsOf('services/keymat/captured-negotiations.test.ts');
const symmetric = testsOf('adapters/crypto/symmetric.test.ts');

const NO_NEW_GROUP = notBuilt('New Group Mode; the groups of RFC 3526 and RFC 5903 leave nothing for it');
const NO_RC5 = notOurs('RC5 is neither offered nor accepted');
const NO_REVISED = notBuilt('the revised mode; no rule can ask for it, and an offer of it is refused');
const NO_EC2N = notBuilt('curves over GF[2^N]: the cryptography of Node has none, and ike.config names none');

export const RFC_2409: RequirementDocument = {
  rfc: 2409,
  title: 'The Internet Key Exchange (IKE)',
  notCounted: 'Not counted: the list of key words in section 3.1.',
  keywords: {
    '3.2': { MUST: 3 },
    '3.3': { 'MUST NOT': 2 },
    '4': { MUST: 8, 'MUST NOT': 2, SHOULD: 1 },
    '5': { MUST: 7, SHOULD: 2, 'MUST NOT': 5 },
    '5.1': { MUST: 2 },
    '5.2': { MUST: 2 },
    '5.3': { MUST: 5 },
    '5.5': { MUST: 8, SHOULD: 1 },
    '5.6': { 'MUST NOT': 1, MUST: 3 },
    '5.7': { 'MUST NOT': 1 },
    '6.1': { MUST: 1 },
    '6.2': { SHOULD: 1 },
    '6.3': { SHOULD: 1 },
    '6.4': { SHOULD: 1 },
    '7.1': { MUST: 1 },
    '10': { MUST: 1, 'SHOULD NOT': 1 },
    A: { 'MUST NOT': 2, MUST: 1 },
    B: { MUST: 6 },
  },
  requirements: [
    ...section(
      '3.2',
      must(
        'A responder answers several proposals with one.',
        sent('chooses one proposal with one transform, and keeps the numbers and attributes of the offer'),
        rules('message rules want a choice to be one proposal with one transform each (RFC 2408 4.2)'),
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
      '3.3',
      mustNot(
        'With PFS the key of one SA is not used to derive another.',
        testsOf('services/keymat/keymat.test.ts')(
          'keys of IPsec SAs are right with *: ESP with perfect forward secrecy',
        ),
        captured('captured negotiations of strongSwan main-psk-tunnel-pfs.json the keys of every IPsec SA'),
      ),
      mustNot(
        'With PFS what such a key was derived from derives nothing else.',
        sent('carries public values as long as the group and nonces as long as configured, never one twice'),
        dh('Diffie-Hellman leaves no key behind but those it returns'),
      ),
    ),
    ...section(
      '4',
      must(
        'Main Mode and Aggressive Mode are for Phase 1 only.',
        rules('message rules refuse an SA of the other phase'),
      ),
      must(
        'Quick Mode is for Phase 2 only.',
        quick('message 1 of a Quick Mode under an SA that nobody knows is dropped, and begins nothing'),
        rules('message rules refuse an SA of the other phase'),
      ),
      must('New Group Mode is used after Phase 1 only.', NO_NEW_GROUP),
      mustNot(
        'The cookies of an SA do not change places, whoever begins an exchange under it.',
        sent('names the SA by the cookies in the same order, whichever end begins an exchange'),
        testsOf('interop/lifecycle.interop.ts')(
          'life after Phase 1 a Quick Mode from each end over one Phase 1',
        ),
      ),
      must(
        'Cipher, hash, authentication method and group are negotiated.',
        sent('offers Phase 1 as numbered transforms of one proposal, in the order of the rule'),
        offers(
          'a Phase 1 offer may have transforms that lack an attribute that must be negotiated, which are passed over',
        ),
      ),
      must(
        'The hash has a native and an HMAC mode.',
        symmetric('symmetric cryptography * and its HMAC give the published answers, in one part or many'),
      ),
      must(
        'The group is named, or described by all its attributes.',
        sent('describes no group by its numbers where it names one'),
        offers('a Phase 1 offer may describe its group by numbers, which no rule accepts'),
      ),
      mustNot(
        'A group that is named is not described as well.',
        sent('describes no group by its numbers where it names one'),
      ),
      must(
        'DES in CBC mode with a check for weak keys is supported.',
        testsOf('sim/algorithms.test.ts')('Phase 1 with des and * brings up a tunnel'),
        symmetric('symmetric cryptography DES gives the published answer, both ways'),
        departure('Weak DES keys are not skipped', 'the check is not made'),
      ),
      must(
        'MD5 is supported.',
        suites('suites *: 3des-md5-modp1024, ESP 3des-md5, tunnel'),
        testsOf('services/keymat/phase1-keys.test.ts')('Phase 1 keys are right with md5 for every cipher'),
      ),
      must(
        'SHA is supported.',
        suites('suites *: aes128-sha1-modp2048, ESP aes128-sha1, transport'),
        testsOf('services/keymat/phase1-keys.test.ts')('Phase 1 keys are right with sha1 for every cipher'),
      ),
      must(
        'Pre-shared keys are supported.',
        tunnel,
        suites('suites *: 3des-md5-modp1024, ESP 3des-md5, tunnel'),
      ),
      must(
        'Group 1 is supported.',
        suites('suites *: 3des-sha1-modp768, ESP null-sha1, tunnel'),
        dh('Diffie-Hellman group 1: the public value is 2^x mod p'),
      ),
      should(
        '3DES is supported.',
        suites('suites *: 3des-md5-modp1024, ESP 3des-md5, tunnel'),
        symmetric('symmetric cryptography 3DES, block * gives the published answer, both ways'),
      ),
      should(
        'Tiger is supported.',
        notBuilt('no peer offers it, ike.config cannot name it, and OpenSSL does not have it'),
      ),
      should('DSS signatures are supported.', notBuilt('authentication with certificates')),
      should('RSA signatures are supported.', notBuilt('authentication with certificates')),
      should('RSA encryption is supported.', notBuilt('authentication with certificates')),
      should(
        'Group 2 is supported.',
        suites('suites *: 3des-md5-modp1024, ESP 3des-md5, tunnel'),
        dh('Diffie-Hellman group 2: the public value is 2^x mod p'),
      ),
      must(
        'With the IPsec DOI the modes of this RFC are implemented.',
        tunnel,
        notBuilt('New Group Mode and Aggressive Mode; the others are there'),
      ),
    ),
    ...section(
      '5',
      must('Main Mode is implemented.', tunnel, suites('suites *')),
      should('Aggressive Mode is implemented.', notBuilt('Aggressive Mode')),
      must('Quick Mode is implemented.', tunnel, suites('suites *')),
      should('New Group Mode is implemented.', NO_NEW_GROUP),
      mustNot(
        'An exchange does not go on as one of another type.',
        received('a message with the cookies of a Main Mode does not go on with it as one of *'),
      ),
      must(
        'In Phase 1 the SA payload comes first.',
        sent('begins with the SA in Phase 1, and with HASH and SA in Quick Mode'),
        rules('message rules main-mode 1, any method, clear wants its beginning at the beginning'),
      ),
      must(
        'A public value has the length of its group, padded with zeros in front.',
        dh('Diffie-Hellman leading zeros of a public value stay in group *'),
        dh(
          "Diffie-Hellman a peer's public value of group * must lie between 1 and p - 1 and have the length of p",
        ),
      ),
      must(
        'A nonce has 8 to 256 bytes.',
        sent('carries public values as long as the group and nonces as long as configured, never one twice'),
        verify('verify refuses a nonce of 7 bytes'),
        verify('verify refuses a nonce of 257 bytes'),
      ),
      mustNot(
        'A certificate request does not make an exchange longer.',
        rules('message rules know no message beyond the last'),
      ),
      must(
        'Several Phase 1 offers are transforms of one proposal in one SA payload.',
        sent('offers Phase 1 as numbered transforms of one proposal, in the order of the rule'),
      ),
      mustNot(
        'A Phase 1 SA payload has no more than one proposal.',
        verify('verify refuses two Phase 1 proposals'),
      ),
      mustNot(
        'Phase 1 has no more than one SA payload.',
        rules(
          'message rules main-mode 1, any method, clear counts each payload that may be there so often only',
        ),
      ),
      mustNot(
        'A responder does not change the attributes of what it chooses, encoding excepted.',
        offers('a Phase 1 offer is answered with the transform that is accepted, as it was offered'),
        offers('a Quick Mode offer is answered with the transform that is accepted, as it was offered'),
      ),
      must(
        'An answer with changed attributes is rejected.',
        received('a Main Mode fails with bad-phase1-choice at east when the choice was not offered'),
      ),
    ),
    ...section(
      '5.1',
      must(
        'An RSA signature is a PKCS #1 private key encryption of the hash, without its OID.',
        notBuilt('authentication with certificates'),
      ),
      must('A DSS signature is r followed by s.', notBuilt('authentication with certificates')),
    ),
    ...section(
      '5.2',
      must(
        'The bodies of nonce and identity are encrypted with the public key of the peer.',
        notBuilt('authentication with certificates'),
      ),
      must('RSA encryption is that of PKCS #1.', notBuilt('authentication with certificates')),
    ),
    ...section(
      '5.3',
      must('A HASH that names the certificate stands first.', NO_REVISED),
      must('The encrypted nonce follows that HASH.', NO_REVISED),
      must('Without that HASH the encrypted nonce stands first.', NO_REVISED),
      must('The ephemeral keys are discarded after use.', NO_REVISED),
      must('All that follows the nonce is encrypted with the ephemeral key of its direction.', NO_REVISED),
    ),
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
  ],
};
