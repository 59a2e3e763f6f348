/** The active states of a chart, for people. */

/** The keys of those that have no active state below them: `awaitingAnswer | waiting`. */
export function stateWords(active: readonly string[]): string {
  return active
    .filter((id) => !active.some((other) => other.startsWith(`${id}.`)))
    .map((id) => id.slice(id.lastIndexOf('.') + 1))
    .join(' | ');
}
