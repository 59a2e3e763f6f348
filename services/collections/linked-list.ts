/** A list whose members know their neighbours: any of them leaves it without a search, and it holds nothing besides them. */
export interface Links<Item> {
  before: Item | undefined;
  after: Item | undefined;
}

export class LinkedList<Item extends Links<Item>> {
  #first: Item | undefined = undefined;
  #last: Item | undefined = undefined;

  get first(): Item | undefined {
    return this.#first;
  }

  /** It is in no list that uses the same links. */
  append(item: Item): void {
    const last = this.#last;
    item.before = last;
    item.after = undefined;
    if (last === undefined) this.#first = item;
    else last.after = item;
    this.#last = item;
  }

  /** It is in this list. */
  remove(item: Item): void {
    const { before, after } = item;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    item.before = undefined;
    item.after = undefined;
  }
}
