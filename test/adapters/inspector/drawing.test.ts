import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createMachine } from 'xstate';
import { drawSvg } from '../../../adapters/inspector/draw-svg.js';
import { layOut, type Box, type ChartLayout } from '../../../adapters/inspector/layout.js';
import { describeChart } from '../../../daemon/chart-description.js';
import { CHARTS } from '../../../machines/charts.js';
import type { ChartDescription } from '../../../services/ports/inspection.js';
import { drawCharts } from '../../../tools/draw-charts.js';

function within(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function boxOf(layout: ChartLayout, id: string): Box {
  const node = layout.nodes.find((candidate) => candidate.id === id);
  assert.ok(node, id);
  return node;
}

const charts: readonly ChartDescription[] = Object.entries(CHARTS).map(([id, machine]) =>
  describeChart(id, machine),
);

describe('the layout of a chart', () => {
  for (const chart of charts) {
    it(`of ${chart.id} puts states into their parents, side by side`, async () => {
      const layout = await layOut(chart);
      for (const node of chart.nodes) {
        const box = boxOf(layout, node.id);
        assert.ok(box.width > 0 && box.height > 0, node.id);
        const paper = { x: 0, y: 0, width: layout.width, height: layout.height };
        assert.ok(within(box, node.parent === undefined ? paper : boxOf(layout, node.parent)), node.id);
        for (const sibling of chart.nodes) {
          if (sibling.parent !== node.parent || sibling.id === node.id) continue;
          assert.ok(!overlap(box, boxOf(layout, sibling.id)), `${node.id} and ${sibling.id}`);
        }
      }
    });

    it(`of ${chart.id} routes every transition along the axes, and keeps labels off the states`, async () => {
      const layout = await layOut(chart);
      const ends = new Set(
        chart.edges.filter((e) => e.target !== undefined).map((e) => `${e.source} ${e.target ?? ''}`),
      );
      assert.equal(layout.edges.length, ends.size);
      const leaves = layout.nodes.filter(({ id }) => !chart.nodes.some((node) => node.parent === id));
      for (const { points, label, source } of layout.edges) {
        assert.ok(points.length >= 2, source);
        for (const [index, point] of points.entries()) {
          const next = points[index + 1];
          if (next !== undefined) assert.ok(point.x === next.x || point.y === next.y, source);
        }
        for (const leaf of leaves)
          assert.ok(!overlap(label, leaf), `${label.lines[0]?.edge ?? ''} on ${leaf.id}`);
      }
    });
  }

  it('is the same each time', async () => {
    const [chart] = charts;
    assert.ok(chart);
    assert.deepEqual(await layOut(chart), await layOut(chart));
  });
});

describe('the drawing of a chart', () => {
  it('names every state and every transition', async () => {
    for (const chart of charts) {
      const drawing = drawSvg(await layOut(chart), 'embedded');
      for (const node of chart.nodes) assert.ok(drawing.includes(`data-node="${node.id}"`), node.id);
      for (const edge of chart.edges) assert.ok(drawing.includes(`data-edge="${edge.id}"`), edge.id);
    }
  });

  it('brings its own style only when it stands alone', async () => {
    const [chart] = charts;
    assert.ok(chart);
    const layout = await layOut(chart);
    assert.doesNotMatch(drawSvg(layout, 'embedded'), /style/);
    assert.match(drawSvg(layout, 'standalone'), /<style>[^]*prefers-color-scheme: dark/);
  });

  it('writes names as text, whatever is in them', async () => {
    const machine = createMachine({
      initial: 'a<b>&"c"',
      states: { 'a<b>&"c"': { description: '</title><script>' } },
    });
    const drawing = drawSvg(await layOut(describeChart('odd', machine)), 'embedded');
    assert.ok(drawing.includes('a&lt;b&gt;&amp;&quot;c&quot;'));
    assert.ok(!drawing.includes('<script>'));
  });

  it('in docs/charts/ is of the charts that run (else: npm run charts)', async () => {
    for (const [file, drawing] of await drawCharts()) {
      assert.equal(await readFile(file, 'utf8'), drawing, file.pathname);
    }
  });
});
