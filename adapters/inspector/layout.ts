/** Where everything of a chart goes, computed by ELK here in Node, so that no layout engine is sent to the page. */
import type { ElkExtendedEdge, ElkNode } from 'elkjs/lib/elk-api.js';
import type { ChartDescription, ChartEdge, ChartNode } from '../../services/ports/inspection.js';
import { textWidth } from './text-width.js';

/** All coordinates in px from the top left of the drawing. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Box extends Point {
  readonly width: number;
  readonly height: number;
}

/** Text in one style. The kinds are the drawing's classes. */
export interface Span {
  readonly kind: 'title' | 'invoke' | 'hook' | 'event' | 'guard' | 'action';
  readonly text: string;
}

/** A line of text; `edge` is the id of the transition it belongs to. */
export interface Line {
  readonly spans: readonly Span[];
  readonly edge: string | undefined;
}

export interface LaidNode extends Box {
  readonly id: string;
  readonly type: ChartNode['type'];
  /** A direct child of a parallel state. */
  readonly region: boolean;
  readonly description: string;
  readonly lines: readonly Line[];
}

export interface LaidLabel extends Box {
  readonly lines: readonly Line[];
}

/** All transitions from one state to another: one line, and a label that names each. */
export interface LaidEdge {
  readonly source: string;
  readonly target: string;
  readonly points: readonly Point[];
  readonly label: LaidLabel;
}

/** The dot from which the initial state is reached. */
export interface LaidInitial {
  readonly owner: string;
  readonly dot: Point;
  readonly points: readonly Point[];
}

export interface ChartLayout {
  readonly id: string;
  readonly width: number;
  readonly height: number;
  /** Parents before children. */
  readonly nodes: readonly LaidNode[];
  readonly edges: readonly LaidEdge[];
  readonly initials: readonly LaidInitial[];
}

export const TITLE_SIZE = 13;
export const TEXT_SIZE = 10.5;
export const LINE_HEIGHT = 14;
export const TITLE_HEIGHT = 18;
export const NODE_PADDING = 10;
export const LABEL_PADDING = 4;
export const DOT_RADIUS = 4.5;

const ELK_OPTIONS = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.edgeCoords': 'ROOT',
  'elk.json.shapeCoords': 'ROOT',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.layered.feedbackEdges': 'true',
  'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.alignment': 'TOP',
  'elk.layered.spacing.nodeNodeBetweenLayers': '22',
  'elk.layered.spacing.edgeNodeBetweenLayers': '12',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '12',
  'elk.spacing.edgeLabel': '4',
  'elk.spacing.nodeSelfLoop': '14',
};

/** Rejects when ELK does, which means a defect here: any chart can be laid out. */
export async function layOut(chart: ChartDescription): Promise<ChartLayout> {
  const graph = graphOf(chart);
  // Loaded when the first chart is drawn: it is large, and a daemon without an inspector never needs it.
  const { default: elk } = await import('elkjs/lib/elk.bundled.js');
  return readBack(chart, await new elk.default().layout(graph));
}

const DOT = '(initial)';
const MARGIN = 12;

function graphOf(chart: ChartDescription): ElkNode {
  const build = (node: ChartNode): ElkNode => {
    const children = chart.nodes.filter((child) => child.parent === node.id);
    const size = textSize(linesOf(chart, node));
    const ports = [{ id: inPort(node.id) }, { id: outPort(node.id) }];
    if (children.length === 0) return { id: node.id, ports, ...size };
    const dot = { id: dotOf(node.id), width: DOT_RADIUS * 2, height: DOT_RADIUS * 2 };
    const top = size.height + 12;
    return {
      id: node.id,
      ports,
      children: [...(node.initial === undefined ? [] : [dot]), ...children.map(build)],
      layoutOptions: {
        // ELK does not hand these down to the graphs inside.
        ...ELK_OPTIONS,
        'elk.padding': `[top=${String(top)},left=18,bottom=18,right=18]`,
        'elk.nodeSize.constraints': 'MINIMUM_SIZE',
        'elk.nodeSize.minimum': `(${String(Math.ceil(size.width) + 12)},${String(top)})`,
      },
    };
  };
  const roots = chart.nodes.filter((node) => node.parent === undefined);
  return {
    id: '(drawing)',
    layoutOptions: {
      ...ELK_OPTIONS,
      'elk.padding': `[top=${String(MARGIN)},left=${String(MARGIN)},bottom=${String(MARGIN)},right=${String(MARGIN)}]`,
    },
    children: roots.map(build),
    edges: [
      ...initialEdges(chart),
      ...bundlesOf(chart).map((bundle, index) => elkEdge(chart, bundle, index)),
    ],
  };
}

