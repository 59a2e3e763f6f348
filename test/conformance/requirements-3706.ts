/** RFC 3706, dead peer detection. */
import {
  must,
  notBuilt,
  type RequirementDocument,
  section,
  should,
  shouldNot,
  testsOf,
} from './requirement.js';

const query = (title: string) =>
  testsOf('conformance/dead-peer.test.ts')(`a query whether the peer is there ${title}`);

export const RFC_3706: RequirementDocument = {
  rfc: 3706,
  title: 'A Traffic-Based Method of Detecting Dead IKE Peers',
  notCounted: 'Not counted: the list of key words in section 1.',
  keywords: {
    '5.1': { MUST: 2 },
    '5.2': { MUST: 2 },
    '5.3': { MUST: 6, SHOULD: 3 },
    '5.4': { SHOULD: 4, 'SHOULD NOT': 1, MUST: 1 },
    '6.1': { MUST: 2, SHOULD: 3 },
    '6.2': { MUST: 3, SHOULD: 3 },
  },
  requirements: [
    ...section(
      '5.1',
      must(
        'Both ends send the vendor ID before any query.',
        query('is announced by the vendor ID of both ends'),
        query('is sent to nobody who has not said it'),
      ),
      must(
        'Who wants to take part sends the vendor ID.',
        query('is announced by the vendor ID of both ends'),
      ),
    ),
    ...section(
      '5.2',
      must('Who has sent the vendor ID answers R-U-THERE.', query('is answered with its own number')),
      must(
        'R-U-THERE and R-U-THERE-ACK that are not encrypted are rejected.',
        query('is rejected when it is not encrypted, and so is an answer'),
      ),
    ),
    ...section(
      '5.3',
      must(
        'R-U-THERE has the form that is given there.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
      should(
        'Its DOI is that of IPsec.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
      must(
        'Its protocol is ISAKMP.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
      should(
        'Its SPI has 16 bytes.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
      must(
        'Its type is R-U-THERE.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
      should(
        'Its SPI is the cookies of the SA, the initiator first.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
      must(
        'Its data is the sequence number.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
      must('The type of the answer is R-U-THERE-ACK.', query('is answered with its own number')),
      must(
        'The data of the answer is the sequence number of the query.',
        query('is answered with its own number'),
      ),
    ),
    ...section(
      '5.4',
      should(
        'A peer is asked only by who wants to know whether it lives.',
        query('is sent by nobody while packets come back, nor soon after'),
      ),
      should('Traffic is proof of life.', query('is sent by nobody while packets come back, nor soon after')),
      shouldNot(
        'While traffic is exchanged nobody asks.',
        query('is sent by nobody while packets come back, nor soon after'),
      ),
      must(
        'Who has asked keeps track of whether the answer came.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
        query('that is answered keeps everything as it is'),
      ),
      should(
        'A query without an answer is repeated.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
      should(
        'A peer that answers none of several is taken for dead, and its SAs are deleted.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
    ),
    ...section(
      '6.1',
      must(
        'Every query has a sequence number of 32 bits.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
      must('The answer has the same number.', query('is answered with its own number')),
      should('The number of an answer is checked.', query('is not answered by a number that was not asked')),
      should(
        'An answer of another number is rejected.',
        query('is not answered by a number that was not asked'),
      ),
      should(
        'The cookies in query and answer are checked.',
        notBuilt('a look at them: the SA that protects the message is the one that it is about'),
      ),
    ),
    ...section(
      '6.2',
      must(
        'Each end numbers its own queries.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
        query('of an old number is rejected'),
      ),
      must('The first number is random.', query('begins at another number each time')),
      should(
        'The highest bit of the first number is zero.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
      must(
        'Each further query has the next number.',
        query('is sent to who does not answer, again with the next number, until it is taken for dead'),
      ),
      should("The peer's number is remembered.", query('of an old number is rejected')),
      should(
        'A query of a number that is not expected is rejected.',
        query('of an old number is rejected'),
        notBuilt('rejection of higher numbers: queries before it may have been lost'),
      ),
    ),
  ],
};
