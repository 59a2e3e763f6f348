/** The bench: two ends on a cable or around a NAT, our daemon on one, and it or charon on the other, in a real kernel. */
import assert from 'node:assert/strict';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientEnd, OTHER_END, type End } from '../../interop/lab/addresses.js';
import { startBackground } from '../../interop/lab/background.js';
import { Charon } from '../../interop/lab/charon.js';
import { type AnotherUser, Daemon, DIST } from '../../interop/lab/daemon.js';
import { openNetwork, type Network } from '../../interop/lab/network.js';
import type { Credentials } from '../../interop/lab/pki.js';
import type { Ends, Scenario, Traffic } from '../../interop/lab/scenario.js';
import { attempt, eventually, succeed, type Ended } from '../../interop/lab/shell.js';
import { Frames } from './frames.js';
import { heldSas, type HeldSa } from './held-sas.js';
import type { KernelName } from './kernels.js';
import { PingStream } from './ping-stream.js';

export type PeerKind = 'in.iked' | 'charon';

const TRANSFER = join(import.meta.dirname, '../lab/transfer.mjs');
const PORT = 7000;

/** Keys are shared secrets here. */
export const NO_PKI: Credentials = {
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
  /** Pings from one end until one comes back; the policies ask for the SAs meanwhile. */
  untilPing(end?: End, traffic?: Traffic): Promise<void>;
  /** Sends pings at that interval, seconds, until so many came back or time is up; how many of the first `count` did. */
  pings(count: number, interval: number, seconds: number, end?: End): Promise<number>;
  /** Pings from our end, without a break until it is stopped. */
  pingStream(interval: number): PingStream;
  /** Sends bytes over TCP from our end to the other; both ends must have seen the same. */
  transfer(bytes: number, traffic?: Traffic): Promise<void>;
  /** Frames that leave our end. */
  watch(end?: End): Promise<Frames>;
  /** SAs in the kernel of one end. */
  held(end: End): Promise<readonly HeldSa[]>;
  /** Waits until there are so many. */
  untilHeld(end: End, count: number, seconds?: number): Promise<readonly HeldSa[]>;
  /** How often the kernel has asked our daemon for SAs. */
  acquires(): number;
  /** A second life of our daemon after its death. */
  revive(): Promise<Daemon>;
}

export interface BenchPlan {
  /** `embedded`: with a TUN device. */
  readonly kernel: KernelName | 'embedded';
  /** Of the peer, if it is ours and has another. */
  readonly peerKernel?: KernelName | 'embedded';
  readonly peer: PeerKind;
  readonly scenario: Scenario;
  /** Whom our daemon becomes; root unless said. */
  readonly user?: string;
  /** Further flags of the daemons. */
  readonly flags?: Partial<Ends<readonly string[]>>;
  /** Whether charon's children are there from the first, as traps. */
  readonly trap?: boolean;
}

interface OpenBench {
  readonly bench: Bench;
  /** `failed`: the ends tell their last words. */
  readonly close: (outcome: 'passed' | 'failed') => Promise<void>;
}

/** Lays out a network, runs `test` and clears everything away, whatever became of it. */
export async function onBench(plan: BenchPlan, test: (bench: Bench) => Promise<void>): Promise<void> {
  const { bench, close } = await openBench(plan);
  let outcome: 'passed' | 'failed' = 'failed';
  try {
    await test(bench);
    outcome = 'passed';
  } finally {
    await close(outcome);
  }
}

/** One bench for all tests of a `describe`: from before the first to after the last. */
export function useBench(plan: BenchPlan): () => Bench {
  let open: OpenBench | undefined;
  let outcome: 'passed' | 'failed' = 'passed';
  before(async () => {
    open = await openBench(plan);
  });
  afterEach(function () {
    if (this.currentTest?.state === 'failed') outcome = 'failed';
  });
  after(async () => {
    await open?.close(outcome);
  });
  return () => {
    if (open === undefined) throw new Error('the bench is not there yet');
    return open.bench;
  };
}

async function openBench(plan: BenchPlan): Promise<OpenBench> {
  const directory = mkdtempSync(join(tmpdir(), 'ikechart-kernel-'));
  const network = await openNetwork(plan.scenario.cabling);
  const ending: (() => Promise<unknown>)[] = [];
  const close: OpenBench['close'] = async (outcome) => {
    for (const end of ending.reverse()) await end();
    if (outcome === 'failed') tell(directory);
    await network.close();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    return { bench: await build(plan, network, directory, ending), close };
  } catch (error) {
    await close('failed');
    throw error;
  }
}