function dotOf(node: string): string {
  return `${node}${DOT}`;
}

function initialEdges(chart: ChartDescription): readonly ElkExtendedEdge[] {
  return chart.nodes.flatMap(({ id, initial }) =>
    initial === undefined
      ? []
      : [{ id: `edge of ${dotOf(id)}`, sources: [dotOf(id)], targets: [inPort(initial)] }],
  );
}

interface Bundle {
  readonly source: string;
  readonly target: string;
  readonly edges: readonly ChartEdge[];
}

/** Transitions with a target, those of the same two ends together, in the order of the description. */
function bundlesOf(chart: ChartDescription): readonly Bundle[] {
  const bundles = new Map<string, Bundle & { readonly edges: ChartEdge[] }>();
  for (const edge of chart.edges) {
    if (edge.target === undefined) continue;
    const ends = JSON.stringify([edge.source, edge.target]);
    const bundle = bundles.get(ends) ?? { source: edge.source, target: edge.target, edges: [] };
    bundle.edges.push(edge);
    bundles.set(ends, bundle);
  }
  return [...bundles.values()];
}

/**
 * ELK wants unique ids, so bundles go by their index. Those that lead on in the order in which the chart was written
 * share a port at either end, and so leave as one stem and arrive as one head; loops and ways back keep to themselves.
 */
function elkEdge(chart: ChartDescription, { source, target, edges }: Bundle, index: number): ElkExtendedEdge {
  const place = (id: string): number => chart.nodes.findIndex((node) => node.id === id);
  const parent = (id: string): string | undefined => chart.nodes.find((node) => node.id === id)?.parent;
  const leadsOn = place(source) < place(target);
  // Inline is an option of the label: on a graph ELK ignores it.
  const inline = { 'elk.edgeLabels.inline': 'true' };
  const label = { ...textSize(labelLines(edges), LABEL_PADDING, LABEL_PADDING + 3), layoutOptions: inline };
  return {
    id: String(index),
    sources: [leadsOn ? outPort(source) : source],
    targets: [leadsOn ? inPort(target) : target],
    labels: [{ text: String(index), ...label }],
    // Steps among siblings are the good path: that one is drawn straight.
    layoutOptions: { 'elk.layered.priority.straightness': parent(source) === parent(target) ? '10' : '1' },
  };
}

function inPort(node: string): string {
  return `${node}(in)`;
}

function outPort(node: string): string {
  return `${node}(out)`;
}

function linesOf(chart: ChartDescription, node: ChartNode): readonly Line[] {
  const line = (...spans: readonly Span[]): Line => ({ spans, edge: undefined });
  const inner = chart.edges.filter((edge) => edge.source === node.id && edge.target === undefined);
  return [
    line({ kind: 'title', text: node.key }),
    ...node.invokes.map((name) => line({ kind: 'invoke', text: `» ${name}` })),
    ...node.entry.map((name) =>
      line({ kind: 'hook', text: 'entry ' }, { kind: 'action', text: `/ ${name}` }),
    ),
    ...node.exit.map((name) => line({ kind: 'hook', text: 'exit ' }, { kind: 'action', text: `/ ${name}` })),
    ...inner.map((edge) => ({ edge: edge.id, spans: inOneLine(edge) })),
  ];
}

