/** Conversations in the order of their last beginning, and what they take together. */
import { LinkedList, type Links } from '../../services/collections/linked-list.js';

/** What stands in a row. All but `bytes` is the row's to set. */
export interface InRow<T extends InRow<T>> extends Links<T> {
  /** About what it takes of memory. */
  readonly bytes: number;
  row: Row<T> | undefined;
}

export class Row<T extends InRow<T>> {
  /** About what they take of memory; each adds what it grows by. */
  bytes = 0;
  #size = 0;
  readonly #list = new LinkedList<T>();

  get size(): number {
    return this.#size;
  }

  /** Whoever began longest ago; `after` goes on. */
  get first(): T | undefined {
    return this.#list.first;
  }

  /** As the last. It is in no row. */
  add(one: T): void {
    one.row = this;
    this.#list.append(one);
    this.#size += 1;
    this.bytes += one.bytes;
  }

  /** It is in this row. */
  remove(one: T): void {
    one.row = undefined;
    this.#list.remove(one);
    this.#size -= 1;
    this.bytes -= one.bytes;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let one = this.first; one !== undefined; one = one.after) yield one;
  }
}
