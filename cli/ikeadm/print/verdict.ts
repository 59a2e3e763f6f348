/** What would come of an offer, as text. */
import type { Verdict } from '../../../services/explain/verdict.js';
import { comparisonLines } from './comparison.js';
import { printable } from './printable.js';

/** Whole lines; the first says it all. */
export function verdictText({ summary, places, agreed, remarks, comparisons, equivalents }: Verdict): string {
  const lines = [
    summary,
    ...places.map(({ what, file, line }) => `  ${what} (${file}:${String(line)})`),
    ...(agreed === '' ? [] : [`agreed: ${agreed}`]),
    ...remarks,
    ...(comparisons.length === 0 ? [] : ['Offered against accepted, nearest first:']),
    ...comparisons.flatMap(comparisonLines).map((line) => `  ${line}`),
    ...(equivalents.length === 0 ? [] : ['What would fit at the other end:']),
    ...equivalents.flatMap(({ product, file, lines: theirs }) => [
      `  ${product}, ${file}:`,
      ...theirs.map((line) => `    ${line}`),
    ]),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}
