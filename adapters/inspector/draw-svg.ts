/** A laid-out chart as SVG. Boxes carry their state's id (`data-node`), the texts of transitions theirs (`data-edge`). */
import { CHART_STYLE } from './chart-style.js';
import {
  DOT_RADIUS,
  LABEL_PADDING,
  LINE_HEIGHT,
  NODE_PADDING,
  TITLE_HEIGHT,
  type ChartLayout,
  type LaidEdge,
  type LaidInitial,
  type LaidLabel,
  type LaidNode,
  type Line,
  type Point,
} from './layout.js';

/** `standalone` is a file to look at; `embedded` has neither style nor paper: the page around it brings both. */
export function drawSvg(layout: ChartLayout, use: 'standalone' | 'embedded'): string {
  const size = `width="${text(layout.width)}" height="${text(layout.height)}"`;
  const alone = use === 'standalone';
  const groups = layout.nodes.filter(isGroup);
  const boxes = layout.nodes.filter((node) => !isGroup(node));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="chart" ${size} viewBox="0 0 ${text(layout.width)} ${text(layout.height)}" role="img" aria-label="${escape(`Chart ${layout.id}`)}">`,
    ...(alone
      ? [
          `<title>${escape(layout.id)}</title>`,
          `<style>${CHART_STYLE}</style>`,
          `<rect class="paper" ${size} rx="10"/>`,
        ]
      : []),
    ...groups.map(drawNode),
    ...layout.initials.map(drawInitial),
    ...layout.edges.map(drawEdge),
    ...boxes.map(drawNode),
    '</svg>',
    '',
  ].join('\n');
}

function isGroup(node: LaidNode): boolean {
  return node.type === 'compound' || node.type === 'parallel';
}

function drawNode(node: LaidNode): string {
  const group = isGroup(node);
  const classes = ['node', node.type, ...(group ? ['group'] : []), ...(node.region ? ['region'] : [])];
  const final = node.type === 'final';
  return [
    `<g class="${classes.join(' ')}" data-node="${escape(node.id)}">`,
    node.description === '' ? '' : `<title>${escape(node.description)}</title>`,
    rectangle('box', node, group ? 12 : 8, 0),
    final ? rectangle('rim', node, 6, 3.5) : '',
    ...drawLines(node.lines, group ? node.x + NODE_PADDING + 4 : middle(node), node.y + NODE_PADDING, !group),
    '</g>',
  ].join('');
}

function rectangle(name: string, box: LaidNode, radius: number, inset: number): string {
  return `<rect class="${name}" x="${text(box.x + inset)}" y="${text(box.y + inset)}" width="${text(box.width - inset * 2)}" height="${text(box.height - inset * 2)}" rx="${text(radius)}"/>`;
}

function drawInitial({ owner, dot, points }: LaidInitial): string {
  return `<g class="initial" data-owner="${escape(owner)}"><circle cx="${text(dot.x)}" cy="${text(dot.y)}" r="${text(DOT_RADIUS)}"/>${arrow(points)}</g>`;
}

function drawEdge(edge: LaidEdge): string {
  const ends = `data-source="${escape(edge.source)}" data-target="${escape(edge.target)}"`;
  return `<g class="edge" ${ends}>${arrow(edge.points)}${drawLabel(edge.label)}</g>`;
}

function drawLabel(label: LaidLabel): string {
  const box = `<rect class="pill" x="${text(label.x)}" y="${text(label.y)}" width="${text(label.width)}" height="${text(label.height)}" rx="6"/>`;
  return box + drawLines(label.lines, middle(label), label.y + LABEL_PADDING, true).join('');
}

function middle(box: { readonly x: number; readonly width: number }): number {
  return box.x + box.width / 2;
}

function drawLines(lines: readonly Line[], x: number, top: number, centred: boolean): readonly string[] {
  let y = top;
  return lines.map(({ spans, edge }) => {
    const height = spans[0]?.kind === 'title' ? TITLE_HEIGHT : LINE_HEIGHT;
    const baseline = y + height * 0.73;
    y += height;
    const anchor = centred ? ' text-anchor="middle"' : '';
    const only = spans.length === 1 ? spans[0] : undefined;
    const content =
      only === undefined
        ? spans.map((span) => `<tspan class="${span.kind}">${escape(span.text)}</tspan>`).join('')
        : escape(only.text);
    const names = [
      ...(only === undefined ? [] : [only.kind]),
      ...(edge !== undefined && only === undefined ? ['inner'] : []),
    ];
    const owner = edge === undefined ? '' : ` data-edge="${escape(edge)}"`;
    return `<text class="${names.join(' ')}"${owner} x="${text(x)}" y="${text(baseline)}"${anchor} xml:space="preserve">${content}</text>`;
  });
}

const CORNER = 6;
const HEAD_LENGTH = 7;
const HEAD_HALF = 3.5;

/** A line with rounded corners and its head. */
function arrow(points: readonly Point[]): string {
  const last = points.at(-1);
  const before = points.at(-2);
  const first = points[0];
  if (last === undefined || before === undefined || first === undefined) return '';
  const towards = direction(before, last);
  const neck = { x: last.x - towards.x * HEAD_LENGTH, y: last.y - towards.y * HEAD_LENGTH };
  const side = { x: -towards.y * HEAD_HALF, y: towards.x * HEAD_HALF };
  const wire = [`M${at(first)}`];
  for (let i = 1; i < points.length - 1; i++) {
    const previous = points[i - 1];
    const corner = points[i];
    const next = points[i + 1];
    if (previous === undefined || corner === undefined || next === undefined) continue;
    const reach = Math.min(CORNER, distance(previous, corner) / 2, distance(corner, next) / 2);
    const into = direction(previous, corner);
    const away = direction(corner, next);
    const start = { x: corner.x - into.x * reach, y: corner.y - into.y * reach };
    const end = { x: corner.x + away.x * reach, y: corner.y + away.y * reach };
    wire.push(`L${at(start)}Q${at(corner)} ${at(end)}`);
  }
  wire.push(`L${at(neck)}`);
  const left = { x: neck.x + side.x, y: neck.y + side.y };
  const right = { x: neck.x - side.x, y: neck.y - side.y };
  return `<path class="wire" d="${wire.join('')}"/><path class="head" d="M${at(last)}L${at(left)}L${at(right)}Z"/>`;
}

function distance(a: Point, b: Point): number {
  return Math.abs(a.x - b.x) + Math.abs(a.y - b.y);
}

/** Of a segment along an axis: ELK routes orthogonally. */
function direction(a: Point, b: Point): Point {
  return { x: Math.sign(b.x - a.x), y: Math.sign(b.y - a.y) };
}

function at(point: Point): string {
  return `${text(point.x)} ${text(point.y)}`;
}

function text(value: number): string {
  return String(Math.round(value * 100) / 100);
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
]);

function escape(value: string): string {
  return value.replace(/[&<>"]/g, (character) => ENTITIES.get(character) ?? character);
}
