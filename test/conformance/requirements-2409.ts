/** RFC 2409, the Internet Key Exchange. */
import { PHASE2 } from './requirements-2409-phase2.js';
import {
  departure,
  must,
  mustNot,
  notBuilt,
  type RequirementDocument,
  section,
  should,
  testsOf,
} from './requirement.js';
import {
  aggressive,
  certificates,
  certified,
  dh,
  offers,
  quick,
  received,
  rsa,
  rules,
  sent,
  suites,
  tunnel,
  verify,
} from './shown.js';

const captured = testsOf('services/keymat/captured-negotiations.test.ts');
const symmetric = testsOf('adapters/crypto/symmetric.test.ts');

const NO_NEW_GROUP = notBuilt('New Group Mode; the groups of RFC 3526 and RFC 5903 leave nothing for it');
const NO_REVISED = notBuilt('the revised mode; no rule can ask for it, and an offer of it is refused');

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
      should(
        'DSS signatures are supported.',
        certified('builds a tunnel by dss_sig in * mode with identities of type *'),
      ),
      should(
        'RSA signatures are supported.',
        certified('builds a tunnel by rsa_sig in * mode with identities of type *'),
      ),
      should(
        'RSA encryption is supported.',
        certified('builds a tunnel by rsa_encrypt in * mode with identities of type *'),
      ),
      should(
        'Group 2 is supported.',
        suites('suites *: 3des-md5-modp1024, ESP 3des-md5, tunnel'),
        dh('Diffie-Hellman group 2: the public value is 2^x mod p'),
      ),
      must(
        'With the IPsec DOI the modes of this RFC are implemented.',
        tunnel,
        aggressive('builds a tunnel in six messages, by addresses'),
        notBuilt('New Group Mode; the others are there'),
      ),
    ),
    ...section(
      '5',
      must('Main Mode is implemented.', tunnel, suites('suites *')),
      should('Aggressive Mode is implemented.', aggressive('builds a tunnel in six messages, by addresses')),
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
        certificates(
          'Main Mode with signatures brings the certificate of its sender, and asks for one under its root',
        ),
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
        rsa('RSA signatures of * bits hold the hash in a type 1 block without DigestInfo'),
        rsa('RSA signatures made by arithmetic are taken'),
      ),
      must(
        'A DSS signature is r followed by s.',
        testsOf('adapters/crypto/dss.test.ts')('DSS * bits takes what arithmetic signed under * bytes'),
      ),
    ),
    ...section(
      '5.2',
      must(
        'The bodies of nonce and identity are encrypted with the public key of the peer.',
        certified('builds a tunnel by rsa_encrypt in * mode with identities of type *'),
        rules('message rules main-mode 3, rsa_encrypt, clear *'),
      ),
      must(
        'RSA encryption is that of PKCS #1.',
        rsa('RSA encryption makes a type 2 block, every time another one'),
        rsa('RSA decryption takes what arithmetic made'),
      ),
    ),
    ...section(
      '5.3',
      must('A HASH that names the certificate stands first.', NO_REVISED),
      must('The encrypted nonce follows that HASH.', NO_REVISED),
      must('Without that HASH the encrypted nonce stands first.', NO_REVISED),
      must('The ephemeral keys are discarded after use.', NO_REVISED),
      must('All that follows the nonce is encrypted with the ephemeral key of its direction.', NO_REVISED),
    ),
    ...PHASE2,
  ],
};
