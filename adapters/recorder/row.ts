/** Conversations in the order of their last beginning, and what they take together. */
import { LinkedList, type Links } from '../../services/collections/linked-list.js';

/** What stands in a row. All but `bytes` is the row's to set. */
export interface InRow<T extends InRow<T>> extends Links<T> {
  /** About what it takes of memory. */
  readonly bytes: number;
  /** Of that, what the row has counted. */
  counted: number;
  row: Row<T> | undefined;
}

export class Row<T extends InRow<T>> {
  #bytes = 0;
  #size = 0;
  readonly #list = new LinkedList<T>();

  /** About what they take of memory, as far as it was counted. */
  get bytes(): number {
    return this.#bytes;
  }

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
    one.counted = one.bytes;
    this.#bytes += one.counted;
  }

  /** It is in this row. */
  remove(one: T): void {
    one.row = undefined;
    this.#list.remove(one);
    this.#size -= 1;
    this.#bytes -= one.counted;
  }

  /** It is in this row, and has grown. */
  weigh(one: T): void {
    const { bytes } = one;
    this.#bytes += bytes - one.counted;
    one.counted = bytes;
  }

  *[Symbol.iterator](): IterableIterator<T> {
    for (let one = this.first; one !== undefined; one = one.after) yield one;
  }
}
