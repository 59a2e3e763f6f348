/**
 * Width of text without a font: so that a chart is laid out alike on every machine. The table follows a wide sans-serif
 * face; with a narrower one the boxes are merely roomier.
 */

/** Advance in em, of the characters that are far from the mean. */
const CLASSES: readonly (readonly [characters: string, em: number])[] = [
  ["ijl|'", 0.29],
  [' .,:;!', 0.33],
  ['()[]{}/\\-f', 0.39],
  ['"rt', 0.41],
  ['Jc', 0.5],
  ['ksvxyzI»', 0.57],
  ['FLPSTXYZ', 0.64],
  ['ABCEKRV', 0.7],
  ['DGHNOQU', 0.77],
  ['+<=>_', 0.8],
  ['Mmw', 0.95],
  ['W@%', 1.0],
];
const MEAN = 0.63;
const BOLD = 1.09;

const EM: ReadonlyMap<string, number> = new Map(
  CLASSES.flatMap(([characters, em]) =>
    Array.from(characters, (character): readonly [string, number] => [character, em]),
  ),
);

/** In the unit of `size`. */
export function textWidth(text: string, size: number, weight: 'regular' | 'bold' = 'regular'): number {
  let em = 0;
  for (const character of text) em += EM.get(character) ?? MEAN;
  return em * size * (weight === 'bold' ? BOLD : 1);
}
