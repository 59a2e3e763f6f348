/** How the page says times, states and outcomes. */

/** @typedef {import('../../../services/ports/inspection.js').NegotiationView} View */

/**
 * A span of milliseconds: `12 ms`, `1.56 s`, `2:05 min`.
 * @param {number} ms
 */
export function duration(ms) {
  const positive = Math.max(0, ms);
  if (positive < 999.5) return `${String(Math.round(positive))} ms`;
  if (positive < 59_950) return `${(positive / 1000).toFixed(positive < 9_950 ? 2 : 1)} s`;
  const seconds = Math.round(positive / 1000);
  return `${String(Math.floor(seconds / 60))}:${String(seconds % 60).padStart(2, '0')} min`;
}

/**
 * Payloads of a message: `SA VENDOR x6`.
 * @param {readonly string[]} names
 */
export function payloadWords(names) {
  /** @type {{ name: string, count: number }[]} */
  const groups = [];
  for (const name of names) {
    const last = groups.at(-1);
    if (last?.name === name) last.count += 1;
    else groups.push({ name, count: 1 });
  }
  return groups.map(({ name, count }) => (count === 1 ? name : `${name} x${String(count)}`)).join(' ');
}

/**
 * The innermost of the active states: `awaitingChoice`, `waiting`.
 * @param {readonly string[]} active ids of state nodes
 * @returns {string[]} ids, in the order of the chart
 */
export function leaves(active) {
  return active.filter((id) => !active.some((other) => other.startsWith(`${id}.`)));
}

/**
 * The last part of a state node's id.
 * @param {string} id
 */
export function stateName(id) {
  return id.slice(id.lastIndexOf('.') + 1);
}

/**
 * Colour of an outcome; undefined means under way.
 * @param {string | undefined} outcome
 * @returns {'blue' | 'green' | 'red'}
 */
export function colour(outcome) {
  if (outcome === undefined) return 'blue';
  return outcome === 'failed' || outcome === 'refused' ? 'red' : 'green';
}

/**
 * What a chip says about a negotiation: its outcome, or where it is.
 * @param {View} view
 */
export function standing(view) {
  const [first] = leaves(view.active);
  return view.outcome ?? (first === undefined ? 'starting' : stateName(first));
}
