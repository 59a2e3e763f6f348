/** The page of what comes of every event in every state, from the charts that run. */
import type { AnyStateMachine, AnyStateNode } from 'xstate';
import { describeChart } from '../daemon/chart-description.js';
import { CHARTS } from '../machines/charts.js';
import type { ChartEdge, ChartNode } from '../services/ports/inspection.js';

/** One section per chart: a state's rows are its own; what the states around it say holds in it too. */
export function chartOutcomes(): string {
  return Object.entries(CHARTS).map(section).join('\n');
}

function section([name, machine]: readonly [string, AnyStateMachine]): string {
  const { nodes, edges } = describeChart(name, machine);
  const events = Object.entries(table(machine.root, 'events')).map(
    ([type, meaning]) => `- \`${type}\`: ${meaning}`,
  );
  const rows = nodes.flatMap((node) => rowsOf(node, edges, nodeOf(machine.root, node.id), name));
  return `## ${name}

${machine.root.description ?? ''} What it can be told:

${events.join('\n')}

| state | event | what comes of it |
| --- | --- | --- |
${rows.join('\n')}
`;
}

function rowsOf(
  node: ChartNode,
  edges: readonly ChartEdge[],
  configured: AnyStateNode | undefined,
  chart: string,
): readonly string[] {
  const short = (id: string): string => (id === chart ? 'everywhere' : id.slice(chart.length + 1));
  const doing = [...node.entry, ...node.invokes.map((job) => `job ${job}`)];
  const entered = doing.length === 0 ? [] : [['entered', doing.map(code).join(', ')]];
  const taken = edges
    .filter(({ source }) => source === node.id)
    .map(({ event, guard, target, actions }) => [
      guard === undefined ? event : `${event} [${guard}]`,
      [target === undefined ? 'stays' : `to ${code(short(target))}`, ...actions.map(code)].join(', '),
    ]);
  const ignored = Object.entries(configured === undefined ? {} : table(configured, 'ignored'));
  return [...entered, ...taken, ...ignored.map(([type, why]) => [type, `ignored: ${why}`])].map(
    ([event = '', outcome = '']) => `| ${code(short(node.id))} | ${event} | ${outcome} |`,
  );
}

function code(text: string): string {
  return `\`${text}\``;
}

function nodeOf(root: AnyStateNode, id: string): AnyStateNode | undefined {
  if (root.id === id) return root;
  for (const child of Object.values<AnyStateNode>(root.states)) {
    const found = nodeOf(child, id);
    if (found !== undefined) return found;
  }
  return undefined;
}

function table(node: AnyStateNode, key: 'events' | 'ignored'): Readonly<Record<string, string>> {
  const meta: unknown = node.meta;
  const found: unknown = typeof meta === 'object' && meta !== null ? Reflect.get(meta, key) : undefined;
  if (typeof found !== 'object' || found === null) return {};
  return Object.fromEntries(Object.entries(found).map(([type, text]) => [type, String(text)]));
}