function spansOf(edge: ChartEdge): readonly Span[] {
  return [
    { kind: 'event', text: edge.event },
    ...(edge.guard === undefined ? [] : [{ kind: 'guard' as const, text: `[${edge.guard}]` }]),
    ...edge.actions.map((action) => ({ kind: 'action' as const, text: `/ ${action}` })),
  ];
}

function inOneLine(edge: ChartEdge): readonly Span[] {
  return spansOf(edge).map((span, index) => (index === 0 ? span : { ...span, text: ` ${span.text}` }));
}

/** One alone has a line for each part; several have a line each. */
function labelLines(edges: readonly ChartEdge[]): readonly Line[] {
  if (edges.length > 1) return edges.map((edge) => ({ edge: edge.id, spans: inOneLine(edge) }));
  return edges.flatMap((edge) => spansOf(edge).map((span) => ({ edge: edge.id, spans: [span] })));
}

function textSize(
  lines: readonly Line[],
  above = NODE_PADDING,
  beside = NODE_PADDING + 4,
): { readonly width: number; readonly height: number } {
  let width = 0;
  let height = above * 2;
  for (const { spans } of lines) {
    const titled = spans[0]?.kind === 'title';
    const wide = spans.reduce(
      (sum, span) =>
        sum + (titled ? textWidth(span.text, TITLE_SIZE, 'bold') : textWidth(span.text, TEXT_SIZE)),
      0,
    );
    width = Math.max(width, wide);
    height += titled ? TITLE_HEIGHT : LINE_HEIGHT;
  }
  return { width: Math.ceil(width + beside * 2), height };
}

function readBack(chart: ChartDescription, laid: ElkNode): ChartLayout {
  const boxes = new Map<string, Box>();
  const gather = (node: ElkNode): void => {
    boxes.set(node.id, boxOf(node));
    node.children?.forEach(gather);
  };
  gather(laid);
  const boxFor = (id: string): Box => boxes.get(id) ?? boxOf({});

  const edges: LaidEdge[] = [];
  const initials: LaidInitial[] = [];
  const bundles = bundlesOf(chart);
  for (const drawn of laid.edges ?? []) {
    const points = pointsOf(drawn);
    const bundle = bundles[Number(drawn.id)];
    if (bundle !== undefined) {
      const label = { ...boxOf(drawn.labels?.[0] ?? {}), lines: labelLines(bundle.edges) };
      edges.push({ source: bundle.source, target: bundle.target, points, label });
      continue;
    }
    const dot = boxFor(drawn.sources[0] ?? '');
    const owner = (drawn.sources[0] ?? '').slice(0, -DOT.length);
    initials.push({ owner, points, dot: { x: dot.x + DOT_RADIUS, y: dot.y + DOT_RADIUS } });
  }

  const types = new Map(chart.nodes.map((node) => [node.id, node.type]));
  const nodes = chart.nodes.map((node) => ({
    id: node.id,
    type: node.type,
    region: node.parent !== undefined && types.get(node.parent) === 'parallel',
    description: node.description,
    lines: linesOf(chart, node),
    ...boxFor(node.id),
  }));
  const { width, height } = boxOf(laid);
  return { id: chart.id, width, height, nodes, edges, initials };
}

function pointsOf(edge: ElkExtendedEdge): readonly Point[] {
  return (edge.sections ?? []).flatMap((section) => [
    pointOf(section.startPoint),
    ...(section.bendPoints ?? []).map(pointOf),
    pointOf(section.endPoint),
  ]);
}

/** Half pixels are as exact as a drawing needs, and stay the same where floating point differs in its last digit. */
function round(value: number | undefined): number {
  return Math.round((value ?? 0) * 2) / 2;
}

function pointOf(point: Partial<Point>): Point {
  return { x: round(point.x), y: round(point.y) };
}

function boxOf(shape: Partial<Box>): Box {
  return { ...pointOf(shape), width: round(shape.width), height: round(shape.height) };
}
