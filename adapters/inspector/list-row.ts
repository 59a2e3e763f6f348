/** What the list shows of a negotiation or an SA, and what of that has changed. */
import type { NegotiationView } from '../../services/ports/inspection.js';

export interface ListRow extends Pick<
  NegotiationView,
  'id' | 'chart' | 'local' | 'remote' | 'rule' | 'parent' | 'startedAt' | 'endedAt'
> {
  /** Names of the innermost active states: `awaitingChoice · waiting`. */
  readonly state: string;
  readonly outcome: string | undefined;
  readonly code: string | undefined;
  /** Why it failed. */
  readonly why: string | undefined;
}

/** A whole row, or of one that is known what has changed. */
export type RowChange = Partial<ListRow> & Pick<ListRow, 'id'>;

export function rowOf(view: NegotiationView): ListRow {
  const { id, chart, local, remote, rule, parent, startedAt, endedAt, active, outcome, failure } = view;
  const state = leafNames(active);
  const [code, why] = [failure?.code, failure?.explanation];
  return { id, chart, local, remote, rule, parent, startedAt, endedAt, state, outcome, code, why };
}

/** Undefined when the list says of both the same. */
export function changeOf(before: NegotiationView, after: NegotiationView): RowChange | undefined {
  const [old, now] = [new Map<string, unknown>(Object.entries(rowOf(before))), rowOf(after)];
  const changed = Object.entries(now).filter(([name, value]) => old.get(name) !== value);
  return changed.length === 0 ? undefined : { ...Object.fromEntries(changed), id: now.id };
}

function leafNames(active: readonly string[]): string {
  return active
    .filter((id) => !active.some((other) => other.startsWith(`${id}.`)))
    .map((id) => id.slice(id.lastIndexOf('.') + 1))
    .join(' · ');
}
