/**
 * The region that all exchanges share which wait for an answer they have a right to: it repeats the last message and
 * gives up. It knows nothing of messages; the protocol region raises AWAITING_ANSWER and ANSWERED.
 *
 * DEVIATION: RFC 2408 5.1 lets both ends repeat by timer. Here only the end that is owed an answer does; the other
 * answers duplicates (daemon/), so that one lost datagram never makes two storms.
 */
import { exchange } from './exchange.js';

export const delivery = exchange.createStateConfig({
  description: 'Repeats the last message until it is answered, and gives up when the retry limit is reached.',
  initial: 'quiet',
  states: {
    quiet: {
      description: 'Nothing of ours is unanswered.',
      meta: { ignored: { ANSWERED: 'our message was answered already, or owed no answer' } },
      on: { AWAITING_ANSWER: { target: 'waiting', actions: 'startCounting' } },
    },
    waiting: {
      description:
        'Our last message is unanswered; it is sent again after each interval, and each interval is twice as long.',
      meta: { ignored: { AWAITING_ANSWER: 'the next message is sent only after the last one was answered' } },
      on: { ANSWERED: 'quiet' },
      after: {
        retryInterval: [
          { guard: 'mayRetry', target: 'waiting', reenter: true, actions: ['countRetransmission', 'resend'] },
          { actions: 'giveUp' },
        ],
      },
    },
  },
});
