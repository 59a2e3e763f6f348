/**
 * What becomes of a daemon that is asked for twice what it can do, and of established peers while first messages of nobody
 * pour in. `npm run bench -- overload`; bench/README.md explains it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { LoadReport } from '../services/admin/load.js';
import type { SettledPeer } from './ike/initiator.js';
import { atRate, inWindow, type Load } from './ike/load.js';
import { endsAlone, type Plan, withEnds } from './ike/measure.js';
import type { MeasuredDaemon } from './ike/measured-daemon.js';
import { describeMachine, load as machineLoad } from './ike/machine.js';
import { loadReports } from './ike/operator.js';
import { peerAddress } from './ike/peer-sockets.js';
import type { Suite } from './ike/roots.js';
import { suitesWanted } from './ike/suite-names.js';

/** Of the watch over settled peers. */
const SECONDS = amount('BENCH_SECONDS', 15);
/** Machines change their speed within seconds: what it can do and what it does when asked for twice that are measured in turn. */
const ROUNDS = amount('BENCH_ROUNDS', 5);
const ROUND_SECONDS = 5;
/** Until the first have said again what was refused. */
const LEAD_SECONDS = 4;
/** First messages a second. */
const FLOOD = amount('BENCH_FLOOD', 3000);
const FLOOD_PROCESS = fileURLToPath(new URL('./ends/flood.js', import.meta.url));
const WARM_UP = 1500;
const WINDOW = 32;
/**
 * By the timers that `in.iked` has by default: what is not answered is said again after half a second, after one more, and given
 * up after two more. Each peer that waits has a socket, and a process has so many descriptors.
 */
const WAITS = [500, 1000, 2000];
/**
 * Those that have been here before, and come again in the crowd; those that stay while the flood is on. Their addresses begin after
 * the half million of `Load.run`.
 */
const KNOWN = 50;
const KNOWN_PER_SECOND = 5;
const SETTLED = 50;
const ASKS_EVERY_MS = 500;
const RENEWS_EVERY = 4;
const SUITES: readonly Suite[] = [
  { name: 'modp1024', group: 2, method: 'preshared', strangers: 0 },
  { name: 'modp2048', group: 14, method: 'preshared', strangers: 0 },
];

const plan = (port: number): Plan => ({ ...endsAlone(port, WINDOW), waits: WAITS });

let strangers = 0;
const nextStranger = (): string => peerAddress(1_000_000 + strangers++);

/** Handshakes that came to their end, by when. */
class Tally {
  readonly #doneAt: number[] = [];
  begun = 0;
  lost = 0;

  readonly count = async (load: Load, address: string): Promise<void> => {
    this.begun += 1;
    if ((await load.one(address)) === 'established') this.#doneAt.push(performance.now());
    else this.lost += 1;
  };

  get done(): number {
    return this.#doneAt.length;
  }

  perSecond(from: number, to: number): number {
    return this.#doneAt.filter((at) => at >= from && at < to).length / ((to - from) / 1000);
  }
}

/** Established a second with a window that keeps the daemon busy. */
async function capacity(load: Load): Promise<number> {
  const tally = new Tally();
  const begun = performance.now();
  const end = begun + ROUND_SECONDS * 1000;
  const lane = async (): Promise<void> => {
    while (performance.now() < end) await tally.count(load, nextStranger());
  };
  await Promise.all(Array.from({ length: WINDOW }, lane));
  return tally.perSecond(begun, end);
}

/** Shares of a processor: a generator that has none left limits what the daemon can be asked. */
interface Shares {
  readonly daemon: number;
  readonly generator: number;
}

async function shares(daemon: MeasuredDaemon): Promise<() => Promise<Shares>> {
  const before = { at: performance.now(), own: process.cpuUsage(), daemon: await daemon.ask({ ask: 'cpu' }) };
  return async () => {
    const { cpuMs } = await daemon.ask({ ask: 'cpu' });
    const { user, system } = process.cpuUsage(before.own);
    const ms = performance.now() - before.at;
    return { daemon: (cpuMs - before.daemon.cpuMs) / ms, generator: (user + system) / 1000 / ms };
  };
}

