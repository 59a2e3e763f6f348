/**
 * A bounded set in which sources share fairly: when there is no room, the source that has most in it loses its oldest,
 * so that one that floods displaces only itself. Every operation takes the same time however many there are.
 */
export interface LedgerLimits {
  readonly total: number;
  readonly perSource: number;
}

export class SourceLedger {
  readonly #limits: LedgerLimits;
  readonly #sourceOf = new Map<string, string>();
  /** Ids of each source, oldest first. */
  readonly #idsOf = new Map<string, Set<string>>();
  /** Sources by how many ids they have; those that have had so many for longest first. */
  readonly #byCount = new Map<number, Set<string>>();
  #most = 0;

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#sourceOf.size;
  }

  has(id: string): boolean {
    return this.#sourceOf.has(id);
  }

  /** Always takes `id`; gives back the one that was put out for it, if there was no room. */
  add(id: string, source: string): string | undefined {
    const displaced = this.#inTheWay(source);
    if (displaced !== undefined) this.delete(displaced);
    const ids = this.#idsOf.get(source) ?? new Set();
    this.#idsOf.set(source, ids);
    this.#sourceOf.set(id, source);
    ids.add(id);
    this.#count(source, ids.size - 1, ids.size);
    return displaced;
  }

  delete(id: string): void {
    const source = this.#sourceOf.get(id);
    const ids = source === undefined ? undefined : this.#idsOf.get(source);
    if (source === undefined || ids === undefined) return;
    this.#sourceOf.delete(id);
    ids.delete(id);
    if (ids.size === 0) this.#idsOf.delete(source);
    this.#count(source, ids.size + 1, ids.size);
  }

  #inTheWay(source: string): string | undefined {
    const own = this.#idsOf.get(source);
    if (own !== undefined && own.size >= this.#limits.perSource) return firstOf(own);
    if (this.size < this.#limits.total) return undefined;
    const largest = firstOf(this.#byCount.get(this.#most));
    return largest === undefined ? undefined : firstOf(this.#idsOf.get(largest));
  }

  #count(source: string, before: number, now: number): void {
    const left = this.#byCount.get(before);
    left?.delete(source);
    if (left?.size === 0) this.#byCount.delete(before);
    if (now > 0) {
      const sources = this.#byCount.get(now) ?? new Set();
      this.#byCount.set(now, sources);
      sources.add(source);
    }
    this.#most = Math.max(this.#most, now);
    while (this.#most > 0 && !this.#byCount.has(this.#most)) this.#most -= 1;
  }
}

function firstOf(set: ReadonlySet<string> | undefined): string | undefined {
  for (const one of set ?? []) return one;
  return undefined;
}
