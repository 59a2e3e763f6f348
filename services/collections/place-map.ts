/**
 * A map of what comes and goes by the thousand a second. V8 makes the table of a `Map` anew whenever it is full of what was
 * deleted. The one before is garbage among the old objects; until these are collected, which is seldom, the collections of
 * young objects take whatever it held when it was left for alive, and move it to the old ones with all that it refers to.
 * Here the table holds places alone, and what is in them stands in one array that stays.
 */
export class PlaceMap<K, V extends object> {
  readonly #places = new Map<K, number>();
  readonly #items: (V | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#places.size;
  }

  has(key: K): boolean {
    return this.#places.has(key);
  }

  get(key: K): V | undefined {
    const place = this.#places.get(key);
    return place === undefined ? undefined : this.#items[place];
  }

  /** In the place of what was there under the key, or as the last. */
  set(key: K, item: V): void {
    const known = this.#places.get(key);
    const place = known ?? this.#free.pop() ?? this.#items.length;
    this.#items[place] = item;
    if (known === undefined) this.#places.set(key, place);
  }

  /** Whether there was one. */
  delete(key: K): boolean {
    return this.take(key) !== undefined;
  }

  /** What was there is there no more. */
  take(key: K): V | undefined {
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const item = this.#items[place];
    this.#places.delete(key);
    this.#items[place] = undefined;
    this.#free.push(place);
    return item;
  }

  clear(): void {
    this.#places.clear();
    this.#items.length = 0;
    this.#free.length = 0;
  }

  /** In the order in which the keys came; what is deleted meanwhile is left out, as a `Map` does it. */
  keys(): IterableIterator<K> {
    return this.#places.keys();
  }

  *values(): IterableIterator<V> {
    for (const place of this.#places.values()) {
      const item = this.#items[place];
      if (item !== undefined) yield item;
    }
  }

  *[Symbol.iterator](): IterableIterator<[K, V]> {
    for (const [key, place] of this.#places) {
      const item = this.#items[place];
      if (item !== undefined) yield [key, item];
    }
  }
}
