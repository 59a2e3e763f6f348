/**
 * Phase 1 SAs in the order of their serial numbers, for who reads them one by one: a hundred thousand are not gone through
 * for each of them.
 */
import type { Phase1Record } from '../services/exchange/phase1-record.js';
import type { Listed } from '../services/admin/listing.js';
import { withdrawn } from './ending.js';
import type { Engine } from './engine.js';
import type { Phase1Entry } from './sa-table.js';

/** One Phase 1 SA of the listing, established or on its way. */
export type Item = { readonly serial: number } & (
  | { readonly entry: Phase1Entry }
  | { readonly record: Phase1Record; readonly lastMessage: number; delete(): void }
);

export class Phase1Listing {
  readonly #engine: Engine;
  /** Ascending: those that there were when it was last begun or came to its end. Later ones have higher numbers. */
  #serials: readonly number[] = [];

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  *all(): Generator<Item> {
    for (const entry of this.#engine.table.phase1()) yield { serial: serialOf(entry.id), entry };
    yield* this.#negotiating();
  }

  /** The one with the lowest number at or above `from`. What goes between two calls is skipped, and nothing comes twice. */
  from(from: number): Listed<Item> | undefined {
    if (from === 0) this.#note(0);
    const entry = this.#first(from);
    return entry && { entry, next: this.#first(entry.serial + 1)?.serial };
  }

  #first(from: number): Item | undefined {
    const known = this.#firstKnown(from);
    if (known !== undefined) return known;
    this.#note(from);
    return this.#firstKnown(from);
  }

  #firstKnown(from: number): Item | undefined {
    for (let at = this.#placeOf(from); at < this.#serials.length; at++) {
      const item = this.#item(this.#serials[at] ?? 0);
      if (item !== undefined) return item;
    }
    return undefined;
  }

  #item(serial: number): Item | undefined {
    const entry = this.#engine.table.phase1ById(`p1-${String(serial)}`);
    if (entry !== undefined) return { serial, entry };
    for (const item of this.#negotiating()) if (item.serial === serial) return item;
    return undefined;
  }

  /** Where the first number at or above `from` stands. */
  #placeOf(from: number): number {
    let low = 0;
    let high = this.#serials.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#serials[middle] ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #note(from: number): void {
    const serials: number[] = [];
    for (const { serial } of this.all()) if (serial >= from) serials.push(serial);
    this.#serials = serials.sort((one, other) => one - other);
  }

  *#negotiating(): Generator<Item> {
    for (const negotiation of this.#engine.phase1.live()) {
      const { id, record, lastSent } = negotiation;
      yield {
        serial: serialOf(id),
        record,
        lastMessage: lastSent?.summary.number ?? 0,
        delete: () => {
          negotiation.send({
            type: 'OPERATOR_DELETE',
            failure: withdrawn('operator-deleted', record.remote),
          });
        },
      };
    }
  }
}

/** `p1-17` is number 17: ids are never reused in a run. */
function serialOf(id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1));
}
