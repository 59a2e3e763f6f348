/**
 * A configuration of a chart (SCXML 3.13): the states that are active together. What an event does in one is worked out
 * the first time it happens, and is then the same for every negotiation.
 */
import type {
  AnyEventObject,
  AnyMachineSnapshot,
  AnyStateMachine,
  AnyStateNode,
  AnyTransitionDefinition,
  StateValue,
} from 'xstate';
import { entryOf, exitOf, isFunction, type Operation, operationOf, property, unknown } from './operations.js';
import { entrySet, exitSet, withoutConflicts } from './transition-sets.js';

type Transitions = readonly AnyTransitionDefinition[];

/** What transitions taken together do. */
export interface Microstep {
  readonly transitions: Transitions;
  readonly operations: readonly Operation[];
  readonly next: Configuration;
}

interface Question {
  readonly context: object;
  readonly event: AnyEventObject;
}

interface Candidate {
  readonly guard: ((question: Question) => unknown) | undefined;
  readonly alone: Transitions;
}

/** The transitions of a state for one event type; what states within it do comes first (SCXML 3.13). */
interface Choice {
  readonly within: readonly Choice[];
  readonly own: readonly Candidate[];
}

const NOTHING: Transitions = [];

export class Configuration {
  /** As XState makes it of these states: value, tags, and what a snapshot can be asked. Copied for each snapshot. */
  readonly resting: AnyMachineSnapshot;
  /** Whether the chart is at its end. */
  readonly isFinal: boolean;
  readonly #machine: AnyStateMachine;
  readonly #active: ReadonlySet<AnyStateNode>;
  readonly #at: (active: ReadonlySet<AnyStateNode>) => Configuration;
  readonly #choices = new Map<string, Choice>();
  readonly #microsteps = new Map<AnyTransitionDefinition, Microstep[]>();

  constructor(
    machine: AnyStateMachine,
    active: ReadonlySet<AnyStateNode>,
    at: (active: ReadonlySet<AnyStateNode>) => Configuration,
  ) {
    this.#machine = machine;
    this.#active = active;
    this.#at = at;
    this.resting = machine.resolveState({ value: valueOf(machine.root, active), context: {} });
    const root: AnyStateNode = machine.root;
    this.isFinal = [...active].some((node) => node.type === 'final' && node.parent === root);
  }

  /** The transitions that an event takes, in all regions; none when nobody listens. */
  chosen(question: Question): Transitions {
    const { type } = question.event;
    let choice = this.#choices.get(type);
    if (choice === undefined) {
      choice = this.#choiceOf(this.#machine.root, type);
      this.#choices.set(type, choice);
    }
    return decided(choice, question);
  }

  microstep(transitions: Transitions): Microstep {
    const first = transitions[0];
    if (first === undefined) return { transitions, operations: [], next: this };
    const known = this.#microsteps.get(first) ?? [];
    const found = known.find((each) => isSame(each.transitions, transitions));
    if (found !== undefined) return found;
    const microstep = this.#microstepOf(transitions);
    this.#microsteps.set(first, [...known, microstep]);
    return microstep;
  }

  #microstepOf(transitions: Transitions): Microstep {
    const machine = this.#machine;
    const taken = withoutConflicts(transitions, this.#active);
    const left = exitSet(taken, this.#active);
    const entered = entrySet(taken);
    const active = new Set(this.#active);
    for (const node of left) active.delete(node);
    for (const node of entered) active.add(node);
    const next = this.#at(active);
    return {
      transitions,
      operations: [
        ...left.flatMap((node) => exitOf(machine, node)),
        ...taken.flatMap(({ actions }) => actions.map((action) => operationOf(machine, action))),
        ...entered.flatMap((node) => entryOf(machine, node)),
        // What is still active at the end is left as well.
        ...(next.isFinal ? [...active].reverse().flatMap((node) => exitOf(machine, node)) : []),
      ],
      next,
    };
  }

  #choiceOf(node: AnyStateNode, type: string): Choice {
    const children = Object.values<AnyStateNode>(node.states).filter((child) => this.#active.has(child));
    return {
      within: children
        .map((child) => this.#choiceOf(child, type))
        .filter(({ within, own }) => within.length > 0 || own.length > 0),
      own: (node.transitions.get(type) ?? []).map((transition: AnyTransitionDefinition) => ({
        guard: guardOf(this.#machine, transition.guard),
        alone: [transition],
      })),
    };
  }
}

function decided({ within, own }: Choice, question: Question): Transitions {
  let found = NOTHING;
  for (const choice of within) {
    const inner = decided(choice, question);
    if (inner.length > 0) found = found.length === 0 ? inner : [...found, ...inner];
  }
  if (found.length > 0) return found;
  for (const { guard, alone } of own) if (guard === undefined || guard(question) === true) return alone;
  return NOTHING;
}

export function guardOf(machine: AnyStateMachine, guard: unknown): Candidate['guard'] {
  if (guard === undefined) return undefined;
  const found = typeof guard === 'string' ? property(machine.implementations.guards, guard) : guard;
  // Composed guards ask the snapshot, too: no chart here has one.
  if (!isFunction(found) || property(found, 'check') !== undefined) throw unknown(machine, 'guard', guard);
  return (question) => found(question);
}

function isSame(some: Transitions, others: Transitions): boolean {
  return some.length === others.length && some.every((transition, index) => transition === others[index]);
}

function valueOf(node: AnyStateNode, active: ReadonlySet<AnyStateNode>): StateValue {
  const children = Object.values<AnyStateNode>(node.states).filter((child) => active.has(child));
  const child = children[0];
  if (node.type === 'compound' && child !== undefined && Object.keys(child.states).length === 0)
    return child.key;
  return Object.fromEntries(children.map((each) => [each.key, valueOf(each, active)]));
}
