/** Draws every chart that runs to docs/charts/. With --check it writes nothing and exits 1 when a drawing is stale. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { drawSvg } from '../adapters/inspector/draw-svg.js';
import { layOut } from '../adapters/inspector/layout.js';
import { describeChart } from '../daemon/chart-description.js';
import { CHARTS } from '../machines/charts.js';

const FOLDER = new URL('../docs/charts/', import.meta.url);

/** The drawing of each chart by the path of its file. */
export async function drawCharts(): Promise<ReadonlyMap<URL, string>> {
  const drawings = new Map<URL, string>();
  for (const [id, machine] of Object.entries(CHARTS)) {
    const layout = await layOut(describeChart(id, machine));
    drawings.set(new URL(`${id}.svg`, FOLDER), drawSvg(layout, 'standalone'));
  }
  return drawings;
}

async function run(check: boolean): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  for (const [file, drawing] of await drawCharts()) {
    const old = await readFile(file, 'utf8').catch(() => undefined);
    if (old === drawing) continue;
    if (check) {
      console.error(`${file.pathname} is not what the chart looks like now; run: npm run charts`);
      process.exitCode = 1;
    } else {
      await writeFile(file, drawing);
      console.log(`drew ${file.pathname}`);
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await run(process.argv.includes('--check'));
}
