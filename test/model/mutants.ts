/**
 * Mistakes in charts, made on purpose: each changes one transition, or the actions on entering one state, in the
 * configuration that a chart was made from. What is made of it afterwards, the daemon's actors and the models of the
 * tests alike, has the mistake, as if its source had been edited.
 */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { Dice } from '../sim/dice.js';
import { nodesOf } from './outcomes.js';

export const KINDS = ['guard removed', 'target swapped', 'action dropped', 'branches swapped'] as const;
export type Kind = (typeof KINDS)[number];

export interface Mutant {
  readonly chart: string;
  /** Its number among the mutants of the chart. */
  readonly number: number;
  readonly kind: Kind;
  readonly words: string;
}

interface Change {
  readonly kind: Kind;
  readonly words: string;
  /** Keys from the chart's configuration to what is replaced. */
  readonly path: readonly string[];
  readonly replacement: unknown;
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function at(config: unknown, path: readonly string[]): unknown {
  return path.reduce(property, config);
}

function listOf(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Branches of a transition, however it is written: a target's name, one branch, a list. */
function branchesOf(value: unknown): readonly object[] {
  return listOf(value).map((branch): object =>
    typeof branch === 'object' && branch !== null ? branch : { target: branch },
  );
}

function keysOf(config: unknown, key: string): readonly (readonly string[])[] {
  const value = property(config, key);
  return typeof value === 'object' && value !== null ? Object.keys(value).map((each) => [key, each]) : [];
}

/** Where a node's configuration has transitions. */
function slots(config: unknown): readonly (readonly string[])[] {
  const ends = [
    ['invoke', 'onDone'],
    ['invoke', 'onError'],
  ];
  return [...keysOf(config, 'on'), ...keysOf(config, 'after'), ...ends].filter(
    (slot) => at(config, slot) !== undefined,
  );
}

function without(list: readonly unknown[], index: number): readonly unknown[] {
  return list.filter((_, each) => each !== index);
}

function changesOfSlot(
  value: unknown,
  targets: readonly AnyStateNode[],
  node: AnyStateNode,
): readonly Omit<Change, 'path'>[] {
  const branches = branchesOf(value);
  const beside = Object.values<AnyStateNode>(node.parent?.states ?? {});
  const altered = (index: number, patch: object): unknown =>
    branches.map((branch, each) => (each === index ? { ...branch, ...patch } : branch));
  const changes = branches.flatMap((branch, index): readonly Omit<Change, 'path'>[] => {
    const guard = property(branch, 'guard');
    const target = property(branch, 'target');
    const actions = listOf(property(branch, 'actions'));
    const key = typeof target === 'string' ? target.replace(/^.*[.#]/, '') : undefined;
    return [
      ...(guard === undefined
        ? []
        : [
            {
              kind: 'guard removed' as const,
              words: `branch ${String(index)} without its guard ${typeof guard === 'string' ? guard : ''}`,
              replacement: altered(index, { guard: undefined }),
            },
          ]),
      ...actions.map((action, nth) => ({
        kind: 'action dropped' as const,
        words: `branch ${String(index)} without ${String(action)}`,
        replacement: altered(index, { actions: without(actions, nth) }),
      })),
      ...(key === undefined ? [] : targets)
        .filter((other) => other.key !== key)
        .map((other) => ({
          kind: 'target swapped' as const,
          words: `branch ${String(index)} to ${other.id} instead of ${String(target)}`,
          replacement: altered(index, { target: beside.includes(other) ? other.key : `#${other.id}` }),
        })),
    ];
  });
  if (branches.length < 2) return changes;
  const replacement = [...branches].reverse();
  return [...changes, { kind: 'branches swapped', words: 'its branches in reverse', replacement }];
}

/** Every single mistake of the four kinds that can be made in a chart. */
function changesOf(machine: AnyStateMachine): readonly Change[] {
  const nodes = nodesOf(machine.root);
  return nodes.flatMap((node) => {
    const path = node.path.flatMap((key) => ['states', key]);
    const config = at(machine.config, path);
    const entry = listOf(property(config, 'entry'));
    // The region `delivery` is one configuration in several charts: a target outside would not be there in all.
    const isShared = node.path.includes('delivery');
    const isThere = ({ parent, type }: AnyStateNode): boolean =>
      (type === 'atomic' && parent === node.parent) ||
      (type === 'final' && parent === machine.root && !isShared);
    return [
      ...entry.map((action, index): Change => ({
        kind: 'action dropped',
        words: `${node.id} entered without ${String(action)}`,
        path: [...path, 'entry'],
        replacement: without(entry, index),
      })),
      ...slots(config).flatMap((slot) =>
        changesOfSlot(at(config, slot), nodes.filter(isThere), node).map((change): Change => ({
          ...change,
          words: `${node.id}, ${slot.join(' ')}, ${change.words}`,
          path: [...path, ...slot],
        })),
      ),
    ];
  });
}

export function mutantsOf(chart: string, machine: AnyStateMachine): readonly Mutant[] {
  return changesOf(machine).map(({ kind, words }, number) => ({ chart, number, kind, words }));
}

/** Makes the mistake in the chart's configuration; returns what mends it. */
export function makeMistake(machine: AnyStateMachine, number: number): () => void {
  const change = changesOf(machine)[number];
  if (change === undefined) throw new Error(`${machine.id} has no mutant ${String(number)}`);
  const holder = at(machine.config, change.path.slice(0, -1));
  const key = change.path.at(-1);
  if (typeof holder !== 'object' || holder === null || key === undefined) throw new Error(change.words);
  const before: unknown = Reflect.get(holder, key);
  Reflect.set(holder, key, change.replacement);
  return () => void Reflect.set(holder, key, before);
}

/** The chart with the mistake, beside the chart as it is. */
export function mutated(machine: AnyStateMachine, number: number): AnyStateMachine {
  const mend = makeMistake(machine, number);
  try {
    return machine.provide({});
  } finally {
    mend();
  }
}

/** `count` different mutants: charts in turn, kinds in turn as far as the chart has them; `accept` may refuse one. */
export function draw(
  charts: ReadonlyMap<string, AnyStateMachine>,
  count: number,
  seed: number,
  accept: (mutant: Mutant, machine: AnyStateMachine) => boolean,
): readonly Mutant[] {
  const dice = new Dice(seed);
  const drawn: Mutant[] = [];
  const order = [...charts];
  for (let turn = seed; drawn.length < count; turn++) {
    const [name, machine] = order[turn % order.length] ?? [];
    if (name === undefined || machine === undefined) throw new Error('there are no charts');
    const mutants = mutantsOf(name, machine).filter(
      (mutant) => !drawn.some((other) => isSame(mutant, other)),
    );
    for (let offset = 0; offset < KINDS.length; offset++) {
      const kind = KINDS[(drawn.length + offset) % KINDS.length];
      const found = mutants
        .filter((mutant) => mutant.kind === kind)
        .map((mutant) => ({ mutant, chance: dice.next() }))
        .sort((a, b) => a.chance - b.chance)
        .find(({ mutant }) => accept(mutant, machine));
      if (found === undefined) continue;
      drawn.push(found.mutant);
      break;
    }
    if (turn - seed > count * 100) throw new Error(`there are no ${String(count)} mutants`);
  }
  return drawn;
}

function isSame(one: Mutant, other: Mutant): boolean {
  return one.chart === other.chart && one.number === other.number;
}
