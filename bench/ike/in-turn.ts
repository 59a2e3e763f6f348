/**
 * Daemons that differ in one thing only, under the same load in turn, portion by portion, so that all see the same machine.
 * They are started several times: what a process costs depends on where its heap and its machine code happen to lie and on
 * what the compiler guessed, and two of the same kind differ by up to 10 %.
 */
import { type Plan, withEnds } from './measure.js';
import type { Suite } from './roots.js';

/** One way to run the daemon. */
export interface Variant {
  readonly name: string;
  readonly flags: readonly string[];
  /** What goes on beside the daemon while it is measured; what is given back ends it. */
  readonly beside?: (() => Promise<() => void>) | undefined;
}

export interface InTurn {
  readonly name: string;
  /** Processor time of a handshake at the daemon, the median of the starts, milliseconds. */
  readonly cpuMs: number;
  /** By how much more than the first variant, per cent: the mean of the starts, and its standard error. */
  readonly percent: number;
  readonly error: number;
}

/** Where it is short, what the other has left in the caches counts; where it is long, what else the machine does. */
const PORTION = 250;
const WINDOW = 16;
/** After the last message of a portion, until the daemon has dealt with it. */
const SETTLING_MS = 100;

export interface InTurnOptions {
  /** How often each variant is started; 2 at least. */
  readonly starts: number;
  /** Of each variant after each start; `warmUp` come before. */
  readonly handshakes: number;
  readonly warmUp: number;
  /** Each variant takes two, from here on. */
  readonly port: number;
}

export async function measureInTurn(
  suite: Suite,
  variants: readonly Variant[],
  options: InTurnOptions,
): Promise<readonly InTurn[]> {
  const starts: (readonly number[])[] = [];
  for (let n = 0; n < options.starts; n++) starts.push(await measureOnce(suite, variants, options));
  return variants.map(({ name }, index) => {
    const of = starts.map((spent) => spent[index] ?? 0);
    const more = starts.map((spent) => ((spent[index] ?? 0) / (spent[0] ?? 1) - 1) * 100);
    const { mean, error } = meanOf(more);
    return { name, cpuMs: median(of), percent: mean, error };
  });
}

/** Milliseconds of a handshake, of each variant. */
async function measureOnce(
  suite: Suite,
  variants: readonly Variant[],
  options: InTurnOptions,
): Promise<readonly number[]> {
  const spent = variants.map(() => ({ cpuMs: 0, established: 0 }));
  const rounds: (() => Promise<void>)[] = [];
  const started = async (index: number): Promise<void> => {
    const [variant, sum] = [variants[index], spent[index]];
    if (variant === undefined || sum === undefined) {
      for (let n = 0; n < options.handshakes / PORTION; n++)
        for (const round of n % 2 === 0 ? rounds : rounds.toReversed()) await round();
      return;
    }
    await withEnds(suite, planOf(options, variant, index), async (daemon, load) => {
      const end = await variant.beside?.();
      await load.run(options.warmUp, { window: WINDOW });
      rounds.push(async () => {
        const before = await daemon.ask({ ask: 'cpu' });
        const { established } = await load.run(PORTION, { window: WINDOW });
        await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
        const after = await daemon.ask({ ask: 'cpu' });
        sum.cpuMs += after.cpuMs - before.cpuMs;
        sum.established += established;
      });
      await started(index + 1);
      end?.();
    });
  };
  await started(0);
  return spent.map(({ cpuMs, established }) => cpuMs / established);
}

function planOf(options: InTurnOptions, variant: Variant, index: number): Plan {
  return {
    handshakes: options.handshakes,
    warmUp: options.warmUp,
    pace: { window: WINDOW },
    peers: 1_000_000,
    failing: 0,
    flags: variant.flags,
    nodeFlags: [],
    port: options.port + 2 * index,
    profile: false,
    steadySeconds: 0,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle)] ?? 0)) / 2;
}

function meanOf(values: readonly number[]): { readonly mean: number; readonly error: number } {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / (values.length - 1) / values.length) };
}

/** A line for people and one for programs, for each but the first. */
export function sayInTurn(
  bench: string,
  suite: Suite,
  { starts, handshakes }: InTurnOptions,
  results: readonly InTurn[],
): void {
  const [reference, ...others] = results;
  if (reference === undefined) return;
  for (const other of others) {
    console.log(
      `${bench}, ${suite.name}, ${other.name}: ${other.cpuMs.toFixed(3)} ms CPU per handshake, ${reference.cpuMs.toFixed(3)} ${reference.name}; ` +
        `${other.percent.toFixed(1)} % more, standard error ${other.error.toFixed(1)} (${String(starts)} starts, ${String(handshakes)} handshakes after each)`,
    );
    console.log(
      JSON.stringify({
        ...{ bench, suite: suite.name, starts, handshakes, reference: reference.cpuMs },
        ...other,
      }),
    );
  }
}
