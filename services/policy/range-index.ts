/**
 * Finds what covers an address, or meets a range, among many ranges without looking at each: ranges by where they begin, as a balanced tree
 * in which every node knows the furthest end below it. What is found comes in the order in which it was given.
 */
import { type Address, addressKey, type AddressRange, single } from '../net/address.js';

interface Span {
  readonly begin: string;
  readonly end: string;
  readonly item: number;
}

export class RangeIndex {
  readonly #spans: readonly Span[];
  /** By the middle of a subtree: the furthest end in all of it. */
  readonly #furthest: string[];

  /** `ranges`: of each item, by its number. */
  constructor(ranges: readonly (readonly AddressRange[])[]) {
    this.#spans = ranges
      .flatMap((own, item) =>
        own.map(({ begin, end }): Span => ({ begin: addressKey(begin), end: addressKey(end), item })),
      )
      .sort((one, other) => (one.begin < other.begin ? -1 : one.begin > other.begin ? 1 : 0));
    this.#furthest = new Array<string>(this.#spans.length).fill('');
    this.#measure(0, this.#spans.length);
  }

  /** How many different ranges there are: the more, the fewer cover one address. */
  get variety(): number {
    return new Set(this.#spans.map(({ begin, end }) => `${begin}-${end}`)).size;
  }

  /** Numbers of the items of which a range has an address in common with this one, ascending, each once. */
  meeting({ begin, end }: AddressRange): readonly number[] {
    const found: number[] = [];
    this.#collect(keysOf(begin, end), 0, this.#spans.length, found);
    if (found.length < 2) return found;
    found.sort((one, other) => one - other);
    return found.filter((item, at) => item !== found[at - 1]);
  }

  #measure(from: number, to: number): string {
    if (from >= to) return '';
    const middle = (from + to) >> 1;
    let furthest = this.#spans[middle]?.end ?? '';
    for (const below of [this.#measure(from, middle), this.#measure(middle + 1, to)])
      if (below > furthest) furthest = below;
    this.#furthest[middle] = furthest;
    return furthest;
  }

  #collect(keys: Omit<Span, 'item'>, from: number, to: number, found: number[]): void {
    const middle = (from + to) >> 1;
    const span = this.#spans[middle];
    if (from >= to || span === undefined || (this.#furthest[middle] ?? '') < keys.begin) return;
    this.#collect(keys, from, middle, found);
    if (span.begin > keys.end) return;
    if (span.end >= keys.begin) found.push(span.item);
    this.#collect(keys, middle + 1, to, found);
  }
}

function keysOf(begin: Address, end: Address): Omit<Span, 'item'> {
  const key = addressKey(begin);
  return { begin: key, end: end === begin ? key : addressKey(end) };
}

/**
 * The same for pairs of ends: looked up by the end at which the ranges differ more, since of a gateway's rules nearly all
 * cover its own address.
 */
export class EndsIndex<T> {
  readonly #items: readonly T[];
  readonly #by: 'local' | 'remote';
  readonly #index: RangeIndex;
  readonly #other: readonly (readonly { readonly begin: string; readonly end: string }[])[];
  #last: { readonly local: Address; readonly remote: Address; readonly found: readonly T[] } | undefined;

  constructor(
    items: readonly T[],
    localOf: (item: T) => readonly AddressRange[],
    remoteOf: (item: T) => readonly AddressRange[],
  ) {
    this.#items = items;
    const local = items.map(localOf);
    const remote = items.map(remoteOf);
    const indices = { local: new RangeIndex(local), remote: new RangeIndex(remote) };
    this.#by = indices.local.variety > indices.remote.variety ? 'local' : 'remote';
    this.#index = indices[this.#by];
    this.#other = (this.#by === 'local' ? remote : local).map((ranges) =>
      ranges.map(({ begin, end }) => ({ begin: addressKey(begin), end: addressKey(end) })),
    );
  }

  /** Items that cover both ends, in the order in which they were given. */
  covering(local: Address, remote: Address): readonly T[] {
    // A negotiation asks several times in a row.
    const last = this.#last;
    if (last?.local === local && last.remote === remote) return last.found;
    const found = this.meeting(single(local), single(remote));
    this.#last = { local, remote, found };
    return found;
  }

  /** Items that at both ends have an address in common with these, in the order in which they were given. */
  meeting(local: AddressRange, remote: AddressRange): readonly T[] {
    const [looked, other] = this.#by === 'local' ? [local, remote] : [remote, local];
    const keys = keysOf(other.begin, other.end);
    const found: T[] = [];
    for (const number of this.#index.meeting(looked)) {
      const item = this.#items[number];
      const meets = this.#other[number]?.some(({ begin, end }) => begin <= keys.end && end >= keys.begin);
      if (item !== undefined && meets === true) found.push(item);
    }
    return found;
  }
}
