/**
 * What the flight recorder costs: two daemons, one with it, as it is by default, and one without, under the same load in
 * turn, so that both see the same machine. bench/README.md explains it.
 * `npm run bench -- recorder`; `BENCH_HANDSHAKES` sets the handshakes of each (default 4000).
 */
import type { Load } from './ike/load.js';
import { type Plan, withEnds } from './ike/measure.js';
import type { MeasuredDaemon } from './ike/measured-daemon.js';
import type { Suite } from './ike/roots.js';

const HANDSHAKES = Number(process.env.BENCH_HANDSHAKES ?? 4000);
/** What the recorder keeps is full after it. */
const WARM_UP = 1500;
const PORTION = 100;
const WINDOW = 16;
/** After the last message of a portion, until the daemon has dealt with it. */
const SETTLING_MS = 100;
const SUITES: readonly Suite[] = [
  { name: 'modp1024', group: 2, method: 'preshared', strangers: 0 },
  { name: 'modp2048', group: 14, method: 'preshared', strangers: 0 },
];

const plan = (port: number, flags: readonly string[]): Plan => ({
  handshakes: HANDSHAKES,
  warmUp: WARM_UP,
  pace: { window: WINDOW },
  peers: 1_000_000,
  failing: 0,
  flags,
  nodeFlags: [],
  port,
  profile: false,
  steadySeconds: 0,
});

/** Processor time of the daemon for each of `count` handshakes, milliseconds. */
async function spent(daemon: MeasuredDaemon, load: Load, count: number): Promise<number> {
  const before = await daemon.ask({ ask: 'cpu' });
  const { established } = await load.run(count, { window: WINDOW });
  await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  const after = await daemon.ask({ ask: 'cpu' });
  return (after.cpuMs - before.cpuMs) / established;
}

async function compare(suite: Suite, port: number): Promise<void> {
  await withEnds(suite, plan(port, ['--no-record']), (without, toWithout) =>
    withEnds(suite, plan(port + 2, []), async (withIt, toWithIt) => {
      const ends = {
        off: (count: number) => spent(without, toWithout, count),
        on: (count: number) => spent(withIt, toWithIt, count),
      };
      await ends.off(WARM_UP);
      await ends.on(WARM_UP);
      const off: number[] = [];
      const on: number[] = [];
      for (let n = 0; n < HANDSHAKES / PORTION; n++) {
        if (n % 2 === 0) off.push(await ends.off(PORTION));
        on.push(await ends.on(PORTION));
        if (n % 2 === 1) off.push(await ends.off(PORTION));
      }
      say(suite.name, off, on);
    }),
  );
}

function say(suite: string, off: readonly number[], on: readonly number[]): void {
  const more = on.map((ms, index) => (ms / (off[index] ?? ms) - 1) * 100);
  const row = {
    recorder: suite,
    handshakes: on.length * PORTION,
    offCpuMs: round(quantile(off, 0.5)),
    onCpuMs: round(quantile(on, 0.5)),
    percent: round(quantile(more, 0.5)),
    from: round(quantile(more, 0.25)),
    to: round(quantile(more, 0.75)),
  };
  console.log(
    `recorder, ${suite}: ${String(row.onCpuMs)} ms CPU per handshake with it, ${String(row.offCpuMs)} without; ` +
      `${String(row.percent)} % more, half of the portions between ${String(row.from)} and ${String(row.to)} % (${String(row.handshakes)} handshakes each)`,
  );
  console.log(JSON.stringify(row));
}

function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const place = (sorted.length - 1) * at;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

let port = 20_000 + (process.pid % 20_000);
for (const suite of SUITES) {
  await compare(suite, port);
  port += 4;
}
process.exit();
