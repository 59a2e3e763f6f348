/** What is measured of one suite, and of memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Profile, readProfile } from './layers.js';
import { Load, type Pace, type Round } from './load.js';
import { MeasuredDaemon } from './measured-daemon.js';
import { layOutRoots, type Suite } from './roots.js';

export interface Plan {
  readonly handshakes: number;
  readonly warmUp: number;
  readonly pace: Pace;
  readonly peers: number;
  readonly failing: number;
  readonly flags: readonly string[];
  readonly nodeFlags: readonly string[];
  readonly port: number;
  readonly profile: boolean;
  /** Seconds at 80 % of what the daemon can do; 0: not measured. */
  readonly steadySeconds: number;
  /** As `LoadOptions.waits`. */
  readonly waits?: readonly number[];
}

/** The two ends alone: what is measured with them, the bench does. */
export function endsAlone(port: number, window: number): Plan {
  return {
    ...{ handshakes: 0, warmUp: 0, pace: { window }, peers: 1_000_000, failing: 0 },
    ...{ flags: [], nodeFlags: [], port, profile: false, steadySeconds: 0 },
  };
}

/** Times in milliseconds, of one handshake where nothing else is said. */
export interface SuiteResult {
  readonly suite: string;
  readonly established: number;
  readonly failed: number;
  readonly lost: number;
  readonly perSecond: number;
  readonly responderCpuMs: number;
  /** Measured between the daemon's own turns while it was under load. */
  readonly floorMs: number;
  /** Measured between the portions of the load, in a loop. */
  readonly floorAloneMs: number;
  readonly ratio: number;
  /** Of each portion in turn: falls while the daemon warms up, rises with what grows with the number of SAs. */
  readonly ratios: readonly number[];
  readonly generatorCpuMs: number;
  readonly latencyP50: number;
  readonly latencyP99: number;
  readonly loopDelayP99: number;
  readonly steady?: SteadyResult | undefined;
  readonly profile?: Profile | undefined;
}

/** At a rate that keeps one processor busy for four fifths of the time. */
export interface SteadyResult {
  readonly perSecond: number;
  readonly lost: number;
  readonly latencyP50: number;
  readonly latencyP99: number;
  readonly loopDelayP50: number;
  readonly loopDelayP99: number;
  readonly loopDelayP999: number;
}

export interface MemoryResult {
  readonly pairsBefore: number;
  readonly pairs: number;
  readonly rssKiBPerPair: number;
  /** Without joining pages. */
  readonly asItIsKiBPerPair: number;
  readonly heapKiBPerPair: number;
  readonly rssMiB: number;
}

const PORTIONS = 10;
/** After the last message of a portion, until the daemon has dealt with it. */
const SETTLING_MS = 100;
/** Until all retry windows are over, and what is remembered for them is gone (`retry_timer_init` of the roots). */
const FORGETTING_MS = 6000;
const BUNDLE_MAP = fileURLToPath(new URL('../../../dist/in.iked-run.js.map', import.meta.url));

export async function measureSuite(suite: Suite, plan: Plan): Promise<SuiteResult> {
  return withEnds(suite, plan, async (daemon, load, folder) => {
    const { group, method } = suite;
    const floor = async (times: number): Promise<number> =>
      (await daemon.ask({ ask: 'floor', group, signs: method === 'rsa_sig', times })).spentMs ?? 0;
    await load.run(plan.warmUp, plan.pace);
    await floor(plan.warmUp);
    const portion = Math.ceil(plan.handshakes / PORTIONS);
    const rounds: Round[] = [];
    const ratios: number[] = [];
    let [cpuMs, floorMs, floors, aloneMs] = [0, 0, 0, 0];
    await daemon.ask({ ask: 'watch-delay' });
    for (let n = 0; n < PORTIONS; n++) {
      const before = await daemon.ask({ ask: 'begin-floors', group, signs: method === 'rsa_sig' });
      const round = await load.run(portion, plan.pace);
      rounds.push(round);
      await sleep(SETTLING_MS);
      const after = await daemon.ask({ ask: 'floors' });
      const [bare, times] = [after.spentMs ?? 0, after.times ?? 0];
      const spent = after.cpuMs - before.cpuMs - bare;
      ratios.push(spent / (round.established + round.failed) / (bare / times));
      cpuMs += spent;
      floorMs += bare;
      floors += times;
      aloneMs += await floor(portion);
    }
    const { delay } = await daemon.ask({ ask: 'delay' });
    const sum = (of: (round: Round) => number): number => rounds.reduce((all, round) => all + of(round), 0);
    const done = sum(({ established, failed }) => established + failed);
    const latencies = rounds.flatMap(({ latenciesMs }) => latenciesMs);
    const responderCpuMs = cpuMs / done;
    const steady =
      plan.steadySeconds === 0
        ? undefined
        : await measureSteady(daemon, load, responderCpuMs, plan.steadySeconds);
    return {
      suite: suite.name,
      established: sum(({ established }) => established),
      failed: sum(({ failed }) => failed),
      lost: sum(({ lost }) => lost),
      perSecond: done / sum(({ seconds }) => seconds),
      responderCpuMs,
      floorMs: floorMs / floors,
      floorAloneMs: aloneMs / (portion * PORTIONS),
      ratio: responderCpuMs / (floorMs / floors),
      ratios,
      generatorCpuMs: sum(({ generatorCpuMs }) => generatorCpuMs) / done,
      latencyP50: percentile(latencies, 50),
      latencyP99: percentile(latencies, 99),
      loopDelayP99: delay?.p99 ?? 0,
      steady,
      profile: plan.profile ? await measureProfile(daemon, load, plan, folder) : undefined,
    };
  });
}

