/**
 * `npm run bench -- workers`: what a handshake costs a daemon of several workers and one without, in turn, and how the
 * work is split. bench/README.md explains it.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Load, Pace, Round } from './ike/load.js';
import { describeMachine, load as machineLoad } from './ike/machine.js';
import { type Plan, withEnds } from './ike/measure.js';
import type { MeasuredDaemon } from './ike/measured-daemon.js';
import { loadReports } from './ike/operator.js';
import type { Suite } from './ike/roots.js';
import { namesAmong } from './ike/suite-names.js';

/** What issues ask for. */
const MOST_RATIO = 1.15;
const MOST_UNEVEN = 0.1;
const GENERATOR_SHARE = 0.25;
/**
 * Of the rate at which the generator would have just its share, or the daemon the rest, as both were while messages came in
 * heaps: one by one, as at a rate, they are dearer.
 */
const OF_THAT_RATE = 0.72;
const PORTIONS = 10;
const WINDOW_PER_WORKER = 16;
/** As peers do: on a busy machine a first message may wait too long, and is refused. */
const WAITS = [500, 1000, 2000, 4000];
/** After the last message of a portion, until the daemon has dealt with it. */
const SETTLING_MS = 100;
const SUITES: readonly Suite[] = [
  { name: 'modp1024', group: 2, method: 'preshared', strangers: 0 },
  { name: 'modp2048', group: 14, method: 'preshared', strangers: 0 },
];

interface Options {
  readonly suites: readonly string[];
  readonly workers: number;
  readonly count: number;
  readonly warmUp: number;
  readonly json?: string;
}

function number(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('Write a number from 1 on.');
  return value;
}

const options = new Command('npm run bench -- workers')
  .description(
    'A daemon without workers and one with, in turn: CPU per handshake, how the work is split, messages astray. Status 1 when one of them is not as it should be.',
  )
  .option('--suites <names>', 'modp1024, modp2048, separated by commas', namesAmong(SUITES), ['modp1024'])
  .option('--workers <n>', 'how many', number, 2)
  .option('--count <n>', 'handshakes that are timed, of each worker', number, 8000)
  .option('--warm-up <n>', 'handshakes before that, of each worker', number, 12_000)
  .option('--json <file>', 'where results go')
  .parse()
  .opts<Options>();

/** Milliseconds of processor time for each handshake. */
interface Costs {
  readonly daemonMs: number;
  readonly generatorMs: number;
}

/** How many a second and worker leave the generator its share, and the daemon the rest. */
function rateBy({ daemonMs, generatorMs }: Costs): number {
  const machineMs = availableParallelism() * 1000;
  const most = Math.min(
    (GENERATOR_SHARE * machineMs) / generatorMs,
    ((1 - GENERATOR_SHARE) * machineMs) / daemonMs,
  );
  return Math.floor((most * OF_THAT_RATE) / options.workers);
}

/** A daemon under load, and how much of it has been done. */
class Side {
  readonly workers: number;
  readonly #daemon: MeasuredDaemon;
  readonly #load: Load;
  readonly #folder: string;
  readonly rounds: (Round & { readonly cpuMs: number })[] = [];

  constructor(workers: number, daemon: MeasuredDaemon, load: Load, folder: string) {
    this.workers = workers;
    this.#daemon = daemon;
    this.#load = load;
    this.#folder = folder;
  }

  /** As fast as it goes. */
  warmUp(each: number): Promise<Costs> {
    return this.#costs(each, { window: WINDOW_PER_WORKER * this.workers });
  }

  /** At the rate of the portions: they come one by one then, which the engine has not seen before. */
  settle(each: number, perSecondEach: number): Promise<Costs> {
    return this.#costs(each, { perSecond: perSecondEach * this.workers });
  }

  /** The first are dearer: what the second half takes is nearer to what comes. */
  async #costs(each: number, pace: Pace): Promise<Costs> {
    const half = Math.ceil((each * this.workers) / 2);
    await this.#load.run(half, pace);
    const { cpuMs, generatorCpuMs, established } = await this.#round(half, pace);
    return { daemonMs: cpuMs / established, generatorMs: generatorCpuMs / established };
  }

  async portion(each: number, perSecondEach: number): Promise<void> {
    this.rounds.push(await this.#round(each * this.workers, { perSecond: perSecondEach * this.workers }));
  }

  async #round(count: number, pace: Pace): Promise<Round & { readonly cpuMs: number }> {
    const before = await this.#daemon.ask({ ask: 'cpu' });
    const round = await this.#load.run(count, pace);
    await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
    const after = await this.#daemon.ask({ ask: 'cpu' });
    return { ...round, cpuMs: after.cpuMs - before.cpuMs };
  }

  counted(): ReturnType<typeof loadReports> {
    return loadReports(this.#folder);
  }

  sum(of: (round: Round & { readonly cpuMs: number }) => number): number {
    return this.rounds.reduce((total, round) => total + of(round), 0);
  }

  get cpuPerHandshake(): number {
    return this.sum(({ cpuMs }) => cpuMs) / this.sum(({ established }) => established);
  }
}

