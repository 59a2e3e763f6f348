/** What was offered against what is accepted, as a table. */
import type { Comparison } from '../../../services/failure/failure.js';

/** Differing attributes are marked with `!`. */
export function comparisonLines({ offered, against, where, attributes }: Comparison): readonly string[] {
  const place = where ? ` (${where.file}:${String(where.line)})` : '';
  const rows = [
    [' ', 'attribute', 'offered', 'accepted'],
    ...attributes.map(({ name, offered: theirs, accepted, agrees }) => [
      agrees ? ' ' : '!',
      name,
      theirs,
      accepted,
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return [
    `${offered} against ${against}${place}:`,
    ...rows.map(
      (row) =>
        `  ${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}`,
    ),
  ];
}
