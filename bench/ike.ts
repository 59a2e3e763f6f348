/** `npm run bench -- ike`: what a handshake costs a real `in.iked`, and what an SA pair weighs. bench/README.md explains it. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Layers } from './ike/layers.js';
import type { Pace } from './ike/load.js';
import { describeMachine, load, type Machine } from './ike/machine.js';
import {
  measureMemory,
  measureSuite,
  type MemoryResult,
  type Plan,
  type SuiteResult,
} from './ike/measure.js';
import type { Suite } from './ike/roots.js';
import { SHORT_EXPONENT_BITS } from './ike/short-exponents.js';
import { namesAmong } from './ike/suite-names.js';

/** What a result file holds. */
export interface IkeResults {
  readonly bench: 'ike';
  readonly machine: Machine;
  readonly options: Options;
  readonly suites: readonly SuiteResult[];
  readonly memory: readonly MemoryResult[];
}

interface Options {
  readonly suites: readonly string[];
  readonly count: number;
  readonly warmUp: number;
  readonly window: number;
  readonly rate?: number;
  readonly peers: number;
  readonly fail: number;
  readonly strangers: number;
  readonly steady: number;
  readonly sas: readonly number[];
  readonly profile: boolean;
  readonly functions: number;
  readonly daemonFlags: readonly string[];
  readonly nodeFlags: readonly string[];
  readonly json?: string;
}

const SUITES: readonly Omit<Suite, 'strangers'>[] = [
  { name: 'modp1024', group: 2, method: 'preshared' },
  { name: 'modp1536', group: 5, method: 'preshared' },
  { name: 'modp2048', group: 14, method: 'preshared' },
  { name: 'modp3072', group: 15, method: 'preshared' },
  { name: 'ecp256', group: 19, method: 'preshared' },
  { name: 'rsa2048', group: 14, method: 'rsa_sig' },
];

function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new InvalidArgumentError('Write a number.');
  return value;
}

const words = (text: string): readonly string[] => text.split(' ').filter((word) => word !== '');

const command = new Command('npm run bench -- ike')
  .description(
    'Handshakes with a real in.iked over UDP on loopback. Without options: every suite, and 10 000 SA pairs.',
  )
  .option(
    '--suites <names>',
    'which, separated by commas',
    namesAmong(SUITES),
    SUITES.map(({ name }) => name),
  )
  .option('--count <n>', 'handshakes that are timed', number, 2000)
  .option('--warm-up <n>', 'handshakes before that', number, 1000)
  .option('--window <n>', 'handshakes at once', number, 16)
  .option('--rate <n>', 'handshakes begun a second, instead of a window', number)
  .option('--peers <n>', 'how many peers take turns', number, 1_000_000)
  .option('--fail <percent>', 'handshakes meant to fail, of every kind in turn', number, 0)
  .option('--strangers <n>', 'rules and keys for others that stand before those that fit', number, 0)
  .option('--steady <seconds>', 'how long at 80 % load; 0: not at all', number, 5)
  .option(
    '--sas <n,m>',
    'memory per SA pair between so many and so many; 0: not measured',
    (text) => text.split(',').map(number),
    [1000, 10_000],
  )
  .option('--no-profile', 'no profile by layer')
  .option('--functions <n>', 'how many of the dearest functions are printed', number, 0)
  .option('--daemon-flags <flags>', 'further flags of in.iked, e.g. "--no-record"', words, [])
  .option('--node-flags <flags>', 'flags of Node for the daemon', words, [])
  .option('--json <file>', 'where results go, for `compare`')
  .parse();
const options = command.opts<Options>();

const pace: Pace = options.rate === undefined ? { window: options.window } : { perSecond: options.rate };
let port = 20_000 + (process.pid % 20_000);
function plan(): Plan {
  port += 2;
  return {
    handshakes: options.count,
    warmUp: options.warmUp,
    pace,
    peers: options.peers,
    failing: options.fail,
    flags: options.daemonFlags,
    nodeFlags: options.nodeFlags,
    port,
    profile: options.profile,
    steadySeconds: options.steady,
  };
}

function show(value: number, digits = 2): string {
  return value.toFixed(digits);
}

function say(result: SuiteResult): void {
  const { suite, steady, profile } = result;
  console.log(
    `${suite}: ${show(result.responderCpuMs, 3)} ms CPU per handshake at the responder, floor ${show(result.floorMs, 3)} (alone ${show(result.floorAloneMs, 3)}), ratio ${show(result.ratio)}` +
      ` (${String(result.established)} established, ${String(result.failed)} failed as meant, ${String(result.lost)} lost; ${show(result.perSecond, 0)}/s;` +
      ` latency p50 ${show(result.latencyP50, 1)} p99 ${show(result.latencyP99, 1)} ms; loop delay p99 ${show(result.loopDelayP99, 1)} ms;` +
      ` generator ${show(result.generatorCpuMs, 3)} ms)`,
  );
  if (steady !== undefined)
    console.log(
      `  at 80 % load, ${show(steady.perSecond, 0)}/s: loop delay p50 ${show(steady.loopDelayP50, 1)} p99 ${show(steady.loopDelayP99, 1)} p99.9 ${show(steady.loopDelayP999, 1)} ms,` +
        ` latency p50 ${show(steady.latencyP50, 1)} p99 ${show(steady.latencyP99, 1)} ms, ${String(steady.lost)} lost`,
    );
  if (profile !== undefined)
    console.log(
      `  ${profile.layers.map(([layer, share]) => `${layer} ${show(share * 100, 1)} %`).join(', ')}`,
    );
  if (profile !== undefined && options.functions > 0) {
    console.log('  by themselves:');
    sayFunctions(profile.functions);
    console.log('  with what they call:');
    sayFunctions(profile.inclusive);
  }
}

function sayFunctions(functions: Layers): void {
  for (const [name, share] of functions.slice(0, options.functions))
    console.log(`    ${show(share * 100, 1).padStart(5)} %  ${name}`);
}

const machine = describeMachine();
console.log(
  `${machine.processors}, Node ${machine.node}, OpenSSL ${machine.openssl}; load ${show(machine.loadBefore)} before. ` +
    `The generator uses exponents of ${String(SHORT_EXPONENT_BITS)} bits, the daemon its own.`,
);
const suites: SuiteResult[] = [];
for (const suite of SUITES.filter(({ name }) => options.suites.includes(name))) {
  const result = await measureSuite({ ...suite, strangers: options.strangers }, plan());
  suites.push(result);
  say(result);
}
const memory: MemoryResult[] = [];
const [few = 0, ...more] = options.sas;
for (const [index, many] of more.entries()) {
  const before = index === 0 ? few : (more[index - 1] ?? 0);
  const suite: Suite = { name: 'modp1024', group: 2, method: 'preshared', strangers: 0 };
  const result = await measureMemory(suite, plan(), before, many);
  memory.push(result);
  console.log(
    `memory: ${show(result.rssKiBPerPair)} KiB RSS per SA pair with its Phase 1 SA (heap and external ${show(result.heapKiBPerPair)} KiB; ${show(result.asItIsKiBPerPair)} KiB of RSS before pages are joined)` +
      ` from ${String(result.pairsBefore)} to ${String(result.pairs)}; ${show(result.rssMiB, 0)} MiB in all`,
  );
}
const results: IkeResults = {
  bench: 'ike',
  machine: { ...machine, loadAfter: load() },
  options,
  suites,
  memory,
};
if (options.json !== undefined) {
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(`Results are in ${options.json}.`);
}
