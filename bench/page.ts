/**
 * What the inspector costs: a handshake without it, with it and nobody watching, and with a page open that follows the
 * newest; and an idle page with ten thousand in its list. `npm run bench -- page`; `BENCH_STARTS` sets how
 * often the daemon is started (default 4), `BENCH_PORTIONS` how many portions of each kind follow each start (default 150).
 * bench/README.md explains it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { startInspector } from '../adapters/inspector/server.js';
import { describeChart } from '../daemon/chart-description.js';
import { EventStream } from '../daemon/event-stream.js';
import { InspectionLog } from '../daemon/inspection.js';
import { CHARTS } from '../machines/charts.js';
import type { Suite } from './ike/roots.js';
import { measureSwitched, saySwitched, type Switch, type SwitchedOptions } from './ike/switched.js';

const IDLE_MS = 10_000;
const ENTRIES = 10_000;

const DESCRIBED = Object.entries(CHARTS).map(([id, machine]) => describeChart(id, machine));

/** As the page does: follows what began last, and reads everything. */
const PAGE = `
import { WebSocket } from 'ws';
const url = process.argv[1];
const socket = new WebSocket(url.replace('http', 'ws') + 'live', { origin: url.slice(0, -1) });
socket.on('message', (data) => {
  const frame = JSON.parse(data);
  if (frame.type !== 'rows') return;
  if (frame.portion === 'end of list') process.stdout.write('ready');
  const newest = frame.rows.findLast(({ chart }) => chart !== undefined && !chart.endsWith('-sa'));
  if (newest !== undefined) socket.send(JSON.stringify({ type: 'select', id: newest.id }));
});
process.stdin.on('end', () => process.exit()).resume();
`;

async function openPage(url: string): Promise<() => void> {
  const page = spawn(process.execPath, ['--input-type=module', '-e', PAGE, url], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(page.stdout, 'data');
  return () => {
    page.stdin.end();
  };
}

/** An ephemeral port is free when it has just been given back. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  if (address === null || typeof address === 'string') throw new Error('a TCP port is a number');
  return address.port;
}

async function handshakeCost(suite: Suite, port: number): Promise<void> {
  const options: SwitchedOptions = {
    starts: Number(process.env.BENCH_STARTS ?? 4),
    portions: Math.max(20, Number(process.env.BENCH_PORTIONS ?? 150)),
    warmUp: 6000,
    port,
  };
  for (const what of [inspector(await freePort()), watchedInspector(await freePort())])
    saySwitched('page', suite, what.name, options, await measureSwitched(suite, what, options));
}

function inspector(port: number): Switch {
  return {
    name: 'inspector on, nobody watching',
    on: async (ikeadm) => {
      await ikeadm.ask(`inspect on ${String(port)}`);
    },
    off: async (ikeadm) => {
      await ikeadm.ask('inspect off');
    },
  };
}

function watchedInspector(port: number): Switch {
  const { on, off } = inspector(port);
  let close: (() => void) | undefined;
  return {
    name: 'a page open',
    on: async (ikeadm) => {
      if (close !== undefined) return;
      await on(ikeadm);
      close = await openPage(`http://127.0.0.1:${String(port)}/`);
    },
    off: async (ikeadm) => {
      close?.();
      close = undefined;
      await off(ikeadm);
    },
  };
}

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

async function idlePercent(): Promise<number> {
  // V8 collects what the making has left some seconds after it.
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const before = cpuMs();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return round(((cpuMs() - before) / IDLE_MS) * 100);
}

/** Ten thousand SAs that stand, a page that shows them, and nothing that happens. */
async function idleCost(): Promise<void> {
  const clock = {
    now: () => performance.now(),
    thisTurn: () => performance.now(),
    wallTime: () => Date.now(),
  };
  const events = new EventStream({ ...clock, setTimeout: () => 0, clearTimeout: () => undefined });
  const log = new InspectionLog(events, DESCRIBED, clock, { explain: () => undefined });
  for (let n = 1; n <= ENTRIES; n++) {
    events.emit({
      type: 'negotiation.started',
      negotiation: `sa-${String(n)}`,
      chart: 'isakmp-sa',
      local: { address: '192.0.2.1', port: 500 },
      remote: { address: `10.0.${String(n >> 8)}.${String(n & 255)}`, port: 500 },
      rule: 'bench',
      parent: undefined,
    });
  }
  const inspector = await startInspector(log, { address: '127.0.0.1', port: 0 });
  const without = await idlePercent();
  const close = await openPage(inspector.url);
  const percent = await idlePercent();
  console.log(
    `an idle page with ${String(ENTRIES)} in its list: ${String(percent)} % CPU, ${String(without)} % without it`,
  );
  console.log(JSON.stringify({ idlePage: ENTRIES, percent, without }));
  close();
  await inspector.close();
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

await idleCost();
const port = 20_000 + (process.pid % 20_000);
await handshakeCost({ name: 'modp1024', group: 2, method: 'preshared', strangers: 0 }, port);
await handshakeCost({ name: 'modp2048', group: 14, method: 'preshared', strangers: 0 }, port + 2);
process.exit();
