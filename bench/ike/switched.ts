/**
 * What costs something and can be switched off while the daemon runs: one daemon, with it and without it in turn. Two processes
 * of the same kind differ by up to 10 %, a process from itself a second later by much less.
 */
import { type Plan, withEnds } from './measure.js';
import { Prompt } from './operator.js';
import type { Suite } from './roots.js';

export interface Switch {
  readonly name: string;
  /** Resolves when it is so. */
  readonly on: (ikeadm: Prompt) => Promise<void>;
  readonly off: (ikeadm: Prompt) => Promise<void>;
}

export interface SwitchedOptions {
  /** How often the daemon is started. */
  readonly starts: number;
  /** Of each start: portions with it, and as many without. */
  readonly portions: number;
  readonly warmUp: number;
  /** Takes two, from here on. */
  readonly port: number;
}

export interface Switched {
  /** Processor time of a handshake, milliseconds. */
  readonly withMs: number;
  readonly withoutMs: number;
  /** By how much more processor time it takes with it, all threads of the daemon. */
  readonly cpu: Difference;
  /** By how much fewer come to their end in a second: what the threads beside the loop do holds up hardly any. */
  readonly rate: Difference;
}

/**
 * Per cent: of all pairs of portions the mean without a fifth of them at either end, where the machine was busy with something
 * else, and its standard error.
 */
interface Difference {
  readonly percent: number;
  readonly error: number;
}

interface Spent {
  readonly cpuMs: number;
  readonly perSecond: number;
  readonly established: number;
}

interface Pair {
  readonly on: Spent;
  readonly off: Spent;
}

/** Handshakes; short, so that two that are compared follow each other within a moment. */
const PORTION = 250;
/** Handshakes after a switch that do not count: what it costs to begin and to end would stand in what is measured. */
const LEAD = 120;
const WINDOW = 16;
/** After the last message of a portion, until the daemon has dealt with it. */
const SETTLING_MS = 30;
const LEFT_OUT = 0.2;

export async function measureSwitched(
  suite: Suite,
  what: Switch,
  options: SwitchedOptions,
): Promise<Switched> {
  const pairs: Pair[] = [];
  for (let n = 0; n < options.starts; n++)
    await withEnds(suite, planOf(options), async (daemon, load, folder) => {
      const ikeadm = new Prompt(folder);
      await what.on(ikeadm);
      await load.run(options.warmUp, { window: WINDOW });
      const portion = async (to: Switch['on']): Promise<Spent> => {
        await to(ikeadm);
        await load.run(LEAD, { window: WINDOW });
        await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
        const before = await daemon.ask({ ask: 'cpu' });
        const { established, seconds } = await load.run(PORTION, { window: WINDOW });
        await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
        const after = await daemon.ask({ ask: 'cpu' });
        return { cpuMs: after.cpuMs - before.cpuMs, perSecond: established / seconds, established };
      };
      for (let pair = 0; pair < options.portions; pair++) {
        // Forwards and backwards in turn: what grows with time falls on both.
        if (pair % 2 === 0) {
          const off = await portion(what.off);
          pairs.push({ off, on: await portion(what.on) });
        } else {
          const on = await portion(what.on);
          pairs.push({ on, off: await portion(what.off) });
        }
      }
      await what.off(ikeadm);
      ikeadm.close();
    });
  return {
    withMs: perHandshake(pairs.map(({ on }) => on)),
    withoutMs: perHandshake(pairs.map(({ off }) => off)),
    cpu: meanOf(pairs.map(({ on, off }) => (perHandshake([on]) / perHandshake([off]) - 1) * 100)),
    rate: meanOf(pairs.map(({ on, off }) => (1 - on.perSecond / off.perSecond) * 100)),
  };
}

/** A line for people and one for programs. */
export function saySwitched(
  bench: string,
  suite: Suite,
  name: string,
  { starts, portions }: SwitchedOptions,
  result: Switched,
): void {
  console.log(
    `${bench}, ${suite.name}, ${name}: ${result.withMs.toFixed(3)} ms CPU per handshake, ${result.withoutMs.toFixed(3)} without, ` +
      `${told(result.cpu)} more; ${told(result.rate)} fewer handshakes a second (one daemon in turn, ${String(starts)} starts, ` +
      `${String(starts * portions * PORTION)} handshakes of each)`,
  );
  console.log(JSON.stringify({ bench, suite: suite.name, name, starts, portions, ...result }));
}

/** Milliseconds of processor time. */
function perHandshake(spent: readonly Spent[]): number {
  const sum = (of: (one: Spent) => number): number => spent.reduce((total, one) => total + of(one), 0);
  return sum(({ cpuMs }) => cpuMs) / sum(({ established }) => established);
}

/** Yuen's trimmed mean: its error is that of the values with the outermost drawn in to the next. */
function meanOf(values: readonly number[]): Difference {
  const inOrder = values.toSorted((a, b) => a - b);
  const cut = Math.floor(values.length * LEFT_OUT);
  const kept = inOrder.slice(cut, values.length - cut);
  const drawnIn = inOrder.map((value) => Math.min(Math.max(value, kept[0] ?? value), kept.at(-1) ?? value));
  const variance = sumOfSquares(drawnIn) / (values.length - 1);
  return { percent: mean(kept), error: Math.sqrt(variance / values.length) / (1 - 2 * LEFT_OUT) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function sumOfSquares(values: readonly number[]): number {
  const middle = mean(values);
  return values.reduce((sum, value) => sum + (value - middle) ** 2, 0);
}

function told({ percent, error }: Difference): string {
  return `${percent.toFixed(1)} % (standard error ${error.toFixed(1)})`;
}

function planOf({ warmUp, port }: SwitchedOptions): Plan {
  return {
    ...{ handshakes: 0, warmUp, pace: { window: WINDOW }, peers: 1_000_000, failing: 0 },
    ...{ flags: [], nodeFlags: [], port, profile: false, steadySeconds: 0 },
  };
}
