/** Shape of a number registry: what a number is called, where that is written, and whether this version acts on it. */
export interface RegistryEntry {
  readonly number: number;
  readonly name: string;
  /** RFC and section, or `practice` where no RFC says so. */
  readonly source: string;
  /** This version negotiates or acts on it; absent: it is only named. */
  readonly supported?: boolean;
}

export interface Registry {
  /** What the numbers are, for tables in the documentation. */
  readonly title: string;
  readonly entries: readonly RegistryEntry[];
  find(number: number): RegistryEntry | undefined;
  /** The name, or `unknown (n)`. */
  nameOf(number: number): string;
}

export function registry(title: string, entries: readonly RegistryEntry[]): Registry {
  const byNumber = new Map(entries.map((entry) => [entry.number, entry]));
  // Numbers of one byte, which messages are full of, by their place: a Map costs a hash each time.
  const small = Array.from({ length: 256 }, (_, number) => byNumber.get(number));
  const find = (number: number): RegistryEntry | undefined =>
    number >= 0 && number < small.length ? small[number] : byNumber.get(number);
  return {
    title,
    entries,
    find,
    nameOf: (number) => find(number)?.name ?? `unknown (${String(number)})`,
  };
}
