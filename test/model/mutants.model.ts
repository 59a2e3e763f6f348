/**
 * The tests of the charts are tests: a mistake in a chart is caught, every time. Ten mistakes are drawn for each run, each
 * is made as if the source had been edited, and the tests run against it until the first one fails.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { CHARTS } from '../../machines/charts.js';
import { difference } from './difference.js';
import { draw, type Mutant, mutated } from './mutants.js';

const COUNT = Number(process.env.IKECHART_MUTANTS ?? 10);
const SEED = Number(process.env.IKECHART_SEED ?? Date.now() % 1_000_000);
const AT_ONCE = 2;
/** A mistake may make a chart go round and round: that is caught too. */
const LIMIT_MS = 150_000;

/** Quickest first: the first that fails has caught it. */
const TESTS = [
  'test/machines/outcomes.test.ts',
  'test/machines/paths.test.ts',
  'test/model/scripts.model.ts',
  'test/daemon/host.test.ts',
  'test/daemon/acquire-pool.test.ts',
  'test/model/charts.model.ts',
  'test/machines/endings.test.ts',
] as const;

/** Title of the test that failed; undefined when none did. */
function catcher({ chart, number }: Mutant): Promise<string | undefined> {
  const mocha = ['--import=tsx', 'node_modules/mocha/bin/mocha.js', '--no-config', '--timeout', '120000'];
  const options = ['--bail', '--reporter', 'min', '--no-color', '--require', 'test/model/mutate.ts'];
  const child = spawn(process.execPath, [...mocha, ...options, ...TESTS], {
    env: { ...process.env, IKECHART_MUTANT: `${chart}:${String(number)}` },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: LIMIT_MS,
    killSignal: 'SIGKILL',
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    child.on('close', (status) => {
      if (status === 0) resolve(undefined);
      else if (status === null) resolve('the time limit: it went round and round');
      else resolve(titleOf(output));
    });
  });
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
  const results = new Map<Mutant, Promise<string | undefined>>();

  before(() => {
    const lanes = Array.from({ length: AT_ONCE }, () => Promise.resolve<unknown>(undefined));
    mutants.forEach((mutant, index) => {
      const result = (lanes[index % AT_ONCE] ?? Promise.resolve()).then(() => catcher(mutant));
      lanes[index % AT_ONCE] = result;
      results.set(mutant, result);
    });
  });

  for (const mutant of mutants) {
    it(`${mutant.kind}: ${mutant.words}`, async () => {
      const caught = await results.get(mutant);
      assert.notEqual(
        caught,
        undefined,
        `no test noticed: IKECHART_MUTANT=${mutant.chart}:${String(mutant.number)}`,
      );
      console.log(`      caught by ${String(caught)}`);
    });
  }
});
