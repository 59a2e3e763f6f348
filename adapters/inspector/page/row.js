/** One row of the list: what it says, what it is found by, and of which kinds it is. */
import { html } from './element.js';
import { colour } from './words.js';

/** @typedef {import('../list-row.js').ListRow} ListRow */
/** @typedef {import('../list-row.js').RowChange} RowChange */
/** @typedef {'all' | 'negotiations' | 'sas' | 'failed'} Kind */
/** @typedef {{ item: HTMLLIElement, link: HTMLAnchorElement, age: HTMLSpanElement, row: ListRow }} Drawn */

/** @type {readonly Kind[]} */
export const KINDS = ['all', 'negotiations', 'sas', 'failed'];

/**
 * @param {ListRow} row
 * @returns {Drawn}
 */
export function emptyRow(row) {
  const link = html('a', { href: `#${row.id}` });
  return { item: html('li', {}, link), link, age: html('span', { class: 'age' }), row };
}

/**
 * @param {ListRow} row
 * @param {HTMLSpanElement} age
 */
export function contents(row, age) {
  const { id, chart, remote, rule, outcome, state, why } = row;
  const where = rule === undefined ? remote : `${remote} · ${rule}`;
  return [
    html('span', { class: 'name' }, id, ' ', html('span', {}, chart)),
    html('span', { class: `chip ${colour(outcome)}` }, outcome ?? 'live'),
    html('span', { class: 'line' }, html('span', { title: where }, where), age),
    why === undefined
      ? html('span', { class: 'line state' }, outcome === undefined ? state : '')
      : html('span', { class: 'line why', title: why }, why),
  ];
}

/**
 * @param {RowChange} change
 * @returns {ListRow | undefined}
 */
export function whole(change) {
  const { id, chart, local, remote, startedAt, state = '' } = change;
  if (chart === undefined || local === undefined || remote === undefined || startedAt === undefined)
    return undefined;
  const { rule, parent, endedAt, outcome, code, why } = change;
  return { id, chart, local, remote, rule, parent, startedAt, endedAt, state, outcome, code, why };
}

/** @param {ListRow} row */
export function textOf({ id, chart, local, remote, rule, outcome, state, code, why }) {
  const standing = outcome === undefined ? `live ${state}` : outcome;
  return [id, chart, local, remote, rule, standing, code, why].join(' ').toLowerCase();
}

/** @param {ListRow} row */
export function isSa({ chart }) {
  return chart === 'isakmp-sa' || chart === 'ipsec-sa';
}

/**
 * @param {ListRow} row
 * @returns {readonly Kind[]}
 */
export function kindsOf(row) {
  const failed = row.why !== undefined || colour(row.outcome) === 'red';
  return ['all', isSa(row) ? 'sas' : 'negotiations', ...(failed ? [/** @type {const} */ ('failed')] : [])];
}
