/**
 * The IPsec SAs of one Quick Mode, from installation to their end: renewal at the soft limit, with old and new SAs side
 * by side, and Delete (RFC 2408 3.15) once the new ones carry the traffic.
 *
 * The end that made the SAs renews them; the other waits its turn, and does it if nothing came. The end that renewed
 * deletes the old SAs. When both renew at once, one of the two new pairs yields (services/exchange/rivals.ts). SAs whose
 * end cannot be told to the peer stay to their own: it would keep its halves.
 *
 * SAs of an earlier run that did not end well are `adopted`: they carry traffic as they did, but with that run went the
 * keys under which the peer could be asked or told anything. So they are renewed soon, which makes a Phase 1 SA first.
 */
import {
  hearsOf,
  ownNegotiation,
  standing,
  STANDING_INSPECTABLE,
  standingContext,
  standingOutput,
} from './standing.js';

const ENDING = 'the SAs are on their way out';
const ONCE = 'a soft limit is told once';
const NONE = 'they have no successor';
const NO_END = 'they are not about to end';
const AT_THE_START = 'only what an earlier run left behind is adopted, before anything else befalls it';
const OF_ANOTHER_TIME = 'what an earlier run made was not made at once with anything';
const UNAWAITED = 'nothing waits for that now';
/** Not adopted, or adopted no more. */
const GROWN = { ADOPT: AT_THE_START, SPOKEN_FOR: UNAWAITED };