async function withSide<T>(
  suite: Suite,
  workers: number,
  port: number,
  measure: (side: Side) => Promise<T>,
): Promise<T> {
  const plan: Plan = {
    handshakes: 0,
    warmUp: 0,
    pace: { window: WINDOW_PER_WORKER },
    peers: 1_000_000,
    failing: 0,
    flags: workers === 1 ? [] : ['--workers', String(workers)],
    nodeFlags: [],
    port,
    profile: false,
    steadySeconds: 0,
    waits: WAITS,
  };
  return withEnds(suite, plan, (daemon, load, folder) => measure(new Side(workers, daemon, load, folder)));
}

async function measure(suite: Suite, port: number) {
  const { workers, count, warmUp } = options;
  return withSide(suite, 1, port, (one) =>
    withSide(suite, workers, port + 2, async (several) => {
      await one.warmUp(warmUp);
      const first = rateBy(await several.warmUp(warmUp));
      await one.settle(warmUp / 2, first);
      const perSecond = rateBy(await several.settle(warmUp / 2, first));
      const machineMs = availableParallelism() * 1000;
      const before = await several.counted();
      const ratios: number[] = [];
      for (let n = 0; n < PORTIONS; n++) {
        const order = n % 2 === 0 ? [one, several] : [several, one];
        for (const side of order) await side.portion(Math.ceil(count / PORTIONS), perSecond);
        const of = ({ rounds }: Side): number => {
          const last = rounds.at(-1);
          return last === undefined ? 0 : last.cpuMs / last.established;
        };
        ratios.push(of(several) / of(one));
      }
      const after = await several.counted();
      const messages = after.map((report, index) => report.messages - (before[index]?.messages ?? 0));
      const even = messages.reduce((sum, some) => sum + some, 0) / messages.length;
      return {
        suite: suite.name,
        workers,
        perSecond: { asked: perSecond * workers, done: several.sum(doneIn) / several.sum(secondsOf) },
        lost: one.sum(({ lost }) => lost) + several.sum(({ lost }) => lost),
        oneCpuMs: one.cpuPerHandshake,
        severalCpuMs: several.cpuPerHandshake,
        ratio: several.cpuPerHandshake / one.cpuPerHandshake,
        ratios,
        messages,
        uneven: Math.max(...messages.map((some) => Math.abs(some / even - 1))),
        astray: after.reduce((sum, report) => sum + report.astray, 0),
        generatorCpuMs: several.sum(({ generatorCpuMs }) => generatorCpuMs) / several.sum(doneIn),
        generatorShare:
          several.sum(({ generatorCpuMs }) => generatorCpuMs) / (several.sum(secondsOf) * machineMs),
        daemonShare: several.sum(({ cpuMs }) => cpuMs) / (several.sum(secondsOf) * machineMs),
      };
    }),
  );
}

const doneIn = ({ established }: Round): number => established;
const secondsOf = ({ seconds }: Round): number => seconds;
type Result = Awaited<ReturnType<typeof measure>>;

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

/** What should be so, in words, and whether it is. */
function checks(result: Result): readonly (readonly [string, boolean])[] {
  const { ratio, uneven, astray, lost, generatorShare, messages } = result;
  const sorted = [...result.ratios].sort((less, more) => less - more);
  const quartile = (at: number): string => (sorted[Math.floor((sorted.length - 1) * at)] ?? 0).toFixed(2);
  return [
    [
      `ratio ${ratio.toFixed(3)}, at most ${String(MOST_RATIO)} (half of the portions between ${quartile(0.25)} and ${quartile(0.75)})`,
      ratio <= MOST_RATIO,
    ],
    [
      `split ${messages.join(' to ')} messages, ${percent(uneven)} from even, at most ${percent(MOST_UNEVEN)}`,
      uneven <= MOST_UNEVEN,
    ],
    [`${String(astray)} messages at the wrong worker, warm-up included`, astray === 0],
    [`${String(lost)} handshakes lost`, lost === 0],
    [
      `the generator took ${percent(generatorShare)} of the machine, at most ${percent(GENERATOR_SHARE)}; the daemon ${percent(result.daemonShare)}`,
      generatorShare <= GENERATOR_SHARE,
    ],
  ];
}

const machine = describeMachine();
console.log(`${machine.processors}, Node ${machine.node}; load ${machine.loadBefore.toFixed(2)} before.`);
const results: Result[] = [];
let port = 20_000 + (process.pid % 20_000);
for (const suite of SUITES.filter(({ name }) => options.suites.includes(name))) {
  const result = await measure(suite, port);
  port += 4;
  results.push(result);
  console.log(
    `workers, ${suite.name}: ${result.severalCpuMs.toFixed(3)} ms CPU per handshake with ${String(result.workers)} workers at ${result.perSecond.done.toFixed(0)} a second, ` +
      `${result.oneCpuMs.toFixed(3)} without at ${(result.perSecond.done / result.workers).toFixed(0)}; generator ${result.generatorCpuMs.toFixed(3)} ms`,
  );
  for (const [words, isSo] of checks(result)) {
    console.log(`  ${isSo ? 'yes' : 'NO '} ${words}`);
    if (!isSo) process.exitCode = 1;
  }
}
const written = { bench: 'workers', machine: { ...machine, loadAfter: machineLoad() }, options, results };
console.log(JSON.stringify(written));
if (options.json !== undefined) {
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(written, undefined, 2)}\n`);
}
process.exit();
