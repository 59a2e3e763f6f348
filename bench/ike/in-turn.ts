/**
 * Daemons that differ in one thing only, under the same load in turn, portion by portion, so that all see the same machine.
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
  /** Processor time of a handshake at the daemon, the median of its portions, milliseconds. */
  readonly cpuMs: number;
  /** By how much more than the first variant, per cent: median and quartiles of the portions that were neighbours. */
  readonly percent: number;
  readonly from: number;
  readonly to: number;
}

const PORTION = 100;
const WINDOW = 16;
/** After the last message of a portion, until the daemon has dealt with it. */
const SETTLING_MS = 100;

/** @param handshakes of each variant; `warmUp` come before. @param port each variant takes two, from here on */
export async function measureInTurn(
  suite: Suite,
  variants: readonly Variant[],
  options: { readonly handshakes: number; readonly warmUp: number; readonly port: number },
): Promise<readonly InTurn[]> {
  const spent = variants.map((): number[] => []);
  const rounds: (() => Promise<number>)[] = [];
  const started = async (index: number): Promise<void> => {
    const variant = variants[index];
    if (variant === undefined) {
      for (let n = 0; n < options.handshakes / PORTION; n++) {
        const order = rounds.map((_, place) => place);
        for (const place of n % 2 === 0 ? order : order.reverse())
          spent[place]?.push((await rounds[place]?.()) ?? 0);
      }
      return;
    }
    await withEnds(suite, planOf(options, variant, index), async (daemon, load) => {
      const end = await variant.beside?.();
      const run = async (count: number): Promise<number> => {
        const before = await daemon.ask({ ask: 'cpu' });
        const { established } = await load.run(count, { window: WINDOW });
        await new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
        const after = await daemon.ask({ ask: 'cpu' });
        return (after.cpuMs - before.cpuMs) / established;
      };
      await run(options.warmUp);
      rounds.push(() => run(PORTION));
      await started(index + 1);
      end?.();
    });
  };
  await started(0);
  const [reference = []] = spent;
  return variants.map(({ name }, index) => {
    const of = spent[index] ?? [];
    const more = of.map((ms, portion) => (ms / (reference[portion] ?? ms) - 1) * 100);
    return {
      name,
      cpuMs: quantile(of, 0.5),
      percent: quantile(more, 0.5),
      from: quantile(more, 0.25),
      to: quantile(more, 0.75),
    };
  });
}

function planOf(
  options: { readonly handshakes: number; readonly warmUp: number; readonly port: number },
  variant: Variant,
  index: number,
): Plan {
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

function quantile(values: readonly number[], at: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  const place = (sorted.length - 1) * at;
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/** A line for people and one for programs, for each but the first. */
export function sayInTurn(bench: string, suite: Suite, handshakes: number, results: readonly InTurn[]): void {
  const [reference, ...others] = results;
  if (reference === undefined) return;
  for (const other of others) {
    console.log(
      `${bench}, ${suite.name}, ${other.name}: ${other.cpuMs.toFixed(3)} ms CPU per handshake, ${reference.cpuMs.toFixed(3)} ${reference.name}; ` +
        `${other.percent.toFixed(1)} % more, half of the portions between ${other.from.toFixed(1)} and ${other.to.toFixed(1)} % (${String(handshakes)} handshakes each)`,
    );
    console.log(
      JSON.stringify({ bench, suite: suite.name, handshakes, reference: reference.cpuMs, ...other }),
    );
  }
}