/** Open loop: who begins does not wait for those before. What is measured begins when the first have repeated themselves. */
async function overload(daemon: MeasuredDaemon, load: Load, most: number, known: readonly string[]) {
  const [strange, familiar] = [new Tally(), new Tally()];
  const begun = performance.now();
  const measured = begun + LEAD_SECONDS * 1000;
  const seconds = LEAD_SECONDS + ROUND_SECONDS;
  let next = 0;
  const measuredShares = pause(LEAD_SECONDS * 1000).then(async () => {
    const taken = await shares(daemon);
    await pause(ROUND_SECONDS * 1000);
    return taken();
  });
  await Promise.all([
    atRate(Math.ceil(2 * most * seconds), 2 * most, () => strange.count(load, nextStranger())),
    atRate(KNOWN_PER_SECOND * seconds, KNOWN_PER_SECOND, () =>
      familiar.count(load, known[next++ % known.length] ?? ''),
    ),
  ]);
  const end = begun + seconds * 1000;
  return {
    goodput: strange.perSecond(measured, end) + familiar.perSecond(measured, end),
    known: familiar.done / familiar.begun,
    strangers: strange.done / strange.begun,
    shares: await measuredShares,
  };
}

type Crowd = Awaited<ReturnType<typeof overload>>;

interface Rounds extends Omit<Crowd, 'shares'> {
  readonly most: number;
  readonly shares: { readonly calm: Shares; readonly crowded: Shares };
  /** Of each round, what it did by what it can do. */
  readonly ratios: readonly number[];
}

async function rounds(daemon: MeasuredDaemon, load: Load, known: readonly string[]): Promise<Rounds> {
  const most: number[] = [];
  const calm: Shares[] = [];
  const crowds: Crowd[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const taken = await shares(daemon);
    const capable = await capacity(load);
    most.push(capable);
    calm.push(await taken());
    crowds.push(await overload(daemon, load, capable, known));
  }
  const crowded = crowds.map((crowd) => crowd.shares);
  return {
    most: mean(most),
    goodput: mean(crowds.map(({ goodput }) => goodput)),
    known: mean(crowds.map((crowd) => crowd.known)),
    strangers: mean(crowds.map(({ strangers }) => strangers)),
    shares: { calm: meanShares(calm), crowded: meanShares(crowded) },
    ratios: crowds.map(({ goodput }, round) => goodput / (most[round] ?? 0)),
  };
}

