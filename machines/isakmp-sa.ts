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
const AT_FIRST = 'only an SA that was just made needs it';
const NOTHING_SAID = 'nothing was said that the peer had to read';

const OUT_OF_USE = {
  INTRODUCE: ENDING,
  INTRODUCED: ENDING,
  WORRY: ENDING,
  RENEW: ENDING,
  YIELD: ENDING,
  SUCCESSOR_LOST: ENDING,
  DELETE: ENDING,
};

export const isakmpSa = standing.createMachine({
  id: 'isakmp-sa',
  description: 'An established Phase 1 SA.',
  meta: {
    inspect: STANDING_INSPECTABLE,
    events: hearsOf(
      'HEARD',
      'INTRODUCE',
      'INTRODUCED',
      'WORRY',
      'RENEW',
      'YIELD',
      'SUCCESSOR_LOST',
      'DELETE',
      'PEER_DELETED',
      'FORGET',
    ),
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
        // Our own Delete shows that we have read the peer's: it need not go on repeating that.
        PEER_DELETED: { target: 'gone', actions: ['noteReason', 'withdraw', 'sendDelete'] },
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
              INTRODUCED: NOTHING_SAID,
            },
          },
          on: {
            INTRODUCE: { target: 'introducing', actions: 'startCounting' },
            WORRY: { target: 'probing', actions: 'startCounting' },
            RENEW: 'renewing',
            YIELD: 'retiring',
          },
        },
        introducing: {
          description:
            'Nothing else stood with the peer when Aggressive Mode left no room to say so: INITIAL-CONTACT rides in every Quick Mode, and goes by itself after each interval, until an answer shows that it was read.',
          tags: ['usable', 'doubted', 'rival', 'introducing'],
          meta: {
            ignored: {
              HEARD: 'that the peer lives does not show what it has read',
              INTRODUCE: AT_FIRST,
              WORRY: 'the peer is being asked, too',
              RENEW: 'first the peer must know that we began anew',
              YIELD: 'the peer began it: it is for the peer to retire it',
              SUCCESSOR_LOST: 'it has no successor',
            },
          },
          on: { INTRODUCED: 'idle' },
          after: {
            retryInterval: [
              {
                guard: 'mayRetry',
                target: 'introducing',
                reenter: true,
                actions: ['countRetransmission', 'sendIntroduction'],
              },
              { guard: 'canAsk', target: 'judging' },
              { target: 'idle' },
            ],
          },
        },
        probing: {
          description: 'Asking the peer whether it is there; asked again after each interval.',
          tags: ['usable', 'doubted', 'rival'],
          meta: {
            ignored: {
              INTRODUCE: AT_FIRST,
              INTRODUCED: NOTHING_SAID,
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
              INTRODUCE: AT_FIRST,
              INTRODUCED: NOTHING_SAID,
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
              INTRODUCE: AT_FIRST,
              INTRODUCED: NOTHING_SAID,
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
          meta: {
            ignored: {
              HEARD: ENDING,
              INTRODUCE: AT_FIRST,
              INTRODUCED: NOTHING_SAID,
              WORRY: ENDING,
              RENEW: ENDING,
              YIELD: ENDING,
            },
          },
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
          ...OUT_OF_USE,
          HEARD: 'it may have been sent before our Delete came: the question follows',
        },
      },
      entry: 'sendDelete',
      on: { PEER_DELETED: 'gone', FORGET: 'gone' },
      after: {
        deleteInterval: [
          { guard: 'mayRetry', target: 'deleting', reenter: true, actions: 'countRetransmission' },
          { guard: 'canAsk', target: 'listening', actions: 'startCounting' },
          { target: 'gone' },
        ],
      },
    },
    listening: {
      description:
        'Asking under the SA whether the peer still has it: silence shows that it has read a Delete.',
      meta: { ignored: OUT_OF_USE },
      entry: ['sendDelete', 'sendProbe'],
      on: {
        HEARD: [
          { guard: 'mayInsist', target: 'deleting', actions: ['countAttempt', 'startCounting'] },
          { target: 'gone' },
        ],
        PEER_DELETED: 'gone',
        FORGET: 'gone',
      },
      after: {
        retryInterval: [
          { guard: 'mayRetry', target: 'listening', reenter: true, actions: 'countRetransmission' },
          { target: 'gone' },
        ],
      },
    },
    gone: { type: 'final', description: 'The SA and its keys are no more.' },
    dead: { type: 'final', description: 'The peer answers no more: all that stood with it goes too.' },
  },
});
