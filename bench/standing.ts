/**
 * Very many SA pairs that stand: whether the daemon is late for anybody while they are dumped, renewed in part, and deleted
 * at one word. `npm run bench -- standing`; bench/README.md explains it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SettledPeer } from './ike/initiator.js';
import { inWindow, type Load } from './ike/load.js';
import { endsAlone, withEnds } from './ike/measure.js';
import type { MeasuredDaemon } from './ike/measured-daemon.js';
import { peerAddress } from './ike/peer-sockets.js';

const SAS = Number(process.env.BENCH_SAS ?? 100_000);
/** Of them, so many peers stay and renew: each has a socket. */
const SETTLED = Math.min(500, SAS);
const RENEWALS = Number(process.env.BENCH_RENEWALS ?? 5000);
const WINDOW = 16;
const DUMPS = 3;
const IKEADM = fileURLToPath(new URL('../../../dist/ikeadm.js', import.meta.url));

const PLAN = endsAlone(20_000 + (process.pid % 20_000), WINDOW);

/** As an operator does it; what is printed goes nowhere. Resolves with the seconds it took. */
async function ikeadm(root: string, ...words: readonly string[]): Promise<number> {
  const begun = performance.now();
  const child = spawn(process.execPath, [IKEADM, '-R', root, ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`ikeadm ${words.join(' ')} ended with ${String(child.exitCode)}`);
  return (performance.now() - begun) / 1000;
}

async function settle(load: Load): Promise<readonly SettledPeer[]> {
  const peers: SettledPeer[] = [];
  let next = 0;
  await inWindow(SETTLED, WINDOW, async () => {
    const peer = await load.settle(peerAddress(600_000 + next++));
    if (peer !== undefined) peers.push(peer);
  });
  return peers;
}

async function renew(peers: readonly SettledPeer[]): Promise<string> {
  let [turn, renewed] = [0, 0];
  const begun = performance.now();
  await inWindow(RENEWALS, WINDOW, async () => {
    const peer = peers[turn++ % peers.length];
    if ((await peer?.renew()) === true) renewed += 1;
  });
  const seconds = (performance.now() - begun) / 1000;
  return `${String(renewed)} of ${String(RENEWALS)} renewed, ${(RENEWALS / seconds).toFixed(0)} a second`;
}

interface Delays {
  readonly what: string;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

async function watched(daemon: MeasuredDaemon, what: string, run: () => Promise<string>): Promise<Delays> {
  await daemon.ask({ ask: 'watch-delay' });
  const came = await run();
  const { delay = { p99: 0, p999: 0, max: 0 } } = await daemon.ask({ ask: 'delay' });
  const [p99, p999, max] = [delay.p99, delay.p999, delay.max];
  console.log(
    `  ${what}: loop delay p99 ${p99.toFixed(1)} p99.9 ${p999.toFixed(1)} max ${max.toFixed(1)} ms (${came})`,
  );
  return { what, p99, p999, max };
}

const suite = { name: 'modp1024', group: 2, method: 'preshared', strangers: 0 } as const;
await withEnds(suite, PLAN, async (daemon, load, folder) => {
  const root = join(folder, 'daemon');
  const begun = performance.now();
  const { established } = await load.run(SAS - SETTLED, { window: WINDOW });
  const peers = await settle(load);
  const held = established + peers.length;
  console.log(
    `standing: ${String(held)} SA pairs held after ${((performance.now() - begun) / 1000).toFixed(0)} s`,
  );
  const delays = [
    await watched(daemon, 'nothing', async () => {
      await new Promise((resolve) => setTimeout(resolve, 3000));
      return '3 s';
    }),
    await watched(daemon, 'dumped', async () => {
      let seconds = 0;
      for (let n = 0; n < DUMPS; n++) seconds += await ikeadm(root, 'dump', 'p1');
      return `${(seconds / DUMPS).toFixed(1)} s each`;
    }),
    await watched(daemon, 'renewed', () => renew(peers)),
    await watched(daemon, 'renewed while they are dumped', async () => {
      const [came] = await Promise.all([renew(peers), ikeadm(root, 'dump', 'p1')]);
      return came;
    }),
    await watched(daemon, 'one deleted', async () => {
      const seconds = await ikeadm(root, 'del', 'p1', '127.0.0.1', peerAddress(0));
      return `${seconds.toFixed(1)} s`;
    }),
    await watched(daemon, 'flushed', async () => {
      const seconds = await ikeadm(root, 'flush', 'p1');
      await untilQuiet(daemon);
      return `answered after ${seconds.toFixed(1)} s`;
    }),
  ];
  console.log(JSON.stringify({ bench: 'standing', held, delays }));
  for (const peer of peers) peer.close();
});
process.exit();

/** Until a second has cost less than a tenth of one: then everything is deleted. */
async function untilQuiet(daemon: MeasuredDaemon): Promise<void> {
  for (let spent = Infinity; spent > 100;) {
    const before = await daemon.ask({ ask: 'cpu' });
    await new Promise((resolve) => setTimeout(resolve, 1000));
    spent = (await daemon.ask({ ask: 'cpu' })).cpuMs - before.cpuMs;
  }
}
