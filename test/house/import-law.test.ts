/** The import law is enforced: in a tree of its own, each forbidden import is seen and no legal one is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const CRUISER = join(PROJECT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** A tree that keeps the law, with one room per floor. */
const LAWFUL: Readonly<Record<string, string>> = {
  'services/value.ts': 'export interface Value { readonly n: number }\nexport const ONE: Value = { n: 1 };\n',
  'services/ports/clock.ts': "import type { Value } from '../value.js';\nexport type Clock = () => Value;\n",
  'machines/chart.ts':
    "import { setup } from 'xstate';\nimport type { Value } from '../services/value.js';\nexport const chart = (v: Value) => setup(v);\n",
  'daemon/pool.ts':
    "import { chart } from '../machines/chart.js';\nimport { ONE } from '../services/value.js';\nexport const pool = chart(ONE);\n",
  'adapters/clock/node-clock.ts':
    "import { performance } from 'node:perf_hooks';\nimport type { Clock } from '../../services/ports/clock.js';\nexport const clock: Clock = () => ({ n: performance.now() });\n",
  'cli/main.ts':
    "import { clock } from '../adapters/clock/node-clock.js';\nimport { pool } from '../daemon/pool.js';\nexport const main = [clock, pool];\n",
};

const BREACHES: readonly { readonly file: string; readonly imports: string; readonly rule: string }[] = [
  { file: 'services/bad.ts', imports: '../adapters/clock/node-clock.js', rule: 'services-imports' },
  { file: 'services/bad.ts', imports: '../machines/chart.js', rule: 'services-imports' },
  { file: 'services/bad.ts', imports: '../daemon/pool.js', rule: 'services-imports' },
  { file: 'services/bad.ts', imports: '../tools/tool.mjs', rule: 'services-imports' },
  { file: 'services/bad.ts', imports: 'node:fs', rule: 'no-node-core-below-adapters' },
  { file: 'services/old.ts', imports: 'fs', rule: 'no-node-core-below-adapters' },
  { file: 'machines/bad.ts', imports: '../daemon/pool.js', rule: 'machines-imports' },
  { file: 'machines/bad.ts', imports: '../adapters/clock/node-clock.js', rule: 'machines-imports' },
  { file: 'machines/bad.ts', imports: '../services/value.js', rule: 'machines-take-types-only' },
  { file: 'machines/bad.ts', imports: 'pino', rule: 'machines-know-xstate-only' },
  { file: 'machines/bad.ts', imports: 'node:dgram', rule: 'no-node-core-below-adapters' },
  { file: 'daemon/bad.ts', imports: '../adapters/clock/node-clock.js', rule: 'daemon-imports' },
  { file: 'daemon/bad.ts', imports: '../cli/main.js', rule: 'daemon-imports' },
  { file: 'daemon/bad.ts', imports: 'node:net', rule: 'no-node-core-below-adapters' },
  { file: 'adapters/udp/bad.ts', imports: '../../daemon/pool.js', rule: 'adapters-imports' },
  { file: 'adapters/udp/bad.ts', imports: '../../machines/chart.js', rule: 'adapters-imports' },
  {
    file: 'adapters/udp/bad.ts',
    imports: '../clock/node-clock.js',
    rule: 'one-adapter-does-not-lean-on-another',
  },
  { file: 'cli/bad.ts', imports: '../test/sim/clock.js', rule: 'cli-imports' },
  { file: 'cli/bad.ts', imports: 'mocha', rule: 'no-development-packages' },
  { file: 'cli/bad.ts', imports: './nowhere.js', rule: 'resolvable' },
  { file: 'services/ring-a.ts', imports: './ring-b.js', rule: 'no-cycles' },
];

interface Violation {
  readonly from: string;
  readonly rule: string;
}

describe('the import law', () => {
  let tree: string;

  function put(path: string, text: string): void {
    mkdirSync(dirname(join(tree, path)), { recursive: true });
    writeFileSync(join(tree, path), text);
  }

  function cruise(): readonly Violation[] {
    const folders = ['cli', 'adapters', 'daemon', 'machines', 'services'];
    const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders];
    const run = spawnSync(process.execPath, [CRUISER, ...args], { cwd: tree, encoding: 'utf8' });
    const report = JSON.parse(run.stdout) as {
      summary: { violations: { from: string; rule: { name: string } }[] };
    };
    return report.summary.violations.map(({ from, rule }) => ({ from, rule: rule.name }));
  }

  before(() => {
    tree = mkdtempSync(join(tmpdir(), 'ikechart-law-'));
    for (const file of ['.dependency-cruiser.cjs', 'tsconfig.json']) {
      copyFileSync(join(PROJECT, file), join(tree, file));
    }
    put(
      'package.json',
      JSON.stringify({
        name: 'tree',
        type: 'module',
        dependencies: { xstate: '5', pino: '10' },
        devDependencies: { mocha: '12' },
      }),
    );
    for (const name of ['xstate', 'pino', 'mocha']) {
      put(`node_modules/${name}/package.json`, JSON.stringify({ name, version: '1.0.0', main: 'index.js' }));
      put(`node_modules/${name}/index.js`, 'exports.setup = (value) => value;\n');
    }
    put('tools/tool.mjs', 'export const tool = 1;\n');
    put('test/sim/clock.ts', 'export const simulated = 1;\n');
    for (const [path, text] of Object.entries(LAWFUL)) put(path, text);
  });

  after(() => {
    rmSync(tree, { recursive: true, force: true });
  });

  it('lets a tree pass whose imports run downward', () => {
    assert.deepEqual(cruise(), []);
  });

  it('sees every forbidden import and a module that nothing is wired to', () => {
    const sources = new Map<string, string[]>();
    for (const { file, imports } of BREACHES) sources.set(file, [...(sources.get(file) ?? []), imports]);
    for (const [file, imports] of sources) {
      put(file, imports.map((name, i) => `export * as import${String(i)} from '${name}';\n`).join(''));
    }
    put('services/ring-b.ts', "export * from './ring-a.js';\n");
    put('services/alone.ts', 'export const alone = 1;\n');

    const seen = cruise();
    const count = (file: string, rule: string): number =>
      seen.filter((violation) => violation.from === file && violation.rule === rule).length;
    for (const { file, rule } of BREACHES) {
      const wanted = BREACHES.filter((breach) => breach.file === file && breach.rule === rule).length;
      assert.equal(count(file, rule), wanted, `${rule} in ${file}`);
    }
    assert.equal(count('services/alone.ts', 'no-orphans'), 1);
    const innocent = seen.filter((violation) => violation.from in LAWFUL);
    assert.deepEqual(innocent, []);
  });
});
