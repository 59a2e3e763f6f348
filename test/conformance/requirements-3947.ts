/** RFC 3947, negotiation of NAT traversal. */
import {
  must,
  mustNot,
  notBuilt,
  notOurs,
  notRecommended,
  type RequirementDocument,
  testsOf,
  section,
  should,
  shouldNot,
} from './requirement.js';

const udp = testsOf('adapters/udp/udp-sockets.test.ts');
const sim = testsOf('sim/nat-traversal.test.ts');
const several = testsOf('conformance/behind-one-nat.test.ts');
const nat = testsOf('conformance/through-a-nat.test.ts');

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
      must(
        'A source port other than 500 is taken.',
        nat('through a NAT what the responder begins goes from port 4500 to the port that was used last'),
        sim('a client behind a NAT is found there in main mode, and goes on at port 4500 from message 5'),
      ),
      must(
        'The answer goes to where the message came from.',
        nat('through a NAT what the responder begins goes from port 4500 to the port that was used last'),
        sim('a client behind a NAT is found there in main mode, and goes on at port 4500 from message 5'),
      ),
      must(
        'What a responder begins goes to where the SA was last used from.',
        nat('through a NAT what the responder begins goes from port 4500 to the port that was used last'),
      ),
    ),
    ...section(
      '3.1',
      must(
        'The vendor ID is sent in the first two messages.',
        nat('through a NAT both ends have said the vendor ID in their first messages'),
      ),
      must(
        'NAT traversal goes on when both ends have sent the vendor ID.',
        sim(
          'a client behind a NAT and a peer that knows only a draft, or no NAT traversal at all, still come to an SA',
        ),
      ),
    ),
    ...section(
      '4',
      must(
        'Behind a NAT the initiator changes ports with its ID payload.',
        sim('a client behind a NAT is found there in main mode, and goes on at port 4500 from message 5'),
      ),
      must(
        'It changes both ports to 4500.',
        sim('a client behind a NAT is found there in main mode, and goes on at port 4500 from message 5'),
      ),
      must(
        'All that follows goes to port 4500.',
        sim('a client behind a NAT is found there in main mode, and goes on at port 4500 from message 5'),
      ),
      must(
        'The non-ESP marker stands before IKE on port 4500.',
        udp(
          'the sockets of IKE and NAT-T, * send IKE as it is from the one, and behind four zeros from the other, with ESP and keepalives beside it',
        ),
      ),
      must(
        'The responder follows a valid message to the new port and address.',
        sim('a client behind a NAT is found there in main mode, and goes on at port 4500 from message 5'),
      ),
      must(
        'All its answers go from port 4500 to the new port.',
        nat('through a NAT what the responder begins goes from port 4500 to the port that was used last'),
      ),
      must('It renews Phase 1 from port 4500 to the new port.', notBuilt('renewal of Phase 1')),
      must(
        'A negotiation may begin on port 4500.',
        nat('a Main Mode that begins on port 4500 is answered there'),
      ),
      should(
        'Phase 1 messages of the same cookies on port 500 are old, and discarded.',
        testsOf('sim/hostile.test.ts')(
          'a replay of a whole run after the retry window changes nothing and is not answered',
        ),
        notBuilt('a look at the port; what is old is told by its cookies and its bytes'),
      ),
      must(
        'In Aggressive Mode too the responder follows to the new port.',
        sim(
          'a client behind a NAT is found there in aggressive mode, and goes on at port 4500 from message 3',
        ),
      ),
      must(
        'In Aggressive Mode too all its answers go from port 4500 to the new port.',
        sim(
          'a client behind a NAT is found there in aggressive mode, and goes on at port 4500 from message 3',
        ),
      ),
      must('The port in the ID payload is 0.', nat('through a NAT identities of Phase 1 name no port')),
    ),
    ...section(
      '5.1',
      should(
        'With a NAT between the ends, SAs are encapsulated in UDP.',
        nat('through a NAT SAs are offered in UDP and in no other way'),
        testsOf('services/proposal/phase2-agreement.test.ts')(
          'a Phase 2 transform goes in UDP where a NAT was found, by the numbers of the RFC or of the drafts, and only there',
        ),
      ),
      shouldNot(
        'Without one they are not.',
        testsOf('services/proposal/phase2-agreement.test.ts')(
          'a Phase 2 transform goes in UDP where a NAT was found, by the numbers of the RFC or of the drafts, and only there',
        ),
        sim('two ends without a NAT between them find none, and stay at port 500'),
      ),
      shouldNot(
        'An offer does not have both ways.',
        nat('through a NAT SAs are offered in UDP and in no other way'),
      ),
    ),
    ...section(
      '5.2',
      must(
        'In transport mode each end sends both original addresses.',
        nat('transport mode through a NAT tells both original addresses in messages 1 and 2 of Quick Mode'),
      ),
      shouldNot(
        'In tunnel mode neither sends them.',
        nat('through a NAT tunnel mode tells no original addresses'),
      ),
      must(
        'The initiator sends them when it offers transport mode in UDP.',
        nat('transport mode through a NAT tells both original addresses in messages 1 and 2 of Quick Mode'),
      ),
      must(
        'The responder sends them only when it has chosen that.',
        nat('transport mode through a NAT tells both original addresses in messages 1 and 2 of Quick Mode'),
        nat('through a NAT tunnel mode tells no original addresses'),
      ),
    ),
    ...section(
      '6',
      mustNot(
        'INITIAL-CONTACT does not remove SAs by address and port.',
        several(
          'two clients behind one NAT are told apart by their ports: the INITIAL-CONTACT of one leaves the SAs of the other',
        ),
      ),
      should(
        'It goes by the ID payload of the peer.',
        several(
          'two clients behind one NAT are told apart by their ports: the INITIAL-CONTACT of one leaves the SAs of the other',
        ),
        notBuilt('going by the ID payload alone: it must be the same, and the place too'),
      ),
      should(
        'It removes all SAs of the same ID payload.',
        testsOf('sim/changes.test.ts')(
          'an established tunnel is replaced when a peer that lost everything begins anew',
        ),
        notBuilt('going by the ID payload alone: it must be the same, and the place too'),
      ),
    ),
    ...section(
      '7',
      should(
        'An end that is not behind a NAT goes by the last valid packet of its peer.',
        several(
          'a client whose NAT gives it another port is followed there when an authentic message comes from it, and not for noise',
        ),
      ),
      mustNot(
        'An end behind a NAT does not.',
        nat(
          'through a NAT the end behind it stays with the place of the other, wherever a message seems to come from',
        ),
      ),
    ),
    ...section(
      '8',
      notRecommended('Keys are shared by a group.', notOurs('it binds who makes the keys')),
      should('A change of the mapping can be audited.', notBuilt('an event for it')),
    ),
  ],
};
