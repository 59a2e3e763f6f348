/**
 * The tests of the charts are tests: a mistake in a chart is caught, every time. For each run a mistake of every chart is
 * drawn; it is made as if the source had been edited, and the tests run against it until the first one fails.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { CHARTS } from '../../machines/charts.js';
import { difference } from './difference.js';
import { draw, type Mutant, mutated } from './mutants.js';

/** One of each chart. */
const COUNT = Number(process.env.IKECHART_MUTANTS ?? Object.keys(CHARTS).length);
const SEED = Number(process.env.IKECHART_SEED ?? Date.now() % 1_000_000);
const AT_ONCE = 2;
/** Far more than the tests take; what is not decided by then is no catch. */
const LIMIT_MS = 200_000;

/** The first that fails has caught it. The page comes last: it notices everything, and says least about it. */
const TESTS = [
  'test/machines/outcomes.test.ts',
  'test/machines/paths.test.ts',
  'test/model/scripts.model.ts',
  'test/daemon/host.test.ts',
  'test/model/page.model.ts',
] as const;

/** Title of the test that failed; undefined when none did. */
function catcher(mutant: Mutant | undefined): Promise<string | undefined> {
  const mocha = ['--import=tsx', 'node_modules/mocha/bin/mocha.js', '--no-config', '--timeout', '120000'];
  const options = ['--bail', '--reporter', 'min', '--no-color', '--require', 'test/model/mutate.ts'];
  const mistake = mutant === undefined ? {} : { IKECHART_MUTANT: `${mutant.chart}:${String(mutant.number)}` };
  const grep = mutant === undefined ? [] : ['--grep', aboutChart(mutant.chart)];
  const child = spawn(process.execPath, [...mocha, ...options, ...grep, ...TESTS], {
    env: { ...process.env, ...mistake },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('close', (status) => {
      if (status === 0) resolve(undefined);
      else if (status === null) reject(new Error(`not decided after ${String(LIMIT_MS)} ms`));
      else resolve(titleOf(output));
    });
  });
}

/** Titles of the tests that have to do with it; the others would only cost time. */
function aboutChart(chart: string): string {
  return `chart ${chart} |${chart}$|${chart} follows|the daemon|docs/outcomes`;
}

/** From mocha's list of failures: `  1) suite`, `       suite or test`, ..., `       test:`. */
function titleOf(output: string): string {
  const [, title = ''] = /^ {2}1\) ([^]*?):\n/m.exec(output) ?? [];
  const words = title.split('\n').map((line) => line.trim());
  return title === ''
    ? `the loading of the tests: ${output.trim().split('\n').at(0) ?? ''}`
    : words.join(': ');
}

describe(`${String(COUNT)} mutants of the charts, IKECHART_SEED=${String(SEED)}`, function () {
  this.timeout(LIMIT_MS * COUNT);
  const charts = new Map(Object.entries(CHARTS));
  const mutants = draw(charts, COUNT, SEED, (mutant, machine) => {
    // A mistake that nothing shows is none.
    return difference(mutant.chart, machine, mutated(machine, mutant.number)) !== undefined;
  });
  const results: Promise<string | undefined>[] = [];

  before(() => {
    const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve<unknown>(undefined));
    [undefined, ...mutants].forEach((mutant, index) => {
      const lane = index % AT_ONCE;
      const result = (lanes[lane] ?? Promise.resolve()).then(() => catcher(mutant));
      lanes[lane] = result.catch(() => undefined);
      results.push(result);
    });
  });

  it('no test fails without a mistake', async () => {
    assert.equal(await results[0], undefined);
  });

  mutants.forEach(({ chart, number, kind, words }, index) => {
    it(`${kind}: ${words}`, async () => {
      const caught = await results[index + 1];
      assert.ok(caught, `no test noticed IKECHART_MUTANT=${chart}:${String(number)}`);
      console.log(`      caught by ${caught}`);
    });
  });
});
