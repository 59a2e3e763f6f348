/**
 * A bounded set in which sources share fairly: when there is no room, the source that has most in it loses its oldest,
 * so that one that floods displaces only itself. Every operation takes the same time however many there are.
 */
import { LinkedList, type Links } from '../services/collections/linked-list.js';

export interface LedgerLimits {
  readonly total: number;
  readonly perSource: number;
}

interface Seat extends Links<Seat> {
  readonly id: string;
  readonly source: Source;
}

/** Its seats, oldest first. */
class Source extends LinkedList<Seat> implements Links<Source> {
  readonly name: string;
  count = 0;
  before: Source | undefined = undefined;
  after: Source | undefined = undefined;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

export class SourceLedger {
  readonly #limits: LedgerLimits;
  readonly #seats = new Map<string, Seat>();
  readonly #sources = new Map<string, Source>();
  /** Sources by how many seats they have; those that have had so many for longest first. */
  readonly #byCount: LinkedList<Source>[] = [];
  #most = 0;

  constructor(limits: LedgerLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#seats.size;
  }

  has(id: string): boolean {
    return this.#seats.has(id);
  }

  /** Always takes `id`; gives back the one that was put out for it, if there was no room. */
  add(id: string, name: string): string | undefined {
    const displaced = this.#inTheWay(name);
    if (displaced !== undefined) this.delete(displaced);
    let source = this.#sources.get(name);
    if (source === undefined) {
      source = new Source(name);
      this.#sources.set(name, source);
    }
    const seat = { id, source, before: undefined, after: undefined };
    this.#seats.set(id, seat);
    source.append(seat);
    this.#count(source, source.count + 1);
    return displaced;
  }

  delete(id: string): void {
    const seat = this.#seats.get(id);
    if (seat === undefined) return;
    const { source } = seat;
    this.#seats.delete(id);
    source.remove(seat);
    this.#count(source, source.count - 1);
    if (source.count === 0) this.#sources.delete(source.name);
  }

  #inTheWay(name: string): string | undefined {
    const own = this.#sources.get(name);
    if (own !== undefined && own.count >= this.#limits.perSource) return own.first?.id;
    if (this.size < this.#limits.total) return undefined;
    return this.#byCount[this.#most]?.first?.first?.id;
  }

  #count(source: Source, now: number): void {
    if (source.count > 0) this.#byCount[source.count]?.remove(source);
    source.count = now;
    if (now > 0) (this.#byCount[now] ??= new LinkedList()).append(source);
    this.#most = Math.max(this.#most, now);
    while (this.#most > 0 && this.#byCount[this.#most]?.first === undefined) this.#most -= 1;
  }
}