export const ipsecSa = standing.createMachine({
  id: 'ipsec-sa',
  description: 'The IPsec SAs of one Quick Mode.',
  meta: {
    inspect: STANDING_INSPECTABLE,
    events: hearsOf(
      'SOFT_LIMIT',
      'HARD_LIMIT',
      'YIELD',
      'SUCCESSOR',
      'SUCCESSOR_LOST',
      'UNSPOKEN_FOR',
      'ADOPT',
      'SPOKEN_FOR',
      'DELETED_IN_KERNEL',
      'PEER_DELETED',
      'PEER_REPLACED',
      'FORGET',
    ),
  },
  context: standingContext,
  output: standingOutput,
  initial: 'standing',
  states: {
    standing: {
      description: 'The SAs are in the kernel, in both directions.',
      initial: 'idle',
      on: {
        // The peer counts its own lifetime, which may be longer: it is told once, if it can be.
        HARD_LIMIT: { target: 'gone', actions: ['noteReason', 'announceEnd'] },
        FORGET: { target: 'gone', actions: 'noteReason' },
        // The peer must not go on sending under the partner of one that is not there.
        DELETED_IN_KERNEL: { target: 'deleting', actions: ['noteReason', 'startCounting'] },
        PEER_DELETED: { target: 'gone', actions: 'noteReason' },
        PEER_REPLACED: { target: 'draining', actions: 'noteReason' },
      },
      states: {
        idle: {
          description: 'Nothing is to be done about them: a record without an actor.',
          tags: ['idle', 'usable', 'rival'],
          meta: {
            ignored: {
              SUCCESSOR: 'they need none yet',
              SUCCESSOR_LOST: NONE,
              UNSPOKEN_FOR: NO_END,
              SPOKEN_FOR: UNAWAITED,
            },
          },
          on: { SOFT_LIMIT: 'reviewing', YIELD: 'yielding', ADOPT: 'adopted' },
        },
        adopted: {
          description:
            'An earlier run of the daemon made them, and they carry traffic; the peer must be met anew before it can be told anything about them.',
          tags: ['usable', 'adopted'],
          meta: {
            ignored: {
              SUCCESSOR_LOST: NONE,
              UNSPOKEN_FOR: 'nobody speaks for them yet',
              YIELD: OF_ANOTHER_TIME,
              ADOPT: 'they are adopted',
            },
          },
          on: {
            // Soon, but not at once: the peer may be about to make new ones itself.
            SPOKEN_FOR: { target: 'adopted', reenter: true, actions: 'forgetAttempts' },
            SOFT_LIMIT: 'replacing',
            SUCCESSOR: 'retiring',
          },
          after: { turn: 'replacing' },
        },
        replacing: {
          description:
            'A Quick Mode for the traffic of what an earlier run made is under way, and a Phase 1 before it where none stands.',
          tags: ['usable', 'adopted'],
          meta: {
            ignored: {
              SOFT_LIMIT: ONCE,
              SUCCESSOR_LOST: NONE,
              UNSPOKEN_FOR: NO_END,
              YIELD: OF_ANOTHER_TIME,
              ADOPT: 'they are adopted',
              SPOKEN_FOR: UNAWAITED,
            },
          },
          invoke: {
            src: 'negotiate.phase2',
            input: ownNegotiation,
            onDone: 'retiring',
            onError: { target: 'adopted', actions: 'countAttempt' },
          },
          on: { SUCCESSOR: 'retiring' },
        },
        reviewing: {
          description: 'Their soft limit is past; asking the kernel whether anybody still needs them.',
          tags: 'usable',
          meta: { ignored: { SOFT_LIMIT: ONCE, SUCCESSOR_LOST: NONE, UNSPOKEN_FOR: NO_END, ...GROWN } },
          invoke: {
            src: 'kernel.usage',
            input: ownNegotiation,
            onDone: 'awaitingTurn',
            onError: 'idle',
          },
          on: { SUCCESSOR: 'idle', YIELD: 'yielding' },
        },
        awaitingTurn: {
          description: 'They are to be renewed; the end that made them goes first, and not all at once.',
          tags: 'usable',
          meta: { ignored: { SOFT_LIMIT: ONCE, SUCCESSOR_LOST: NONE, UNSPOKEN_FOR: NO_END, ...GROWN } },
          after: { turn: 'renewing' },
          on: { SUCCESSOR: 'idle', YIELD: 'yielding' },
        },
        renewing: {
          description: 'A Quick Mode for the same traffic is under way; meanwhile these SAs carry it.',
          tags: 'usable',
          meta: {
            ignored: {
              SOFT_LIMIT: ONCE,
              SUCCESSOR: 'both ends renew at once; who stays is settled when both are installed',
              SUCCESSOR_LOST: NONE,
              UNSPOKEN_FOR: NO_END,
              ...GROWN,
            },
          },
          invoke: {
            src: 'negotiate.phase2',
            input: ownNegotiation,
            onDone: 'retiring',
            onError: { target: 'awaitingTurn', actions: 'countAttempt' },
          },
          on: { YIELD: 'yielding' },
        },
        yielding: {
          description:
            'Both ends made SAs for the traffic at once; both pairs stand at both ends, and these go.',
          tags: 'retiring',
          meta: { ignored: { SOFT_LIMIT: ENDING, YIELD: ENDING, SUCCESSOR: ENDING, ...GROWN } },
          on: { SUCCESSOR_LOST: 'reviewing', UNSPOKEN_FOR: 'idle' },
          after: { drain: { target: '#ipsec-sa.deleting', actions: ['noteSuperseded', 'startCounting'] } },
        },
        retiring: {
          description: 'Newer SAs carry the traffic; what the peer still sends under these gets in.',
          tags: 'retiring',
          meta: { ignored: { SOFT_LIMIT: ENDING, YIELD: ENDING, SUCCESSOR: ENDING, ...GROWN } },
          on: { SUCCESSOR_LOST: 'reviewing', UNSPOKEN_FOR: 'idle' },
          after: { overlap: { target: '#ipsec-sa.deleting', actions: ['noteSuperseded', 'startCounting'] } },
        },
      },
    },
    deleting: {
      description: 'Nothing leaves under them any more; their Delete is sent, and again after each interval.',
      meta: {
        ignored: {
          SOFT_LIMIT: ENDING,
          YIELD: ENDING,
          SUCCESSOR: ENDING,
          SUCCESSOR_LOST: ENDING,
          DELETED_IN_KERNEL: ENDING,
          ...GROWN,
        },
      },
      entry: ['removeOutbound', 'sendDelete'],
      on: {
        UNSPOKEN_FOR: { target: 'gone', actions: 'deleteLater' },
        HARD_LIMIT: 'gone',
        FORGET: 'gone',
        PEER_DELETED: 'gone',
        PEER_REPLACED: 'gone',
      },
      after: {
        deleteInterval: [
          { guard: 'mayRetry', target: 'deleting', reenter: true, actions: 'countRetransmission' },
          { target: 'gone' },
        ],
      },
    },
    draining: {
      description: 'The peer has deleted them; what it sent before that may still be on its way.',
      meta: {
        ignored: {
          SOFT_LIMIT: ENDING,
          YIELD: ENDING,
          SUCCESSOR: ENDING,
          SUCCESSOR_LOST: ENDING,
          UNSPOKEN_FOR: ENDING,
          PEER_DELETED: 'it has said so already',
          PEER_REPLACED: 'it has said so already',
          ...GROWN,
        },
      },
      entry: 'removeOutbound',
      on: { HARD_LIMIT: 'gone', FORGET: 'gone', DELETED_IN_KERNEL: 'gone' },
      after: { drain: 'gone' },
    },
    gone: { type: 'final', description: 'The SAs and their keys are no more.' },
  },
});
