/** RFC 3947, negotiation of NAT traversal. */
import {
  must,
  mustNot,
  notBuilt,
  notOurs,
  notRecommended,
  type RequirementDocument,
  section,
  should,
  shouldNot,
} from './requirement.js';

const NO_NAT_T = notBuilt('NAT traversal');

export const RFC_3947: RequirementDocument = {
  rfc: 3947,
  title: 'Negotiation of NAT-Traversal in the IKE',
  notCounted: 'Not counted: the list of key words in section 2.',
  keywords: {
    '3': { MUST: 3 },
    '3.1': { MUST: 2 },
    '4': { MUST: 11, SHOULD: 1 },
    '5.1': { SHOULD: 1, 'SHOULD NOT': 2 },
    '5.2': { MUST: 3, 'SHOULD NOT': 1 },
    '6': { 'MUST NOT': 1, SHOULD: 2 },
    '7': { SHOULD: 1, 'MUST NOT': 1 },
    '8': { 'NOT RECOMMENDED': 1, SHOULD: 1 },
  },
  requirements: [
    ...section(
      '3',
      must('A source port other than 500 is taken.', NO_NAT_T),
      must('The answer goes to where the message came from.', NO_NAT_T),
      must('What a responder begins goes to where the SA was last used from.', NO_NAT_T),
    ),
    ...section(
      '3.1',
      must('The vendor ID is sent in the first two messages.', NO_NAT_T),
      must('NAT traversal goes on when both ends have sent the vendor ID.', NO_NAT_T),
    ),
    ...section(
      '4',
      must('Behind a NAT the initiator changes ports with its ID payload.', NO_NAT_T),
      must('It changes both ports to 4500.', NO_NAT_T),
      must('All that follows goes to port 4500.', NO_NAT_T),
      must('The non-ESP marker stands before IKE on port 4500.', NO_NAT_T),
      must('The responder follows a valid message to the new port and address.', NO_NAT_T),
      must('All its answers go from port 4500 to the new port.', NO_NAT_T),
      must('It renews Phase 1 from port 4500 to the new port.', NO_NAT_T),
      must('A negotiation may begin on port 4500.', NO_NAT_T),
      should('Phase 1 messages of the same cookies on port 500 are old, and discarded.', NO_NAT_T),
      must('In Aggressive Mode too the responder follows to the new port.', NO_NAT_T),
      must('In Aggressive Mode too all its answers go from port 4500 to the new port.', NO_NAT_T),
      must('The port in the ID payload is 0.', NO_NAT_T),
    ),
    ...section(
      '5.1',
      should('With a NAT between the ends, SAs are encapsulated in UDP.', NO_NAT_T),
      shouldNot('Without one they are not.', NO_NAT_T),
      shouldNot('An offer does not have both ways.', NO_NAT_T),
    ),
    ...section(
      '5.2',
      must('In transport mode each end sends both original addresses.', NO_NAT_T),
      shouldNot('In tunnel mode neither sends them.', NO_NAT_T),
      must('The initiator sends them when it offers transport mode in UDP.', NO_NAT_T),
      must('The responder sends them only when it has chosen that.', NO_NAT_T),
    ),
    ...section(
      '6',
      mustNot('INITIAL-CONTACT does not remove SAs by address and port.', NO_NAT_T),
      should('It goes by the ID payload of the peer.', NO_NAT_T),
      should('It removes all SAs of the same ID payload.', NO_NAT_T),
    ),
    ...section(
      '7',
      should('An end that is not behind a NAT goes by the last valid packet of its peer.', NO_NAT_T),
      mustNot('An end behind a NAT does not.', NO_NAT_T),
    ),
    ...section(
      '8',
      notRecommended('Keys are shared by a group.', notOurs('it binds who makes the keys')),
      should('A change of the mapping can be audited.', NO_NAT_T),
    ),
  ],
};
