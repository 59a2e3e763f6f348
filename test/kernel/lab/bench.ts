/** The bench: two ends on a cable or around a NAT, our daemon on one, and it or charon on the other, in a real kernel. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OTHER_END, type End } from '../../interop/lab/addresses.js';
import { startBackground } from '../../interop/lab/background.js';
import { Charon } from '../../interop/lab/charon.js';
import { Daemon } from '../../interop/lab/daemon.js';
import { openNetwork, type Network } from '../../interop/lab/network.js';
import type { Credentials } from '../../interop/lab/pki.js';
import type { Ends, Scenario } from '../../interop/lab/scenario.js';
import { attempt, eventually, succeed, type Ended } from '../../interop/lab/shell.js';
import { Frames } from './frames.js';
import type { KernelName } from './kernels.js';

export type PeerKind = 'in.iked' | 'charon';

const TRANSFER = join(import.meta.dirname, '../lab/transfer.mjs');
const PORT = 7000;

/** Keys are shared secrets here. */
const NO_PKI: Credentials = {
  root: new Uint8Array(),
  crls: [],
  credential: () => Promise.reject(new Error('no certificates here')),
};

export interface Bench {
  readonly network: Network;
  readonly scenario: Scenario;
  readonly daemon: Daemon;
  /** The other end, when it is ours too. */
  readonly peer: Daemon | undefined;
  readonly charon: Charon | undefined;
  /** Runs a command at one end. */
  at(end: End, command: string, ...args: readonly string[]): Promise<Ended>;
  /** Pings from our end until one comes back; the policies ask for the SAs meanwhile. */
  untilPing(seconds?: number): Promise<void>;
  /** Sends so many pings at that interval, seconds; how many came back. */
  pings(count: number, interval: number): Promise<number>;
  /** Sends bytes over TCP from our end to the other; both ends must have seen the same. */
  transfer(bytes: number): Promise<void>;
  /** Frames that leave our end. */
  watch(end?: End): Promise<Frames>;
  /** `ip xfrm state` of one end. */
  states(end: End): Promise<string>;
  /** A second life of our daemon after its death. */
  revive(): Promise<Daemon>;
}

export interface BenchPlan {
  readonly kernel: KernelName;
  readonly peer: PeerKind;
  readonly scenario: Scenario;
  /** Whether charon's children are there from the first, as traps. */
  readonly trap?: boolean;
}