async function build(
  { kernel, peer, peerKernel = kernel, scenario, user, flags: more = {}, trap = false }: BenchPlan,
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
    const theirs = mirrored(scenario);
    const flags = [...flagsFor(peerKernel), ...(more.peers ?? [])];
    other = await Daemon.start(namespaces.peers, join(directory, 'peer'), theirs, NO_PKI, peerKernel, flags);
    const started = other;
    ending.push(() => started.stop());
  }
  const root = join(directory, 'ours');
  const flags = [...flagsFor(kernel), ...(more.ours ?? [])];
  const another = user === undefined ? undefined : anotherUser(user, directory);
  let daemon = await Daemon.start(namespaces.ours, root, scenario, NO_PKI, kernel, flags, another);
  ending.push(() => daemon.stop());
  const [first] = scenario.traffic;
  const at: Bench['at'] = (end, command, ...args) =>
    attempt('ip', ['netns', 'exec', namespaces[end], command, ...args], 60);
  /** What a ping needs to know, seen from one end. */
  const path = (end: End, { from, to }: Traffic): readonly string[] =>
    end === 'ours' ? ['-I', from, to] : ['-I', to, place(scenario, from)];
  let files = 0;
  const file = (name: string): string => join(directory, `${name}-${String(files++)}`);
  return {
    network,
    scenario,
    get daemon() {
      return daemon;
    },
    peer: other,
    charon,
    at,
    async untilPing(end = 'ours', traffic = first) {
      await eventually('a ping comes back', 30, async () => {
        const ping = await at(end, 'ping', '-n', '-q', '-c', '1', '-W', '1', ...path(end, traffic));
        return ping.status === 0 ? true : undefined;
      });
    },
    async pings(count, interval, seconds, end = 'ours') {
      // Without a time of its own ping waits, after the last, twice as long as those before it took: too short for a slow guest.
      const words = ['-n', '-c', String(count), '-i', String(interval), '-w', String(seconds)];
      const { stdout } = await at(end, 'ping', ...words, ...path(end, first));
      const answered = [...stdout.matchAll(/icmp_seq=(\d+) .*time=/g)].map(([, sequence]) =>
        Number(sequence),
      );
      return new Set(answered.filter((sequence) => sequence <= count)).size;
    },
    pingStream(interval) {
      const { from, to } = first;
      const stream = PingStream.start({ namespace: namespaces.ours, from, to }, interval, file('pings'));
      ending.push(() => stream.stop());
      return stream;
    },
    async transfer(bytes, { from, to } = first) {
      const log = file('transfer');
      const run = ['netns', 'exec', namespaces.peers, process.execPath, TRANSFER];
      const server = startBackground('ip', [...run, 'serve', to, String(PORT)], {
        stdout: log,
        stderr: log,
      });
      try {
        await eventually('the server listens', 20, () =>
          readFileSync(log, 'utf8').startsWith('ready') ? true : undefined,
        );
        const words = ['send', to, String(PORT), String(bytes), from];
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
      const frames = await Frames.start(namespaces[end], file('frames.pcap'));
      ending.push(() => frames.stop());
      return frames;
    },
    held: (end) => heldSas(namespaces[end]),
    untilHeld: (end, count, seconds = 15) =>
      eventually(`${String(count)} SAs at ${end}`, seconds, async () => {
        const sas = await heldSas(namespaces[end]);
        return sas.length === count ? sas : undefined;
      }),
    acquires: () => daemon.events().filter(({ type }) => type === 'kernel.acquire').length,
    async revive() {
      daemon = await Daemon.again(namespaces.ours, root, scenario, kernel, flags, another);
      return daemon;
    },
  };
}

function flagsFor(kernel: BenchPlan['kernel']): readonly string[] {
  return kernel === 'embedded' ? ['--tun'] : [];
}

function anotherUser(user: string, directory: string): AnotherUser {
  chmodSync(directory, 0o711);
  const dist = join(directory, 'dist');
  cpSync(DIST, dist, { recursive: true });
  return { user, dist };
}

/** How the other end knows an address of ours: in transport mode a NAT may have changed it. */
function place({ place: { ours } }: Scenario, address: string): string {
  return address === ours.own[4] ? ours.seenAs[4] : address;
}

/** Networks behind the ends live on their loopback devices, with a way to each other. */
async function prepare(
  namespaces: Ends<string>,
  { traffic, mode, place, family, cabling }: Scenario,
): Promise<void> {
  if (mode === 'transport') return;
  for (const end of ['ours', 'peers'] as const) {
    const there = OTHER_END[end];
    for (const { from, to, ...networks } of traffic) {
      const own = end === 'ours' ? from : to;
      const length = family === 4 ? '24' : '48';
      const inside = (...args: readonly string[]) => succeed('ip', ['-n', namespaces[end], ...args]);
      await inside('addr', 'add', `${own}/${length}`, 'dev', 'lo', ...(family === 6 ? ['nodad'] : []));
      // Whoever is behind a NAT or a router has his way to everything.
      if (clientEnd(cabling) === end || cabling === 'routers') continue;
      await inside('route', 'add', networks[there], 'via', place[there].seenAs[family]);
    }
  }
}

/** The same as the other end sees it. */
export function mirrored(scenario: Scenario): Scenario {
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

function mirroredTraffic(scenario: Scenario): Scenario['traffic'] {
  const mirror = ({ ours, peers, from, to, ...more }: Traffic): Traffic => ({
    ...more,
    ours: place(scenario, peers),
    peers: place(scenario, ours),
    from: place(scenario, to),
    to: place(scenario, from),
  });
  const [first, ...rest] = scenario.traffic;
  return [mirror(first), ...rest.map(mirror)];
}

/** What the ends said, for whoever looks for the reason: the laboratory forgets its files. */
function tell(directory: string): void {
  for (const log of ['ours/stderr.log', 'peer/stderr.log', 'charon/charon.log']) {
    try {
      const lines = readFileSync(join(directory, log), 'utf8').trimEnd().split('\n');
      console.log(`--- ${log}\n${lines.slice(-150).map(inShort).join('\n')}`);
    } catch {
      // That end was another.
    }
  }
}

/** When and what, of a line of our own. */
function inShort(line: string): string {
  const [, time, words] = /"time":"[^T]*T([^"]*)".*"msg":"(.*)"\}$/.exec(line) ?? [];
  return time === undefined || words === undefined ? line : `${time} ${words}`;
}
