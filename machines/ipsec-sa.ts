/**
 * The IPsec SAs of one Quick Mode, from installation to their end: renewal at the soft limit, with old and new SAs side
 * by side, and Delete (RFC 2408 3.15) once the new ones carry the traffic.
 *
 * The end that made the SAs renews them; the other waits its turn, and does it if nothing came. The end that renewed
 * deletes the old SAs. When both renew at once, one of the two new pairs yields (services/exchange/rivals.ts). SAs whose
 * end cannot be told to the peer stay to their own: it would keep its halves.
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
        HARD_LIMIT: { target: 'gone', actions: 'noteReason' },
        FORGET: { target: 'gone', actions: 'noteReason' },
        PEER_DELETED: { target: 'gone', actions: 'noteReason' },
        PEER_REPLACED: { target: 'draining', actions: 'noteReason' },
      },
      states: {
        idle: {
          description: 'Nothing is to be done about them: a record without an actor.',
          tags: ['idle', 'usable', 'rival'],
          meta: { ignored: { SUCCESSOR: 'they need none yet', SUCCESSOR_LOST: NONE, UNSPOKEN_FOR: NO_END } },
          on: { SOFT_LIMIT: 'reviewing', YIELD: 'yielding' },
        },
        reviewing: {
          description: 'Their soft limit is past; asking the kernel whether anybody still needs them.',
          tags: 'usable',
          meta: { ignored: { SOFT_LIMIT: ONCE, SUCCESSOR_LOST: NONE, UNSPOKEN_FOR: NO_END } },
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
          meta: { ignored: { SOFT_LIMIT: ONCE, SUCCESSOR_LOST: NONE, UNSPOKEN_FOR: NO_END } },
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
          meta: { ignored: { SOFT_LIMIT: ENDING, YIELD: ENDING, SUCCESSOR: ENDING } },
          on: { SUCCESSOR_LOST: 'reviewing', UNSPOKEN_FOR: 'idle' },
          after: { drain: { target: '#ipsec-sa.deleting', actions: ['noteSuperseded', 'startCounting'] } },
        },
        retiring: {
          description: 'Newer SAs carry the traffic; what the peer still sends under these gets in.',
          tags: 'retiring',
          meta: { ignored: { SOFT_LIMIT: ENDING, YIELD: ENDING, SUCCESSOR: ENDING } },
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
        },
      },
      entry: 'removeOutbound',
      on: { HARD_LIMIT: 'gone', FORGET: 'gone' },
      after: { drain: 'gone' },
    },
    gone: { type: 'final', description: 'The SAs and their keys are no more.' },
  },
});
