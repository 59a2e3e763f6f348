/** Which states a transition leaves and enters: the algorithm of SCXML, appendix D, for charts without history. */
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';

type Nodes = ReadonlySet<AnyStateNode>;

/** Of transitions that exit the same state, the one further in remains, or else the first. */
export function withoutConflicts(
  transitions: readonly AnyTransitionDefinition[],
  active: Nodes,
): readonly AnyTransitionDefinition[] {
  if (transitions.length < 2) return transitions;
  let kept: readonly AnyTransitionDefinition[] = [];
  for (const one of transitions) {
    const exits = new Set(exitSet([one], active));
    const rivals = kept.filter((other) => exitSet([other], active).some((node) => exits.has(node)));
    if (!rivals.every((other) => isWithin(one.source, other.source))) continue;
    kept = [...kept.filter((other) => !rivals.includes(other)), one];
  }
  return kept;
}

/** The innermost first. */
export function exitSet(
  transitions: readonly AnyTransitionDefinition[],
  active: Nodes,
): readonly AnyStateNode[] {
  const left = new Set<AnyStateNode>();
  for (const transition of transitions) {
    const domain = domainOf(transition);
    if (domain === undefined) continue;
    for (const node of active) if (isWithin(node, domain)) left.add(node);
  }
  return [...left].sort((a, b) => b.order - a.order);
}

/** The outermost first. */
export function entrySet(transitions: readonly AnyTransitionDefinition[]): readonly AnyStateNode[] {
  const entered = new Set<AnyStateNode>();
  for (const transition of transitions) {
    const domain = domainOf(transition);
    if (domain === undefined) continue;
    for (const target of transition.target ?? []) {
      if (target === domain) {
        enterBelow(target, entered);
        continue;
      }
      enter(target, entered);
      for (const ancestor of ancestorsOf(target)) {
        if (ancestor !== domain) entered.add(ancestor);
        if (ancestor.type === 'parallel') enterRegions(ancestor, entered);
        if (ancestor === domain) break;
      }
    }
  }
  return [...entered].sort((a, b) => a.order - b.order);
}

/** The chart as it begins. */
export function initialSet(root: AnyStateNode): readonly AnyStateNode[] {
  const entered = new Set<AnyStateNode>();
  enter(root, entered);
  return [...entered].sort((a, b) => a.order - b.order);
}

/** The state below which the transition changes everything; undefined when it changes nothing. */
function domainOf({ source, target, reenter }: AnyTransitionDefinition): AnyStateNode | undefined {
  const from: AnyStateNode = source;
  const targets: readonly AnyStateNode[] = target ?? [];
  const first = targets[0];
  if (first === undefined) return undefined;
  if (!reenter && targets.every((node) => node === from || isWithin(node, from))) return from;
  const all = [...targets, from];
  const common = ancestorsOf(first).find((ancestor) =>
    all.every((node) => node === first || isWithin(node, ancestor)),
  );
  return common ?? from.machine.root;
}

function enter(node: AnyStateNode, entered: Set<AnyStateNode>): void {
  entered.add(node);
  enterBelow(node, entered);
}

function enterBelow(node: AnyStateNode, entered: Set<AnyStateNode>): void {
  if (node.type === 'compound') for (const initial of node.initial.target) enter(initial, entered);
  if (node.type === 'parallel') enterRegions(node, entered);
}

/** Those in which nothing is entered yet. */
function enterRegions(node: AnyStateNode, entered: Set<AnyStateNode>): void {
  for (const region of Object.values<AnyStateNode>(node.states)) {
    if (![...entered].some((other) => other === region || isWithin(other, region))) enter(region, entered);
  }
}

function ancestorsOf(node: AnyStateNode): readonly AnyStateNode[] {
  const parent: AnyStateNode | undefined = node.parent;
  return parent === undefined ? [] : [parent, ...ancestorsOf(parent)];
}

function isWithin(node: AnyStateNode, outer: AnyStateNode): boolean {
  return ancestorsOf(node).includes(outer);
}