async function measureSteady(
  daemon: MeasuredDaemon,
  load: Load,
  responderCpuMs: number,
  seconds: number,
): Promise<SteadyResult> {
  const perSecond = 0.8 * (1000 / responderCpuMs);
  await daemon.ask({ ask: 'watch-delay' });
  const round = await load.run(Math.ceil(perSecond * seconds), { perSecond });
  const { delay } = await daemon.ask({ ask: 'delay' });
  return {
    perSecond: (round.established + round.failed) / round.seconds,
    lost: round.lost,
    latencyP50: percentile(round.latenciesMs, 50),
    latencyP99: percentile(round.latenciesMs, 99),
    loopDelayP50: delay?.p50 ?? 0,
    loopDelayP99: delay?.p99 ?? 0,
    loopDelayP999: delay?.p999 ?? 0,
  };
}

/** Apart from what is timed: sampling costs. */
async function measureProfile(
  daemon: MeasuredDaemon,
  load: Load,
  plan: Plan,
  folder: string,
): Promise<Profile> {
  const file = join(folder, 'profile.json');
  await daemon.ask({ ask: 'profile' });
  await load.run(plan.handshakes, plan.pace);
  await daemon.ask({ ask: 'end-profile', file });
  return readProfile(file, BUNDLE_MAP);
}

/** From `few` pairs of SAs to `many`, each with a peer and a Phase 1 SA of its own. */
export async function measureMemory(
  suite: Suite,
  plan: Plan,
  few: number,
  many: number,
): Promise<MemoryResult> {
  return withEnds(suite, { ...plan, failing: 0 }, async (daemon, load) => {
    const at = async (pairs: number) => {
      const round = await load.run(pairs, plan.pace);
      await sleep(FORGETTING_MS);
      const { rssAsItIs = 0, rss = 0, heapAndExternal = 0 } = await daemon.ask({ ask: 'memory' });
      return { rssAsItIs, rss, heapAndExternal, established: round.established };
    };
    const before = await at(few);
    const after = await at(many - few);
    const perPair = (bytes: number): number => bytes / after.established / 1024;
    return {
      pairsBefore: before.established,
      pairs: before.established + after.established,
      rssKiBPerPair: perPair(after.rss - before.rss),
      asItIsKiBPerPair: perPair(after.rssAsItIs - before.rssAsItIs),
      heapKiBPerPair: perPair(after.heapAndExternal - before.heapAndExternal),
      rssMiB: after.rss / 2 ** 20,
    };
  });
}

/** `measure` gets a daemon of its own, and a load for it. */
export async function withEnds<T>(
  suite: Suite,
  plan: Plan,
  measure: (daemon: MeasuredDaemon, load: Load, folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'ikechart-bench-'));
  try {
    const roots = layOutRoots(folder, suite);
    const daemon = await MeasuredDaemon.start(roots.daemon, plan);
    try {
      const load = new Load(roots.peer, daemon.endpoint, plan);
      try {
        return await measure(daemon, load, folder);
      } finally {
        load.close();
      }
    } finally {
      await daemon.stop();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
