/**
 * One object for equal values, where few of them differ and many records hold one: what was agreed with a hundred thousand
 * peers is mostly the same. Remembers the values seen last, so that a peer that asks for ever new ones costs nothing.
 */
export class Interned<T extends object> {
  readonly #isSame: (one: T, other: T) => boolean;
  /** The one used last comes first. */
  readonly #known: T[] = [];

  constructor(isSame: (one: T, other: T) => boolean = hasSameFields) {
    this.#isSame = isSame;
  }

  /** An equal value that was seen lately, or this one. Nobody may change it any more. */
  of(value: T): T {
    const at = this.#known.findIndex((known) => this.#isSame(known, value));
    const shared = this.#known[at] ?? value;
    if (at !== 0) {
      if (at > 0) this.#known.splice(at, 1);
      else if (this.#known.length === MOST_KNOWN) this.#known.pop();
      this.#known.unshift(shared);
    }
    return shared;
  }
}

const MOST_KNOWN = 16;

/** Field by field, of plain records; what is in the fields must be the same thing. */
function hasSameFields<T extends object>(one: T, other: T): boolean {
  for (const name in one) if (one[name] !== other[name]) return false;
  for (const name in other) if (!(name in one)) return false;
  return true;
}
