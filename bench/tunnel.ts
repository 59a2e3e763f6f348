/**
 * Real traffic through our TUN device to charon's `kernel-libipsec`, and through two charons, in the same namespaces one
 * after the other: Mbit/s of TCP each way, the ratio, and meanwhile how soon the daemon answers IKE.
 * `npm run bench -- tunnel`; root. `BENCH_MEGABYTES` sets how much goes each way (default 100), `BENCH_SUITES` the
 * suites of Phase 2, in charon's words.
 *
 * Everything runs on one machine: both ends, both transforms and the receiver share its processors.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Charon } from '../test/interop/lab/charon.js';
import { Daemon } from '../test/interop/lab/daemon.js';
import { openNetwork, type Network } from '../test/interop/lab/network.js';
import { Pki } from '../test/interop/lab/pki.js';
import { scenario, type Scenario } from '../test/interop/lab/scenario.js';
import { attempt, eventually, succeed } from '../test/interop/lab/shell.js';
import { receiver, send } from '../test/interop/lab/transfer.js';
import type { ProbeAnswer } from './ends/ike-probe.js';

const MEGABYTES = Number(process.env.BENCH_MEGABYTES ?? 100);
const SUITES = (process.env.BENCH_SUITES ?? 'aes128-sha1,aes256-sha256,aes128gcm16').split(',');
const PROBE = fileURLToPath(new URL('./ends/ike-probe.js', import.meta.url));
const OURS = '10.1.1.1';
const PEERS = '10.1.2.1';

interface Latency {
  readonly asked: number;
  readonly answered: number;
  readonly medianMs: number;
  readonly p99Ms: number;
  readonly worstMs: number;
}

interface Way {
  readonly mbitPerSecond: number;
  /** While it went on. */
  readonly ike500: Latency;
  readonly ike4500: Latency;
}

/** Each way as the end at `ours` sees it. */
interface Figures {
  readonly out: Way;
  readonly back: Way;
}

function quantile(sorted: readonly number[], part: number): number {
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Infinity);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

/** Asks `ours` from the peer's side until the answer is wanted. */
function probe({ peers }: Network, port: number, whole: Scenario): () => Promise<Latency> {
  const { place } = whole;
  const child = spawn(
    'ip',
    ['netns', 'exec', peers[0], process.execPath, PROBE, place.ours.own[4], String(port), place.peers.own[4]],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  let text = '';
  child.stdout.on('data', (bytes: Buffer) => (text += bytes.toString()));
  return async () => {
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.kill('SIGTERM');
    await ended;
    const { asked, answered } = JSON.parse(text) as ProbeAnswer;
    return {
      asked,
      answered: answered.length,
      medianMs: quantile(answered, 0.5),
      p99Ms: quantile(answered, 0.99),
      worstMs: quantile(answered, 1),
    };
  };
}

async function transfer(network: Network, whole: Scenario, outward: boolean): Promise<Way> {
  const [from, to] = outward ? [OURS, PEERS] : [PEERS, OURS];
  const [sender, receiving] = outward
    ? [network.ours[0], network.peers[0]]
    : [network.peers[0], network.ours[0]];
  const there = await receiver(receiving, to);
  const probes = [500, 4500].map((port) => probe(network, port, whole));
  const sent = await send(sender, from, to, there.port, MEGABYTES << 20);
  const [ike500, ike4500] = await Promise.all(probes.map((ask) => ask()));
  if (ike500 === undefined || ike4500 === undefined) throw new Error('there are two probes');
  if ((await there.digest()) !== sent.digest) throw new Error('what arrived is not what was sent');
  return { mbitPerSecond: round((MEGABYTES * 8 * 1.048576) / sent.seconds), ike500, ike4500 };
}

async function pings(network: Network): Promise<void> {
  await eventually('the tunnel carries a ping', 20, async () => {
    const command = ['netns', 'exec', network.ours[0], 'ping', '-c', '1', '-W', '1', '-I', OURS, PEERS];
    return (await attempt('ip', command)).status === 0 ? true : undefined;
  });
}

async function bothWays(network: Network, whole: Scenario): Promise<Figures> {
  await pings(network);
  return { out: await transfer(network, whole, true), back: await transfer(network, whole, false) };
}

const directory = mkdtempSync(join(tmpdir(), 'ikechart-bench-'));
const network = await openNetwork();
const charons: Charon[] = [];
const running: { stop(): Promise<unknown> }[] = [];
try {
  const pki = await Pki.make(join(directory, 'pki'));
  const startCharon = async (end: 'ours' | 'peers'): Promise<Charon> => {
    const charon = await Charon.start({
      ...{ namespace: network[end][0], end, directory: join(directory, end), shim: undefined },
      // Half-open negotiations are what the probe makes.
      ...{ pki, kernel: 'libipsec', settings: { dos_protection: 'no' } },
    });
    running.push(charon);
    return charon;
  };
  await succeed('ip', ['-n', network.ours[0], 'addr', 'add', `${OURS}/24`, 'dev', 'lo']);
  await succeed('ip', ['-n', network.peers[0], 'addr', 'add', `${PEERS}/24`, 'dev', 'lo']);
  charons.push(await startCharon('peers'));
  const [there] = charons;
  if (there === undefined) throw new Error('no charon');
  console.log(
    JSON.stringify({ machine: cpus()[0]?.model, processors: cpus().length, node: process.version }),
  );
  for (const [index, suite] of SUITES.entries()) {
    const whole = scenario({ phase2: suite });
    await there.configure(whole);
    const daemon = await Daemon.start(
      network.ours[0],
      join(directory, `daemon${String(index)}`),
      whole,
      pki,
      'embedded',
      ['--tun'],
    );
    const ours = await bothWays(network, whole).finally(() => daemon.stop());
    await there.forget();
    const beside = await startCharon('ours');
    await beside.configure(whole);
    if (!(await beside.initiate('first'))) throw new Error('charon and charon do not come together');
    const theirs = await bothWays(network, whole).finally(() => beside.stop());
    await there.forget();
    const ratio = (way: keyof Figures): number => round(ours[way].mbitPerSecond / theirs[way].mbitPerSecond);
    console.log(
      JSON.stringify({
        suite,
        megabytes: MEGABYTES,
        load: round(loadavg()[0] ?? 0),
        ours,
        charon: theirs,
        ratio: { out: ratio('out'), back: ratio('back') },
      }),
    );
  }
} finally {
  for (const one of running) await one.stop();
  await network.close();
  rmSync(directory, { recursive: true, force: true });
}
process.exit();
