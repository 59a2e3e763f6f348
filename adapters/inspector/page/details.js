/** What the selected negotiation is, where it stands, and if it failed, why. */
import { byId, html } from './element.js';
import { comparison } from './why.js';
import { colour, leaves, standing } from './words.js';

/** @typedef {import('../../../services/ports/events.js').StampedEvent} StampedEvent */
/** @typedef {import('../../../services/ports/inspection.js').NegotiationView} View */
/** @typedef {import('../../../services/failure/failure.js').Failure} Failure */

const MOST_COMPARISONS = 3;

/**
 * @param {object} shown
 * @param {View | undefined} shown.view
 * @param {string | undefined} shown.id the one asked for
 * @param {readonly StampedEvent[]} shown.events
 * @param {readonly string[]} shown.children
 * @param {(state: string) => string} shown.describe
 */
export function showDetails({ view, id, events, children, describe }) {
  const details = byId('details');
  if (view === undefined) {
    const lost = html('p', {}, `Nothing is known of ${id ?? ''}: it never was, or it is forgotten.`);
    details.replaceChildren(...(id === undefined ? [] : [lost]));
    return;
  }
  const words = leaves(view.active)
    .map(describe)
    .filter((text) => text !== '');
  details.replaceChildren(
    html(
      'div',
      { class: 'title' },
      html('h2', {}, view.id),
      html('span', { class: 'chip' }, view.chart),
      html('span', { class: `chip ${colour(view.outcome)}` }, standing(view)),
    ),
    html('p', { class: 'now' }, words.join(' ')),
    html(
      'div',
      { class: 'facts' },
      fact('from', view.local),
      fact('to', view.remote),
      view.rule === undefined ? undefined : fact('rule', view.rule),
      ...Object.entries(contextOf(events)).flatMap(([name, value]) =>
        value === view.id ? [] : fact(name, String(value)),
      ),
      view.parent === undefined ? undefined : related('for', [view.parent]),
      children.length === 0 ? undefined : related('began', children),
    ),
    ...reasons(view, events),
  );
}

/** @param {readonly StampedEvent[]} events */
function contextOf(events) {
  const state = events.findLast((event) => event.type === 'negotiation.state');
  if (state?.type !== 'negotiation.state') return {};
  return state.context;
}

/**
 * @param {string} name
 * @param {string} value
 */
function fact(name, value) {
  return html('span', {}, `${name} `, html('b', {}, value));
}

/**
 * @param {string} name
 * @param {readonly string[]} ids
 */
function related(name, ids) {
  return html('span', {}, name, ...ids.flatMap((id) => [' ', html('a', { href: `#${id}` }, id)]));
}

/**
 * @param {View} view
 * @param {readonly StampedEvent[]} events
 */
function reasons(view, events) {
  const ended = events.findLast((event) => event.type === 'negotiation.ended');
  const failure = ended?.type === 'negotiation.ended' ? ended.failure : undefined;
  if (failure !== undefined) return [box(failure, 'failure')];
  if (view.outcome !== undefined) return [];
  const doubt = events.findLast((event) => event.type === 'negotiation.suspicion');
  return doubt?.type === 'negotiation.suspicion' ? [box(doubt.failure, 'failure suspicion')] : [];
}

/**
 * @param {Failure} failure
 * @param {string} look
 */
function box(failure, look) {
  const comparisons = failure.comparisons ?? [];
  return html(
    'div',
    { class: look, role: 'status', tabindex: '0' },
    html('p', {}, html('code', {}, failure.code), ` ${failure.explanation}`),
    html('p', { class: 'hint' }, failure.hint),
    ...comparisons.slice(0, MOST_COMPARISONS).map(comparison),
    comparisons.length > MOST_COMPARISONS
      ? html('p', {}, `and ${String(comparisons.length - MOST_COMPARISONS)} more that fit no better`)
      : undefined,
  );
}
