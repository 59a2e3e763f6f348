/**
 * What costs something and can be switched off while the daemon runs: one daemon, with it and without it in turn. Two processes
 * of the same kind differ by up to 10 %, a process from itself a second later by much less.
 */
import { type Plan, withEnds } from './measure.js';
import type { Suite } from './roots.js';

export interface Switch {
  readonly name: string;
  /** `folder` is that of `withEnds`. Resolves when it is so. */
  readonly on: (folder: string) => Promise<void>;
  readonly off: (folder: string) => Promise<void>;
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

/** Per cent: the mean of the blocks, and its standard error. */
interface Difference {
  readonly percent: number;
  readonly error: number;
}

interface Spent {
  cpuMs: number;
  seconds: number;
  established: number;
}

interface Block {
  readonly on: Spent;
  readonly off: Spent;
}

const PORTION = 500;
/** Handshakes after a switch that do not count: what it costs to begin and to end would stand in what is measured. */
const LEAD = 300;
/** Portions of each kind that are compared with each other. */
const BLOCK = 4;
const WINDOW = 16;
/** After the last message of a portion, until the daemon has dealt with it. */
const SETTLING_MS = 100;

export async function measureSwitched(
  suite: Suite,
  what: Switch,
  options: SwitchedOptions,
): Promise<Switched> {
  const blocks: Block[] = [];
  for (let n = 0; n < options.starts; n++)
    await withEnds(suite, planOf(options), async (daemon, load, folder) => {
      await what.on(folder);
      await load.run(options.warmUp, { window: WINDOW });
      const portion = async (to: Switch['on'], spent: Spent): Promise<void> => {
        await to(folder);
        await load.run(LEAD, { window: WINDOW });
        await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
        const before = await daemon.ask({ ask: 'cpu' });
        const { established, seconds } = await load.run(PORTION, { window: WINDOW });
        await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
        const after = await daemon.ask({ ask: 'cpu' });
        spent.cpuMs += after.cpuMs - before.cpuMs;
        spent.seconds += seconds;
        spent.established += established;
      };
      for (let done = 0; done < options.portions; done += BLOCK) {
        const block = { on: nothing(), off: nothing() };
        for (let pair = 0; pair < BLOCK; pair++) {
          // Forwards and backwards in turn: what grows with time falls on both.
          if (pair % 2 === 0) await portion(what.off, block.off);
          await portion(what.on, block.on);
          if (pair % 2 === 1) await portion(what.off, block.off);
        }
        blocks.push(block);
      }
      await what.off(folder);
    });
  return {
    withMs: perHandshake(blocks.map(({ on }) => on)),
    withoutMs: perHandshake(blocks.map(({ off }) => off)),
    cpu: meanOf(blocks.map(({ on, off }) => (perHandshake([on]) / perHandshake([off]) - 1) * 100)),
    rate: meanOf(blocks.map(({ on, off }) => (1 - perSecond(on) / perSecond(off)) * 100)),
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

function nothing(): Spent {
  return { cpuMs: 0, seconds: 0, established: 0 };
}

/** Milliseconds of processor time. */
function perHandshake(spent: readonly Spent[]): number {
  const sum = (of: (one: Spent) => number): number => spent.reduce((total, one) => total + of(one), 0);
  return sum(({ cpuMs }) => cpuMs) / sum(({ established }) => established);
}

function perSecond({ established, seconds }: Spent): number {
  return established / seconds;
}

function meanOf(values: readonly number[]): Difference {
  const percent = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - percent) ** 2, 0);
  return { percent, error: Math.sqrt(squares / (values.length - 1) / values.length) };
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
