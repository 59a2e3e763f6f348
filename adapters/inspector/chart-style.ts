/** The look of a drawn chart: the same rules in a drawing that stands alone and on the page. */

interface Palette {
  readonly paper: string;
  readonly box: string;
  readonly group: string;
  readonly rim: string;
  readonly groupRim: string;
  readonly line: string;
  readonly title: string;
  readonly event: string;
  readonly guard: string;
  readonly action: string;
  readonly pill: string;
  readonly pillRim: string;
  readonly visited: string;
  readonly lit: string;
  readonly litFill: string;
  readonly litTitle: string;
  readonly groupLit: string;
  readonly bad: string;
  readonly badFill: string;
  readonly taken: string;
}

const LIGHT: Palette = {
  paper: '#ffffff',
  box: '#ffffff',
  group: '#f6f8fb',
  rim: '#8492a6',
  groupRim: '#c3ccd8',
  line: '#8492a6',
  title: '#16202e',
  event: '#1f57b5',
  guard: '#96560a',
  action: '#5a6778',
  pill: '#fdfefe',
  pillRim: '#dde3ea',
  visited: '#2c8a68',
  lit: '#0c8f5f',
  litFill: '#d3f3e4',
  litTitle: '#064a31',
  groupLit: '#56a98a',
  bad: '#c02f3d',
  badFill: '#fbe0e2',
  taken: '#e07b00',
};

const DARK: Palette = {
  paper: '#0f141d',
  box: '#1c2432',
  group: '#141b27',
  rim: '#52627a',
  groupRim: '#2f3b4d',
  line: '#66758c',
  title: '#e7edf6',
  event: '#8cb4ff',
  guard: '#f0b35a',
  action: '#98a5b8',
  pill: '#131a25',
  pillRim: '#2a3546',
  visited: '#3f9c7b',
  lit: '#3ddba0',
  litFill: '#174736',
  litTitle: '#dafbee',
  groupLit: '#2f7f63',
  bad: '#ff6f7d',
  badFill: '#4a1c24',
  taken: '#ffb74a',
};

export const CHART_FONT = 'ui-sans-serif, system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** Plain colours, not variables: some viewers of SVG files know none. */
function coloured(p: Palette): string {
  return `
.chart .paper { fill: ${p.paper}; }
.chart .node > .box { fill: ${p.box}; stroke: ${p.rim}; }
.chart .node > .rim { fill: none; stroke: ${p.rim}; }
.chart .group > .box { fill: ${p.group}; stroke: ${p.groupRim}; }
.chart .region > .box { fill: none; }
.chart .initial circle, .chart .head { fill: ${p.line}; }
.chart .wire { stroke: ${p.line}; }
.chart .pill { fill: ${p.pill}; stroke: ${p.pillRim}; }
.chart .title { fill: ${p.title}; }
.chart .event { fill: ${p.event}; }
.chart .guard { fill: ${p.guard}; }
.chart .action, .chart .hook, .chart .invoke { fill: ${p.action}; }
.chart .node.visited > .box, .chart .node.visited > .rim { stroke: ${p.visited}; }
.chart .edge.visited .wire { stroke: ${p.visited}; }
.chart .edge.visited .head { fill: ${p.visited}; }
.chart .group.active > .box { stroke: ${p.groupLit}; }
.chart .node.active:not(.group) > .box { fill: ${p.litFill}; stroke: ${p.lit}; }
.chart .node.active > .rim { stroke: ${p.lit}; }
.chart .node.active:not(.group) .title { fill: ${p.litTitle}; }
.chart .node.active.bad > .box { fill: ${p.badFill}; stroke: ${p.bad}; }
.chart .node.active.bad > .rim { stroke: ${p.bad}; }
.chart .node.active.bad .title { fill: ${p.title}; }
.chart .edge.last .wire { stroke: ${p.taken}; }
.chart .edge.last .head { fill: ${p.taken}; }
.chart .edge.last .pill { stroke: ${p.taken}; }
.chart .inner.last { stroke: ${p.taken}; }`;
}

const SHAPES = `
.chart text { font-family: ${CHART_FONT}; font-size: 10.5px; white-space: pre; }
.chart .title { font-size: 13px; font-weight: 600; }
.chart .box, .chart .rim { stroke-width: 1.25; }
.chart .region > .box { stroke-dasharray: 5 4; }
.chart .wire { fill: none; stroke-width: 1.25; }
.chart .pill { stroke-width: 1; }
.chart .node.active > .box { stroke-width: 2; }
.chart .edge.last .wire { stroke-width: 2.5; }
.chart .inner.last { paint-order: stroke; stroke-width: 0.4px; }`;

/** Light, and dark where the reader's system asks for it. */
export const CHART_STYLE = `${SHAPES}
${coloured(LIGHT)}
@media (prefers-color-scheme: dark) {${coloured(DARK).replaceAll('\n', '\n  ')}
}
`;
