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
  return {
    title,
    entries,
    find: (number) => byNumber.get(number),
    nameOf: (number) => byNumber.get(number)?.name ?? `unknown (${String(number)})`,
  };
}
