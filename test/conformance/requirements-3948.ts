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

const udp = testsOf('adapters/udp/udp-sockets.test.ts');
const sim = testsOf('sim/nat-traversal.test.ts');

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
      must(
        'Clients of tunnel mode support tunnel mode.',
        sim('a client behind a NAT is found there in main mode, and goes on at port 4500 from message 5'),
      ),
      mustNot('No SA has the SPI 0.', saLife('SAs are refused with a reserved SPI')),
    ),
    ...section(
      '2.1',
      must(
        'ESP in UDP has the ports of IKE.',
        udp(
          'the sockets of IKE and NAT-T, * send IKE as it is from the one, and behind four zeros from the other, with ESP and keepalives beside it',
        ),
      ),
      should('The UDP checksum is sent as zero over IPv4.', UDP_SOCKETS),
      mustNot('The receiver does not depend on a zero checksum.', UDP_SOCKETS),
      mustNot('The SPI of a packet is not zero.', saLife('SAs are refused with a reserved SPI')),
    ),
    ...section(
      '2.3',
      must(
        'A keepalive has the ports of ESP in UDP.',
        sim(
          'a client behind a NAT keeps its mapping open with one byte every 20 seconds, and the other end sends none',
        ),
      ),
      should('Its UDP checksum is sent as zero over IPv4.', UDP_SOCKETS),
      mustNot('Its receiver does not depend on a zero checksum.', UDP_SOCKETS),
      must(
        'It is one byte, 0xFF.',
        sim(
          'a client behind a NAT keeps its mapping open with one byte every 20 seconds, and the other end sends none',
        ),
      ),
      should(
        'A keepalive that is received is ignored.',
        udp('the sockets of IKE and NAT-T, * tell IKE, ESP and keepalives apart, and ignore the last'),
      ),
    ),
    ...section(
      '3.1.1',
      must(
        'In tunnel mode policy decides what becomes of inner source addresses.',
        testsOf('adapters/kernel/embedded/inbound.test.ts')(
          'what comes out of ESP is dropped when it is a source outside the SA',
        ),
      ),
    ),
    ...section(
      '3.1.2',
      must(
        'In transport mode policy decides how TCP and UDP checksums are mended.',
        notBuilt(
          'the mending of checksums in the embedded kernel; the original addresses are there for a kernel that does it',
        ),
      ),
      should(
        'Checksums are skipped only in transport mode and under integrity protection.',
        notOurs('none is skipped'),
      ),
      must('TCP checksums in tunnel mode are verified.', notOurs('the hosts behind the gateway verify them')),
    ),
    ...section(
      '4',
      mustNot(
        'A keepalive is no sign of life.',
        udp('the sockets of IKE and NAT-T, * tell IKE, ESP and keepalives apart, and ignore the last'),
      ),
      should(
        'A keepalive is sent when nothing else was for 20 seconds.',
        sim(
          'a client behind a NAT keeps its mapping open with one byte every 20 seconds, and the other end sends none',
        ),
      ),
    ),
    ...section(
      '5.1',
      must(
        'Several clients of the same inner address behind NATs are not confused.',
        notBuilt('clients of one inner address: the policy names each pair of networks once'),
      ),
      recommended(
        'A gateway gives such clients unique addresses.',
        notOurs('it binds who plans the network: DHCP and NAT behind the gateway'),
      ),
    ),
    ...section(
      '5.2',
      must(
        'Transport SAs of several clients behind one NAT whose traffic overlaps are dealt with.',
        notBuilt('several clients in transport mode behind one NAT: the newest SA is used for sending'),
      ),
      mustNot(
        'On a server such traffic is not mixed up.',
        notBuilt('several clients in transport mode behind one NAT: the newest SA is used for sending'),
      ),
    ),
  ],
};
