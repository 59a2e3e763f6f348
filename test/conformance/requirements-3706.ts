/** RFC 3706, dead peer detection. */
import { must, notBuilt, type RequirementDocument, section, should, shouldNot } from './requirement.js';

const NO_DPD = notBuilt('dead peer detection');

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
      must('Both ends send the vendor ID before any query.', NO_DPD),
      must('Who wants to take part sends the vendor ID.', NO_DPD),
    ),
    ...section(
      '5.2',
      must('Who has sent the vendor ID answers R-U-THERE.', NO_DPD),
      must('R-U-THERE and R-U-THERE-ACK that are not encrypted are rejected.', NO_DPD),
    ),
    ...section(
      '5.3',
      must('R-U-THERE has the form that is given there.', NO_DPD),
      should('Its DOI is that of IPsec.', NO_DPD),
      must('Its protocol is ISAKMP.', NO_DPD),
      should('Its SPI has 16 bytes.', NO_DPD),
      must('Its type is R-U-THERE.', NO_DPD),
      should('Its SPI is the cookies of the SA, the initiator first.', NO_DPD),
      must('Its data is the sequence number.', NO_DPD),
      must('The type of the answer is R-U-THERE-ACK.', NO_DPD),
      must('The data of the answer is the sequence number of the query.', NO_DPD),
    ),
    ...section(
      '5.4',
      should('A peer is asked only by who wants to know whether it lives.', NO_DPD),
      should('Traffic is proof of life.', NO_DPD),
      shouldNot('While traffic is exchanged nobody asks.', NO_DPD),
      must('Who has asked keeps track of whether the answer came.', NO_DPD),
      should('A query without an answer is repeated.', NO_DPD),
      should('A peer that answers none of several is taken for dead, and its SAs are deleted.', NO_DPD),
    ),
    ...section(
      '6.1',
      must('Every query has a sequence number of 32 bits.', NO_DPD),
      must('The answer has the same number.', NO_DPD),
      should('The number of an answer is checked.', NO_DPD),
      should('An answer of another number is rejected.', NO_DPD),
      should('The cookies in query and answer are checked.', NO_DPD),
    ),
    ...section(
      '6.2',
      must('Each end numbers its own queries.', NO_DPD),
      must('The first number is random.', NO_DPD),
      should('The highest bit of the first number is zero.', NO_DPD),
      must('Each further query has the next number.', NO_DPD),
      should("The peer's number is remembered.", NO_DPD),
      should('A query of a number that is not expected is rejected.', NO_DPD),
    ),
  ],
};
