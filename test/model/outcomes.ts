/** Whether a chart says of every event in every state what comes of it: a transition, or `ignored` and why. */
import type { AnyMachineSnapshot, AnyStateMachine, AnyStateNode } from 'xstate';
import { activeNodes, places, takenBy, variants, words } from './subject.js';

/** From the innermost active state to the root. */
function innermostFirst(snapshot: AnyMachineSnapshot): readonly AnyStateNode[] {
  return [...activeNodes(snapshot)].sort((a, b) => b.order - a.order);
}

export function nodesOf(node: AnyStateNode): readonly AnyStateNode[] {
  return [node, ...Object.values<AnyStateNode>(node.states).flatMap(nodesOf)];
}

function isWithin(inner: AnyStateNode, outer: AnyStateNode): boolean {
  return inner.path.length > outer.path.length && outer.path.every((key, depth) => inner.path[depth] === key);
}

export interface Gaps {
  /** `state: event` that nobody listens to and nobody ignores. */
  readonly open: readonly string[];
  /** `node: event` entries that speak of an event which is handled. */
  readonly untrue: readonly string[];
  /** `node: event` entries that never apply. */
  readonly idle: readonly string[];
}

/** What a chart leaves open about the events that its root lists. */
export function gaps(machine: AnyStateMachine): Gaps {
  const listed = Object.keys(words(machine.root, 'events'));
  const nobody = new Set<string>();
  const untrue = new Set<string>();
  const idle = new Set<string>();
  for (const node of nodesOf(machine.root))
    for (const type of Object.keys(words(node, 'ignored'))) idle.add(`${node.id}: ${type}`);
  for (const snapshot of places(machine)) {
    if (snapshot.status !== 'active') continue;
    const nodes = innermostFirst(snapshot);
    for (const event of listed.flatMap(variants)) {
      const { type } = event;
      const ignoring = nodes.filter((node) => type in words(node, 'ignored'));
      const handling = takenBy(snapshot, event).map(({ source }): AnyStateNode => source);
      const [nearest] = ignoring;
      if (handling.length === 0) {
        if (nearest === undefined) nobody.add(`${JSON.stringify(snapshot.value)}: ${type}`);
        else idle.delete(`${nearest.id}: ${type}`);
      }
      for (const node of ignoring)
        if (handling.some((other) => !isWithin(other, node))) untrue.add(`${node.id}: ${type}`);
    }
  }
  return { open: [...nobody], untrue: [...untrue], idle: [...idle] };
}
