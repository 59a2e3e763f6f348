/** Reading a table that changes, one entry per call. */

/** An entry of a table that is read one by one, and the serial number of the one after it. */
export interface Listed<T> {
  readonly entry: T;
  /** Undefined after the last. */
  readonly next: number | undefined;
}

/**
 * The entry with the lowest serial number at or above `from`. An entry that goes between two calls is skipped, and none
 * comes twice. Looks at all entries, in whatever order they are.
 */
export function entryFrom<T>(
  entries: Iterable<T>,
  serialOf: (entry: T) => number,
  from: number,
): Listed<T> | undefined {
  let found: { readonly entry: T; readonly serial: number } | undefined;
  let next: number | undefined;
  for (const entry of entries) {
    const serial = serialOf(entry);
    if (serial < from) continue;
    if (found === undefined || serial < found.serial) {
      next = found?.serial;
      found = { entry, serial };
    } else if (next === undefined || serial < next) {
      next = serial;
    }
  }
  return found && { entry: found.entry, next };
}
