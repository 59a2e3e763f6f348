/** How much of a chart has been seen in production. */
import type { AnyStateMachine } from 'xstate';
import { describeChart } from '../../daemon/chart-description.js';
import type { Sightings } from './observer.js';
import { nodesOf } from './outcomes.js';
import { raisedTypes, words } from './subject.js';

export interface Share {
  readonly all: number;
  readonly missing: readonly string[];
}

export interface Coverage {
  readonly chart: string;
  readonly states: Share;
  readonly transitions: Share;
  /** Of each guard both ways: it let the event pass, and it did not. */
  readonly guards: Share;
  /** Entries of `meta.ignored` that an event has met; those about events that only regions raise are not counted. */
  readonly ignored: Share;
}

export function coverage(name: string, machine: AnyStateMachine, seen: Sightings): Coverage {
  const { nodes, edges } = describeChart(name, machine);
  const share = (all: readonly string[], there: ReadonlySet<string>): Share => ({
    all: all.length,
    missing: all.filter((each) => !there.has(each)),
  });
  const taken = [...seen.edges];
  const branches = edges.flatMap(({ id, guard }) => {
    if (guard === undefined) return [];
    const event = id.slice(0, id.lastIndexOf('#') + 1);
    const number = Number(id.slice(event.length));
    const passed = taken.includes(id);
    const refused = taken.some(
      (other) => other.startsWith(event) && Number(other.slice(event.length)) > number,
    );
    return [
      { id: `${id} ${guard}: yes`, there: passed },
      { id: `${id} ${guard}: no`, there: refused },
    ];
  });
  const raised = raisedTypes(machine);
  const entries = nodesOf(machine.root).flatMap((node) =>
    Object.keys(words(node, 'ignored'))
      .filter((type) => !raised.includes(type))
      .map((type) => `${node.id}: ${type}`),
  );
  return {
    chart: name,
    states: share(
      nodes.map(({ id }) => id),
      seen.states,
    ),
    transitions: share([...new Set(edges.map(({ id }) => id))], seen.edges),
    guards: { all: branches.length, missing: branches.filter(({ there }) => !there).map(({ id }) => id) },
    ignored: share(entries, seen.ignored),
  };
}

const HEADS = ['chart', 'states', 'transitions', 'guard branches', 'ignored entries'] as const;

/** One line per chart: how many were seen, of how many. */
export function table(rows: readonly Coverage[]): string {
  const cell = ({ all, missing }: Share): string => {
    const there = all - missing.length;
    return `${String(there)}/${String(all)} ${String(all === 0 ? 100 : Math.floor((there * 100) / all))} %`;
  };
  const cells = rows.map(({ chart, states, transitions, guards, ignored }) => [
    chart,
    ...[states, transitions, guards, ignored].map(cell),
  ]);
  const lines = [HEADS, ...cells];
  const widths = HEADS.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
