/**
 * Finds things by a number that is all but unique, as an SPI is: who asks says which of those under it is meant. One alone
 * stands in the table itself, so that it costs neither a list nor a key of text.
 */
export class NumberIndex<T extends object> {
  readonly #items = new Map<number, T | T[]>();

  /** A number of 32 bits, signed or not. One that is under it already is not put there again. */
  add(number: number, item: T): void {
    const key = number | 0;
    const known = this.#items.get(key);
    if (known === undefined) this.#items.set(key, item);
    else if (!Array.isArray(known)) {
      if (known !== item) this.#items.set(key, [known, item]);
    } else if (!known.includes(item)) known.push(item);
  }

  /** Whether it was under it. */
  delete(number: number, item: T): boolean {
    const key = number | 0;
    const known = this.#items.get(key);
    if (known === item) return this.#items.delete(key);
    if (!Array.isArray(known)) return false;
    const at = known.indexOf(item);
    if (at < 0) return false;
    known.splice(at, 1);
    const [only, ...others] = known;
    if (only !== undefined && others.length === 0) this.#items.set(key, only);
    return true;
  }

  /** The one that came last of those that are meant. */
  find(number: number, isMeant: (item: T) => boolean): T | undefined {
    const known = this.#items.get(number | 0);
    if (known === undefined) return undefined;
    if (Array.isArray(known)) return known.findLast(isMeant);
    return isMeant(known) ? known : undefined;
  }

  /** All that are meant, in the order in which they came. */
  filter(number: number, isMeant: (item: T) => boolean): readonly T[] {
    const known = this.#items.get(number | 0);
    if (known === undefined) return [];
    return (Array.isArray(known) ? known : [known]).filter(isMeant);
  }

  /** Everything with its number, as a signed one; what is under two numbers comes twice. */
  *entries(): Generator<readonly [number, T]> {
    for (const [key, known] of this.#items) {
      if (Array.isArray(known)) for (const item of [...known]) yield [key, item];
      else yield [key, known];
    }
  }

  clear(): void {
    this.#items.clear();
  }
}
