/**
 * What many rules and pre-shared keys cost: the look-up of one peer's, `in.iked -c`, and the start until the door is open.
 * `npm run bench -- rules`. The peer's own rule and key stand last. Look-ups are the median of many; processes the
 * fastest and the median of `BENCH_STARTS` (default 5), wall time, which depends on what else runs.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pathsUnder } from '../cli/in.iked/paths.js';
import { readSettings } from '../cli/in.iked/read-settings.js';
import { KeyStore } from '../daemon/key-store.js';
import { presharedKeyFor } from '../services/policy/select-preshared-key.js';
import { rulesForResponder } from '../services/policy/select-rule.js';
import { describeMachine, load } from './ike/machine.js';
import { MeasuredDaemon } from './ike/measured-daemon.js';
import { DAEMON_ADDRESS, layOutRoots, type Root } from './ike/roots.js';

const STARTS = Number(process.env.BENCH_STARTS ?? 5);
const LOOKUPS = 2000;
const PEER = '127.1.0.1';
const COMMAND = fileURLToPath(new URL('../../../dist/in.iked.js', import.meta.url));

console.log(JSON.stringify(describeMachine()));
for (const strangers of [9, 999, 9999]) await measure(strangers);
console.log(JSON.stringify({ loadAfter: load() }));

async function measure(strangers: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ikechart-bench-'));
  try {
    const { daemon } = layOutRoots(folder, { name: 'rules', group: 14, method: 'preshared', strangers });
    const checks = Array.from({ length: STARTS }, () => timed(() => check(daemon)));
    const starts: number[] = [];
    for (let n = 0; n < STARTS; n++) starts.push(await start(daemon, n));
    const row = {
      rules: strangers + 1,
      ...lookups(daemon),
      checkMs: bestAndMedian(checks),
      readyMs: bestAndMedian(starts),
    };
    console.log(JSON.stringify(row));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function lookups({ folder }: Root): { readonly ruleUs: number; readonly keyUs: number } {
  const { settings } = readSettings(pathsUnder(folder, undefined), {
    policyFile: undefined,
    keys: new KeyStore(),
    now: Date.now(),
    ignoreErrors: false,
  });
  const of = (look: () => unknown): number =>
    round(median(Array.from({ length: LOOKUPS }, () => timed(look))) * 1000);
  return {
    ruleUs: of(() => rulesForResponder(settings.config, DAEMON_ADDRESS, PEER)),
    keyUs: of(() => presharedKeyFor(settings.presharedKeys, DAEMON_ADDRESS, PEER, 'main')),
  };
}

function check({ folder }: Root): void {
  execFileSync(process.execPath, [COMMAND, '-R', folder, '-c'], { stdio: 'pipe' });
}

async function start(root: Root, attempt: number): Promise<number> {
  const begun = performance.now();
  const port = 20_000 + ((process.pid + 2 * attempt) % 20_000);
  const daemon = await MeasuredDaemon.start(root, { port, flags: [], nodeFlags: [] });
  const took = performance.now() - begun;
  await daemon.stop();
  rmSync(pathsUnder(root.folder, undefined).door, { force: true });
  return took;
}

/** Milliseconds. */
function timed(run: () => unknown): number {
  const begun = performance.now();
  run();
  return performance.now() - begun;
}

function bestAndMedian(values: readonly number[]): { readonly best: number; readonly median: number } {
  return { best: round(Math.min(...values)), median: round(median(values)) };
}

function median(values: readonly number[]): number {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
