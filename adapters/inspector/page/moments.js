/** A negotiation at a moment of its past: what had happened, where it stood, and how long it had been in each state. */
import { leaves } from './words.js';

/** @typedef {import('../../../services/ports/events.js').StampedEvent} StampedEvent */
/** @typedef {import('../../../services/ports/inspection.js').NegotiationView} View */
/** @typedef {'sent' | 'received' | 'state' | 'doubt' | 'good' | 'bad' | 'other'} Kind */

/**
 * Where the time line can stop: counts of events, rising. A transition is shown together with the state it leads to.
 * @param {readonly StampedEvent[]} events
 * @returns {number[]}
 */
export function moments(events) {
  return events.flatMap((event, index) => (event.type === 'negotiation.transition' ? [] : [index + 1]));
}

/**
 * @param {StampedEvent} event
 * @returns {Kind}
 */
export function kindOf(event) {
  switch (event.type) {
    case 'message.sent':
      return event.retransmission > 0 ? 'doubt' : 'sent';
    case 'message.received':
      return 'received';
    case 'message.duplicate':
    case 'message.ignored':
    case 'negotiation.suspicion':
      return 'doubt';
    case 'negotiation.state':
      return 'state';
    case 'negotiation.ended':
      return event.failure === undefined ? 'good' : 'bad';
    default:
      return 'other';
  }
}

/**
 * What the list and the head said of it then.
 * @param {View} view as it is now
 * @param {readonly StampedEvent[]} events up to that moment
 * @returns {View}
 */
export function viewAt(view, events) {
  const state = events.findLast((event) => event.type === 'negotiation.state');
  const ended = events.findLast((event) => event.type === 'negotiation.ended');
  return {
    ...view,
    active: state?.type === 'negotiation.state' ? state.active : [],
    outcome: ended?.type === 'negotiation.ended' ? view.outcome : undefined,
    endedAt: ended?.type === 'negotiation.ended' ? view.endedAt : undefined,
    failure: ended?.type === 'negotiation.ended' ? view.failure : undefined,
  };
}

/**
 * Milliseconds spent in each innermost state.
 * @param {readonly StampedEvent[]} events
 * @param {number} until the end of the stay in the last one
 * @returns {Map<string, number>}
 */
export function timeSpent(events, until) {
  /** @type {Map<string, number>} */
  const spent = new Map();
  /** @type {readonly string[]} */
  let inside = [];
  let since = 0;
  const stay = (/** @type {number} */ at) => {
    for (const id of inside) spent.set(id, (spent.get(id) ?? 0) + Math.max(0, at - since));
  };
  for (const event of events) {
    if (event.type !== 'negotiation.state') continue;
    stay(event.at);
    inside = leaves(event.active);
    since = event.at;
  }
  stay(until);
  return spent;
}