/** Lays out a network, runs `test` and clears everything away, whatever became of it. */
export async function onBench(plan: BenchPlan, test: (bench: Bench) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'ikechart-kernel-'));
  const network = await openNetwork(plan.scenario.cabling);
  const ending: (() => Promise<unknown>)[] = [];
  let failed = true;
  try {
    await test(await build(plan, network, directory, ending));
    failed = false;
  } finally {
    for (const end of ending.reverse()) await end();
    if (failed) tell(directory);
    await network.close();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function build(
  { kernel, peer, scenario, trap = false }: BenchPlan,
  network: Network,
  directory: string,
  ending: (() => Promise<unknown>)[],
): Promise<Bench> {
  const namespaces = { ours: network.ours[0], peers: network.peers[0] };
  await prepare(namespaces, scenario);
  const charonScenario = trap
    ? { ...scenario, more: { ...scenario.more, child: { start_action: 'trap', ...scenario.more.child } } }
    : scenario;
  let charon: Charon | undefined;
  let other: Daemon | undefined;
  if (peer === 'charon') {
    mkdirSync(join(directory, 'charon'));
    charon = await Charon.start({
      ...{ namespace: namespaces.peers, end: 'peers', shim: undefined, pki: NO_PKI },
      directory: join(directory, 'charon'),
    });
    const started = charon;
    ending.push(() => started.stop());
    await charon.configure(charonScenario);
  } else {
    other = await Daemon.start(namespaces.peers, join(directory, 'peer'), mirrored(scenario), NO_PKI, kernel);
    const started = other;
    ending.push(() => started.stop());
  }
  const root = join(directory, 'ours');
  let daemon = await Daemon.start(namespaces.ours, root, scenario, NO_PKI, kernel);
  ending.push(() => daemon.stop());
  const [traffic] = scenario.traffic;
  const at: Bench['at'] = (end, command, ...args) =>
    attempt('ip', ['netns', 'exec', namespaces[end], command, ...args], 60);
  let files = 0;
  return {
    network,
    scenario,
    get daemon() {
      return daemon;
    },
    peer: other,
    charon,
    at,
    async untilPing(seconds = 30) {
      await eventually('a ping comes back', seconds, async () => {
        const ping = await at(
          'ours',
          'ping',
          '-n',
          '-q',
          '-c',
          '1',
          '-W',
          '1',
          '-I',
          traffic.from,
          traffic.to,
        );
        return ping.status === 0 ? true : undefined;
      });
    },
    async pings(count, interval) {
      const words = ['-n', '-q', '-c', String(count), '-i', String(interval), '-W', '1'];
      const { stdout } = await at('ours', 'ping', ...words, '-I', traffic.from, traffic.to);
      return Number(/(\d+) received/.exec(stdout)?.[1] ?? 0);
    },
    async transfer(bytes) {
      const log = join(directory, `transfer-${String(files++)}.log`);
      const run = ['netns', 'exec', namespaces.peers, process.execPath, TRANSFER];
      const server = startBackground('ip', [...run, 'serve', traffic.to, String(PORT)], {
        stdout: log,
        stderr: log,
      });
      try {
        await eventually('the server listens', 20, () =>
          readFileSync(log, 'utf8').startsWith('ready') ? true : undefined,
        );
        const words = ['send', traffic.to, String(PORT), String(bytes), traffic.from];
        const sent = await at('ours', process.execPath, TRANSFER, ...words);
        assert.equal(sent.status, 0, sent.stderr);
        const received = await eventually(
          'the server has it',
          20,
          () => /^ready\n(\w+)\n/.exec(readFileSync(log, 'utf8'))?.[1],
        );
        assert.equal(received, sent.stdout.trim());
      } finally {
        await server.stop();
      }
    },
    async watch(end = 'ours') {
      const frames = await Frames.start(namespaces[end], join(directory, `frames-${String(files++)}.pcap`));
      ending.push(() => frames.stop());
      return frames;
    },
    states: (end) => succeed('ip', ['-n', namespaces[end], '-s', 'xfrm', 'state']),
    async revive() {
      daemon = await Daemon.again(namespaces.ours, root, scenario, kernel);
      return daemon;
    },
  };
}

/** Networks behind the ends live on their loopback devices, with a way to each other. */
async function prepare(namespaces: Ends<string>, { traffic, mode, place, family }: Scenario): Promise<void> {
  if (mode === 'transport') return;
  for (const end of ['ours', 'peers'] as const) {
    const there = OTHER_END[end];
    for (const { from, to, ...networks } of traffic) {
      const own = end === 'ours' ? from : to;
      const length = family === 4 ? '24' : '48';
      const inside = (...args: readonly string[]) => succeed('ip', ['-n', namespaces[end], ...args]);
      await inside('addr', 'add', `${own}/${length}`, 'dev', 'lo', ...(family === 6 ? ['nodad'] : []));
      await inside('route', 'add', networks[there], 'via', place[there].seenAs[family]);
    }
  }
}

/** The same as the other end sees it. */
function mirrored(scenario: Scenario): Scenario {
  const swapped = <T>({ ours, peers }: Ends<T>): Ends<T> => ({ ours: peers, peers: ours });
  return {
    ...scenario,
    place: swapped(scenario.place),
    identity: swapped(scenario.identity),
    expected: swapped(scenario.expected),
    phase1: swapped(scenario.phase1),
    phase2: swapped(scenario.phase2),
    presharedKey: swapped(scenario.presharedKey),
    traffic: mirroredTraffic(scenario),
  };
}

function mirroredTraffic({ traffic: [first, ...rest] }: Scenario): Scenario['traffic'] {
  const mirror = ({ ours, peers, from, to, ...more }: typeof first) => ({
    ...more,
    ours: peers,
    peers: ours,
    from: to,
    to: from,
  });
  return [mirror(first), ...rest.map(mirror)];
}

/** What the ends said, for whoever looks for the reason: the laboratory forgets its files. */
function tell(directory: string): void {
  for (const log of ['ours/stderr.log', 'peer/stderr.log', 'charon/charon.log']) {
    try {
      const lines = readFileSync(join(directory, log), 'utf8').trimEnd().split('\n');
      console.log(`--- ${log}\n${lines.slice(-40).join('\n')}`);
    } catch {
      // That end was another.
    }
  }
}
