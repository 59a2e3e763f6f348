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

/** Fields that may change while a row is there. */
const CHANGING = [
  'chart',
  'local',
  'remote',
  'rule',
  'parent',
  'startedAt',
  'endedAt',
  'state',
  'outcome',
  'code',
  'why',
] as const;

/** Undefined when the list says of both the same. What has not changed is undefined, and so is not in the JSON. */
export function changeOf(old: ListRow, now: ListRow): RowChange | undefined {
  if (!CHANGING.some((name) => old[name] !== now[name])) return undefined;
  return {
    id: now.id,
    chart: ifOther(old.chart, now.chart),
    local: ifOther(old.local, now.local),
    remote: ifOther(old.remote, now.remote),
    rule: ifOther(old.rule, now.rule),
    parent: ifOther(old.parent, now.parent),
    startedAt: ifOther(old.startedAt, now.startedAt),
    endedAt: ifOther(old.endedAt, now.endedAt),
    state: ifOther(old.state, now.state),
    outcome: ifOther(old.outcome, now.outcome),
    code: ifOther(old.code, now.code),
    why: ifOther(old.why, now.why),
  };
}

function ifOther<T>(old: T, now: T): T | undefined {
  return old === now ? undefined : now;
}

/** The lists of active states are the charts' own, and few. */
const LEAF_NAMES = new WeakMap<readonly string[], string>();

function leafNames(active: readonly string[]): string {
  const known = LEAF_NAMES.get(active);
  if (known !== undefined) return known;
  const names = active
    .filter((id) => !active.some((other) => other.startsWith(`${id}.`)))
    .map((id) => id.slice(id.lastIndexOf('.') + 1))
    .join(' · ');
  LEAF_NAMES.set(active, names);
  return names;
}
