/** Numbers as C writes them: decimal, `0x` hex, leading-zero octal. */

export const LARGEST_NUMBER = 0xffff_ffff;

/** The value, or what is wrong with the text. */
export function parseUnsigned(text: string): number | 'not a number' | 'not octal' | 'too large' {
  let value: number;
  if (/^0[xX][0-9A-Fa-f]+$/.test(text)) value = Number.parseInt(text.slice(2), 16);
  else if (!/^\d+$/.test(text)) return 'not a number';
  else if (/^0\d/.test(text)) {
    if (!/^[0-7]+$/.test(text)) return 'not octal';
    value = Number.parseInt(text, 8);
  } else value = Number.parseInt(text, 10);
  return value <= LARGEST_NUMBER ? value : 'too large';
}

/** A number of 0 or more without an exponent, which the files do not have: 1e-7 is 0.0000001. */
export function decimal(value: number): string {
  const [, digits = '', fraction = '', places] = /^(\d+)(?:\.(\d+))?e-(\d+)$/.exec(String(value)) ?? [];
  return places === undefined
    ? String(value)
    : `0.${'0'.repeat(Number(places) - digits.length)}${digits}${fraction}`;
}
