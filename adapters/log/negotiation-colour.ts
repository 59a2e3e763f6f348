/** Colours for negotiations: one keeps its own as long as the daemon runs, and the next one has another. */

/** Parameters of SGR (ECMA-48 8.3.117); readable on black and on white. */
const SIXTEEN = ['36', '33', '35', '32', '34', '31', '96', '93', '95', '92', '94', '91'];
const MANY = [39, 208, 170, 71, 63, 203, 37, 178, 134, 107, 69, 167].map(
  (number) => `38;5;${String(number)}`,
);

/** SGR parameters for the lines of a negotiation such as `p1-3`; undefined where the terminal has no colours. */
export function colourOf(negotiation: string, colourDepth: number): string | undefined {
  if (colourDepth < 4) return undefined;
  const [, kind = '', number = '0'] = /^(.*?)-?(\d*)$/.exec(negotiation) ?? [];
  // Kinds count for themselves: without a step of their own, `p1-1` and `p2-1` would share a colour.
  const step = Buffer.from(kind).reduce((sum, byte) => sum + byte, 0);
  const palette = colourDepth < 8 ? SIXTEEN : MANY;
  return palette[(step * 5 + Number(number)) % palette.length];
}
