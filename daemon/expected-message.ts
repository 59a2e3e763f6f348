/** Which message a chart waits for, as its states say. */
import type { AnyMachineSnapshot, AnyStateNode } from 'xstate';

/** By the list of active states, of which a chart that is run by tables has one for each place. */
const known = new WeakMap<readonly AnyStateNode[], { readonly number: number | undefined }>();

/** Its number; undefined while the chart is busy or at its end. */
export function expectedBy(snapshot: AnyMachineSnapshot): number | undefined {
  const nodes: readonly AnyStateNode[] = snapshot._nodes;
  let expected = known.get(nodes);
  if (expected === undefined) {
    expected = { number: snapshot.hasTag('receiving') ? numberOf(nodes) : undefined };
    known.set(nodes, expected);
  }
  return expected.number;
}

function numberOf(nodes: readonly AnyStateNode[]): number | undefined {
  for (const { meta } of nodes) {
    const said: unknown = meta;
    if (typeof said === 'object' && said !== null && 'expects' in said && typeof said.expects === 'number')
      return said.expects;
  }
  return undefined;
}
