/**
 * An established Phase 1 SA (RFC 2408 4.2), from its last message to its Delete. It protects Quick Modes and
 * Informationals in every state but the last ones; what follows here is only what is done about the SA itself.
 *
 * Probing is RFC 3706: R-U-THERE is sent when there is reason to doubt the peer, never by rote, and again after each
 * retry interval. A peer that answers nothing is dead, unless its packets still come in: then only this SA is.
 */
import {
  hearsOf,
  ownNegotiation,
  standing,
  STANDING_INSPECTABLE,
  standingContext,
  standingOutput,
} from './standing.js';

const UNDER_WAY = 'a new Phase 1 SA is being negotiated, which asks the same of the peer';
const ENDING = 'the SA is on its way out';

export const isakmpSa = standing.createMachine({
  id: 'isakmp-sa',
  description: 'An established Phase 1 SA.',
  meta: {
    inspect: STANDING_INSPECTABLE,
    events: hearsOf('HEARD', 'WORRY', 'RENEW', 'YIELD', 'SUCCESSOR_LOST', 'DELETE', 'PEER_DELETED', 'FORGET'),
  },
  context: standingContext,
  output: standingOutput,
  initial: 'standing',
  states: {
    standing: {
      description: 'The SA protects what is exchanged with the peer.',
      initial: 'idle',
      on: {
        DELETE: { target: 'deleting', actions: ['noteReason', 'withdraw', 'startCounting'] },
        PEER_DELETED: { target: 'gone', actions: ['noteReason', 'withdraw'] },
        FORGET: { target: 'gone', actions: ['noteReason', 'withdraw'] },
      },
      states: {
        idle: {
          description: 'Nothing is to be done about it: a record without an actor.',
          tags: ['idle', 'usable', 'rival'],
          meta: {
            ignored: {
              HEARD: 'nobody was in doubt',
              SUCCESSOR_LOST: 'it has no successor',
            },
          },
          on: {
            WORRY: { target: 'probing', actions: 'startCounting' },
            RENEW: 'renewing',
            YIELD: 'retiring',
          },
        },
        probing: {
          description: 'Asking the peer whether it is there; asked again after each interval.',
          tags: ['usable', 'doubted', 'rival'],
          meta: {
            ignored: {
              WORRY: 'it is being asked',
              RENEW: 'first the peer must be known to live',
              SUCCESSOR_LOST: 'it has no successor',
            },
          },
          entry: 'sendProbe',
          on: { HEARD: 'idle', YIELD: 'retiring' },
          after: {
            retryInterval: [
              { guard: 'mayRetry', target: 'probing', reenter: true, actions: 'countRetransmission' },
              { target: 'judging' },
            ],
          },
        },
        judging: {
          description: 'No answer came; asking the kernel whether packets of the peer came in meanwhile.',
          tags: ['usable', 'doubted', 'rival'],
          meta: {
            ignored: {
              WORRY: 'it is about to be decided',
              RENEW: 'it is about to be decided',
              SUCCESSOR_LOST: 'it has no successor',
            },
          },
          invoke: {
            src: 'kernel.usage',
            input: ownNegotiation,
            onDone: {
              target: '#isakmp-sa.deleting',
              actions: ['noteUnanswered', 'withdraw', 'startCounting'],
            },
            onError: { target: '#isakmp-sa.dead', actions: ['noteDead', 'withdraw'] },
          },
          on: { HEARD: 'idle', YIELD: 'retiring' },
        },
        renewing: {
          description:
            'A new Phase 1 SA is being negotiated, which will take over the SAs made under this one.',
          tags: 'usable',
          meta: {
            ignored: {
              HEARD: 'nobody was in doubt',
              WORRY: UNDER_WAY,
              RENEW: UNDER_WAY,
              SUCCESSOR_LOST: 'it has no successor',
            },
          },
          invoke: {
            src: 'negotiate.phase1',
            input: ownNegotiation,
            onDone: 'retiring',
            onError: 'idle',
          },
          on: { YIELD: 'retiring' },
        },
        retiring: {
          description: 'A newer SA has taken its place; exchanges under way are given time to end.',
          tags: 'retiring',
          meta: { ignored: { HEARD: ENDING, WORRY: ENDING, RENEW: ENDING, YIELD: ENDING } },
          on: { SUCCESSOR_LOST: 'idle' },
          after: {
            overlap: {
              target: '#isakmp-sa.deleting',
              actions: ['noteSuperseded', 'withdraw', 'startCounting'],
            },
          },
        },
      },
    },
    deleting: {
      description:
        'The SA is out of use; its Delete is sent, and again after each interval, for none is acknowledged.',
      meta: {
        ignored: {
          HEARD: ENDING,
          WORRY: ENDING,
          RENEW: ENDING,
          YIELD: ENDING,
          SUCCESSOR_LOST: ENDING,
          DELETE: ENDING,
          PEER_DELETED: 'an SA that is out of use takes no message',
        },
      },
      entry: 'sendDelete',
      on: { FORGET: 'gone' },
      after: {
        deleteInterval: [
          { guard: 'mayRetry', target: 'deleting', reenter: true, actions: 'countRetransmission' },
          { target: 'gone' },
        ],
      },
    },
    gone: { type: 'final', description: 'The SA and its keys are no more.' },
    dead: { type: 'final', description: 'The peer answers no more: all that stood with it goes too.' },
  },
});
