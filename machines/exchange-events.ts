/**
 * The events of the exchange charts at run time, and why a chart may let one pass. What a chart hears is listed at its
 * root; in every state each of them is either handled or `ignored` with a reason (`npm run test:model`).
 */
import type { ExchangeEvent } from './exchange.js';

type EventType = ExchangeEvent['type'];

/** All there are: the compiler asks for a line for each. */
const MEANINGS: Readonly<Record<EventType, string>> = {
  message: 'the message that the state waits for, well formed; acceptable, or refused with a failure',
  unreadable: 'a message that cannot be decrypted, or whose HASH is wrong',
  unexpected: 'a message that does not belong here',
  warned: 'an unauthenticated error notify about this exchange',
  chosen: 'one of the proposals of the peer is acceptable',
  sent: 'our message has left',
  CONNECTED: 'the peer says that its SAs are installed, as its commit bit announced',
  proved: 'the peer is who it must be',
  refused: 'what the peer offers or proves is not acceptable',
  OPERATOR_DELETE: 'an operator, a refresh or the end of the daemon takes the negotiation away',
  DISPLACED: 'more are begun than can be kept, and its peer has proved nothing: it makes room',
  PEER_REFUSED: 'an authenticated error notify or Delete about this exchange',
  PHASE1_LOST: 'the Phase 1 SA that protects this exchange is gone',
  AWAITING_ANSWER: 'what was sent must be answered',
  ANSWERED: 'it was',
  GAVE_UP: 'the retry limit is reached',
};

/** For `meta.events`. */
export function hears(...types: readonly EventType[]): Readonly<Record<string, string>> {
  return Object.fromEntries(types.map((type) => [type, MEANINGS[type]]));
}

/** For `meta.ignored` of a root. */
export const MESSAGE_WHILE_BUSY = {
  message: 'a busy chart is handed no message: its runner holds one until a state can take it',
} as const;

/** For `meta.ignored` of a root: answers of entry actions come through the mailbox at once. */
export function unasked(
  ...types: readonly ('chosen' | 'sent' | 'proved' | 'refused')[]
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    types.map((type) => [type, 'it answers an entry action, and only in the state whose action that is']),
  );
}
