/**
 * What the inspector costs: a handshake with it switched off, on, and with a page open that follows the newest; and an
 * idle page with ten thousand in its list. `npm run bench -- page`; `BENCH_HANDSHAKES` sets the count (default 1000).
 *
 * CPU time is that of this process, in which both ends run in turn; only the responder is watched, and the page is another
 * process. The three responders take turns, so that all see the same machine.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { startInspector } from '../adapters/inspector/server.js';
import type { WheelClock } from '../adapters/clock/wheel-clock.js';
import { describeChart } from '../daemon/chart-description.js';
import { EventStream } from '../daemon/event-stream.js';
import { InspectionLog } from '../daemon/inspection.js';
import { LiveCharts } from '../daemon/live-charts.js';
import { CHARTS } from '../machines/charts.js';
import { handshakes } from './ends/bench-engine.js';
import { cpuMs, IKE_PORT, Turns } from './ends/turns.js';

const HANDSHAKES = Number(process.env.BENCH_HANDSHAKES ?? 1000);
const PORTIONS = 20;
const WARM_UP = 500;
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

function logOf(events: EventStream, clock: WheelClock): InspectionLog {
  return new InspectionLog(events, DESCRIBED, clock, { explain: () => undefined });
}

async function handshakeCost(group: number, name: string): Promise<void> {
  let log: InspectionLog | undefined;
  let watched: InspectionLog | undefined;
  const kinds = [
    { kind: 'off', watch: (events: EventStream) => new LiveCharts(events).watcher },
    {
      kind: 'on',
      watch: (events: EventStream, clock: WheelClock) => {
        const live = new LiveCharts(events);
        live.watch(DESCRIBED);
        log = logOf(events, clock);
        return live.watcher;
      },
    },
    {
      kind: 'page open',
      watch: (events: EventStream, clock: WheelClock) => {
        const live = new LiveCharts(events);
        live.watch(DESCRIBED);
        watched = logOf(events, clock);
        return live.watcher;
      },
    },
  ] as const;
  const pairs = [{ kind: 'unwatched', watch: undefined }, ...kinds].map(({ kind, watch }) => {
    const wire = new Turns();
    return {
      kind,
      wire,
      spent: [] as number[],
      initiator: wire.engine('initiator', group),
      responder: wire.engine('responder', group, false, watch),
    };
  });
  if (watched === undefined) throw new Error('nobody watches');
  const inspector = await startInspector(watched, { address: '127.0.0.1', port: 0 });
  const close = await openPage(inspector.url);
  for (const { initiator, responder } of pairs) {
    await Promise.all([initiator.open(), responder.open()]);
    await handshakes(initiator, WARM_UP, IKE_PORT);
  }
  const portion = Math.ceil(HANDSHAKES / PORTIONS);
  for (const { wire } of pairs) wire.reset();
  for (let n = 0; n < PORTIONS; n++) {
    for (const pair of n % 2 === 0 ? pairs : [...pairs].reverse()) {
      const before = cpuMs();
      await handshakes(pair.initiator, portion, IKE_PORT);
      // What the feed sends belongs to what it tells of.
      if (pair.kind === 'page open') await new Promise((resolve) => setTimeout(resolve, 100));
      pair.spent.push((cpuMs() - before) / portion);
    }
  }
  const [unwatched] = pairs;
  const base = median(unwatched?.spent ?? []);
  // The initiator's half is the same in all.
  const own = (unwatched?.wire.cpuMs('responder') ?? 0) / (portion * PORTIONS);
  for (const { kind, spent } of pairs) {
    const row = {
      inspector: name,
      kind,
      cpuMs: round(median(spent)),
      percent: round(((median(spent) - base) / own) * 100),
    };
    console.log(
      `${name}, ${kind}: ${String(row.cpuMs)} ms CPU per handshake of both ends, ${String(row.percent)} % of the responder's more than unwatched`,
    );
    console.log(JSON.stringify(row));
  }
  close();
  await inspector.close();
  log?.close();
  watched.close();
  for (const { initiator, responder } of pairs) await Promise.all([initiator.close(), responder.close()]);
}

async function idlePercent(): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 2000));
  const before = cpuMs();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return round(((cpuMs() - before) / IDLE_MS) * 100);
}

/** Ten thousand SAs that stand, a page that shows them, and nothing that happens. */
async function idleCost(): Promise<void> {
  const clock = { now: () => performance.now(), wallTime: () => Date.now() };
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

/** One portion in which the machine was busy elsewhere says nothing. */
function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

await idleCost();
await handshakeCost(2, 'modp1024');
await handshakeCost(14, 'modp2048');
process.exit();
