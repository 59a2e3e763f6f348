/** Things by number, whose room stays when they go: an array that is emptied would grow anew each time. */
export class Shelf<T> {
  readonly #things: (T | undefined)[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Returns its number. */
  add(thing: T): number {
    const number = this.#count;
    this.#things[number] = thing;
    this.#count = number + 1;
    return number;
  }

  /** Undefined where there is none of this number. */
  at(number: number): T | undefined {
    return number < this.#count ? this.#things[number] : undefined;
  }

  /** Undefined where it is not there. */
  numberOf(thing: T): number | undefined {
    const things = this.#things;
    const count = this.#count;
    for (let number = 0; number < count; number++) if (things[number] === thing) return number;
    return undefined;
  }

  /** What was there stays until something takes its place, which is soon. */
  clear(): void {
    this.#count = 0;
  }

  /** In the order of their numbers. */
  all(): readonly T[] {
    return this.#things.slice(0, this.#count).filter((thing) => thing !== undefined);
  }
}
