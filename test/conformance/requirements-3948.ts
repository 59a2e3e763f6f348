/** RFC 3948, ESP in UDP. */
import {
  must,
  mustNot,
  notBuilt,
  notOurs,
  recommended,
  type RequirementDocument,
  section,
  should,
  testsOf,
} from './requirement.js';

const saLife = testsOf('adapters/kernel/embedded/sa-life.test.ts');

const NO_NAT_T = notBuilt('NAT traversal');
const UDP_SOCKETS = notOurs('the operating system makes and checks the UDP checksums of an ordinary socket');

export const RFC_3948: RequirementDocument = {
  rfc: 3948,
  title: 'UDP Encapsulation of IPsec ESP Packets',
  notCounted:
    'Not counted: the list of key words in section 1, and section 8.2, which repeats what sections 5.1 and 5.2 demand.',
  keywords: {
    '1': { MUST: 2, 'MUST NOT': 1 },
    '2.1': { MUST: 1, SHOULD: 1, 'MUST NOT': 2 },
    '2.3': { MUST: 2, SHOULD: 2, 'MUST NOT': 1 },
    '3.1.1': { MUST: 1 },
    '3.1.2': { MUST: 2, SHOULD: 1 },
    '4': { 'MUST NOT': 1, SHOULD: 1 },
    '5.1': { MUST: 1, RECOMMENDED: 1 },
    '5.2': { MUST: 1, 'MUST NOT': 1 },
  },
  requirements: [
    ...section(
      '1',
      must('Clients of L2TP support the modes of RFC 3193.', notOurs('there is no L2TP here')),
      must('Clients of tunnel mode support tunnel mode.', NO_NAT_T),
      mustNot('No SA has the SPI 0.', saLife('SAs are refused with a reserved SPI')),
    ),
    ...section(
      '2.1',
      must('ESP in UDP has the ports of IKE.', NO_NAT_T),
      should('The UDP checksum is sent as zero over IPv4.', UDP_SOCKETS),
      mustNot('The receiver does not depend on a zero checksum.', UDP_SOCKETS),
      mustNot('The SPI of a packet is not zero.', saLife('SAs are refused with a reserved SPI')),
    ),
    ...section(
      '2.3',
      must('A keepalive has the ports of ESP in UDP.', NO_NAT_T),
      should('Its UDP checksum is sent as zero over IPv4.', UDP_SOCKETS),
      mustNot('Its receiver does not depend on a zero checksum.', UDP_SOCKETS),
      must('It is one byte, 0xFF.', NO_NAT_T),
      should('A keepalive that is received is ignored.', NO_NAT_T),
    ),
    ...section(
      '3.1.1',
      must('In tunnel mode policy decides what becomes of inner source addresses.', NO_NAT_T),
    ),
    ...section(
      '3.1.2',
      must('In transport mode policy decides how TCP and UDP checksums are mended.', NO_NAT_T),
      should('Checksums are skipped only in transport mode and under integrity protection.', NO_NAT_T),
      must('TCP checksums in tunnel mode are verified.', notOurs('the hosts behind the gateway verify them')),
    ),
    ...section(
      '4',
      mustNot('A keepalive is no sign of life.', NO_NAT_T),
      should('A keepalive is sent when nothing else was for 20 seconds.', NO_NAT_T),
    ),
    ...section(
      '5.1',
      must('Several clients of the same inner address behind NATs are not confused.', NO_NAT_T),
      recommended(
        'A gateway gives such clients unique addresses.',
        notOurs('it binds who plans the network: DHCP and NAT behind the gateway'),
      ),
    ),
    ...section(
      '5.2',
      must(
        'Transport SAs of several clients behind one NAT whose traffic overlaps are dealt with.',
        NO_NAT_T,
      ),
      mustNot('On a server such traffic is not mixed up.', NO_NAT_T),
    ),
  ],
};
