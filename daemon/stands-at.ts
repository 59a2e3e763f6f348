/** Where a running chart stands, in the words of the chart itself. */
import type { AnyMachineSnapshot, AnyStateNode } from 'xstate';
import type { StateWords } from '../services/explain/explain-standing.js';

/** Its innermost active states, in the order of the chart. */
export function standsAt(snapshot: AnyMachineSnapshot): readonly StateWords[] {
  const active: readonly AnyStateNode[] = snapshot._nodes;
  return active
    .filter(({ type }) => type === 'atomic' || type === 'final')
    .sort((a, b) => a.order - b.order)
    .map((node) => ({
      state: node.key,
      description: node.description ?? '',
      jobs: node.invoke.map(({ src }) => (typeof src === 'string' ? src : '')).filter((src) => src !== ''),
    }));
}
