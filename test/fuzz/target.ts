/** What a fuzz target is: a stream of cases that follows from its seed, and what it found. */
export interface FuzzOptions {
  readonly seed: number;
  /** How many cases; what one is, the target says. */
  readonly count: number;
}

export interface Finding {
  readonly target: string;
  readonly seed: number;
  /** Number of the case, from 0. */
  readonly at: number;
  readonly input: Uint8Array | string;
  readonly error: unknown;
}

export interface FuzzReport {
  readonly findings: readonly Finding[];
  /** What the cases met, so that a target that has stopped reaching anything is seen. */
  readonly reached: Readonly<Record<string, number>>;
}

export interface FuzzTarget {
  readonly name: string;
  /** Cases of a full run. */
  readonly fullCount: number;
  run(options: FuzzOptions): Promise<FuzzReport>;
}

/** Past this a target stops: more of the same helps nobody. */
export const MOST_FINDINGS = 20;

/** The dice of one case: it can be thrown again alone. */
export function caseSeed(seed: number, at: number): number {
  return (Math.imul(seed, 0x9e37_79b1) + Math.imul(at, 0x85eb_ca6b)) >>> 0;
}

/** Counts by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}