function meanShares(of: readonly Shares[]): Shares {
  return { daemon: mean(of.map((one) => one.daemon)), generator: mean(of.map((one) => one.generator)) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

interface Watch {
  readonly asked: number;
  readonly answered: number;
  readonly renewals: number;
  readonly renewed: number;
  /** Of the answers, milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Settled peers ask whether the daemon lives, and renew now and then. */
async function watch(peers: readonly SettledPeer[], seconds: number): Promise<Watch> {
  const took: number[] = [];
  const counted = { asked: 0, renewals: 0, renewed: 0 };
  const end = performance.now() + seconds * 1000;
  await Promise.all(
    peers.map(async (peer, index) => {
      await pause((index * ASKS_EVERY_MS) / peers.length);
      for (let turn = index; performance.now() < end; turn++) {
        const begun = performance.now();
        if (turn % RENEWS_EVERY === 0) {
          counted.renewals += 1;
          if (await peer.renew()) counted.renewed += 1;
        } else {
          counted.asked += 1;
          if (await peer.isAnswered()) took.push(performance.now() - begun);
        }
        await pause(Math.max(0, ASKS_EVERY_MS - (performance.now() - begun)));
      }
    }),
  );
  took.sort((one, other) => one - other);
  return {
    ...counted,
    answered: took.length,
    p50: took[Math.floor(took.length / 2)] ?? 0,
    p99: took[Math.floor(took.length * 0.99)] ?? 0,
  };
}

async function flood(daemon: MeasuredDaemon, group: number, seconds: number): Promise<ChildProcess> {
  const { address, port } = daemon.endpoint;
  const args = [FLOOD_PROCESS, address, String(port), String(group), String(FLOOD), String(seconds)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  child.stdout.resume();
  return child;
}

function refusedBy(reports: readonly LoadReport[]): number {
  return reports.flatMap(({ refused }) => Object.values(refused)).reduce((sum, count) => sum + count, 0);
}

function amount(name: string, usual: number): number {
  const text = process.env[name];
  const value = text === undefined ? usual : Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  console.error(`${name}=${text ?? ''}: it must be a whole number above 0.`);
  process.exit(2);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

function sayWatch(name: string, watched: Watch): void {
  console.log(
    `  ${name}: ${percent(watched.answered / watched.asked)} of ${String(watched.asked)} questions answered, p50 ${watched.p50.toFixed(1)} p99 ${watched.p99.toFixed(1)} ms; ` +
      `${percent(watched.renewed / watched.renewals)} of ${String(watched.renewals)} renewals done`,
  );
}

function sayRounds(
  suite: Suite,
  { most, goodput, known, strangers, shares, ratios }: Rounds,
  refused: number,
): void {
  const { calm, crowded } = shares;
  console.log(
    `overload, ${suite.name}: ${most.toFixed(0)} handshakes a second at most; asked for twice as many, ${goodput.toFixed(0)}, ${percent(goodput / most)} ` +
      `(in turns ${ratios.map(percent).join(', ')}); known peers ${percent(known)}, strangers ${percent(strangers)}; ${String(refused)} first messages refused; ` +
      `of a processor the daemon took ${percent(calm.daemon)} and then ${percent(crowded.daemon)}, the generator ${percent(calm.generator)} and then ${percent(crowded.generator)}`,
  );
}

async function measure(suite: Suite, port: number): Promise<void> {
  await withEnds(suite, plan(port), async (daemon, load, folder) => {
    const known = Array.from({ length: KNOWN }, (_, n) => peerAddress(500_000 + n));
    const waiting = [...known];
    await inWindow(KNOWN, WINDOW, async () => {
      await load.one(waiting.pop() ?? '');
    });
    await load.run(WARM_UP, { window: WINDOW });
    const before = refusedBy(await loadReports(folder));
    const crowded = await rounds(daemon, load, known);
    const refused = refusedBy(await loadReports(folder)) - before;
    sayRounds(suite, crowded, refused);
    const settled: SettledPeer[] = [];
    for (let n = 0; n < SETTLED; n++) {
      const peer = await load.settle(peerAddress(600_000 + n));
      if (peer !== undefined) settled.push(peer);
    }
    const calm = await watch(settled, SECONDS);
    const child = await flood(daemon, suite.group, SECONDS);
    const flooded = await watch(settled, SECONDS);
    if (child.exitCode === null) await once(child, 'exit');
    sayWatch(`${String(settled.length)} settled peers, calm`, calm);
    sayWatch(`with ${String(FLOOD)} forged first messages a second`, flooded);
    console.log(
      JSON.stringify({
        bench: 'overload',
        machine: { ...machine, loadAfter: machineLoad() },
        suite: suite.name,
        ...crowded,
        refused,
        calm,
        flooded,
        reports: await loadReports(folder),
      }),
    );
    for (const peer of settled) peer.close();
  });
}

const chosen = suitesWanted(SUITES);
let port = 20_000 + (process.pid % 20_000);
const machine = describeMachine();
console.log(`${machine.processors}, Node ${machine.node}; load ${machine.loadBefore.toFixed(2)} before.`);
for (const suite of chosen) {
  await measure(suite, port);
  port += 2;
}
process.exit();
