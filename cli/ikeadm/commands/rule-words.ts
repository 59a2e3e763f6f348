/** A rule typed on the command line as the text of ike.config(5), which the daemon reads as it reads its file. */

/** Names are written in quotes, because they may hold anything. */
const NAMED: ReadonlySet<string> = new Set(['label', 'local_id', 'remote_id']);

/**
 * One word per line; undefined unless they begin with `{` and end with `}`. Braces may touch the first and the last word.
 * DEVIATION: a backslash in a name is doubled, so that a name that ends with one does not open the quotes.
 */
export function ruleTextOf(words: readonly string[]): string | undefined {
  const first = words[0] ?? '';
  const last = words.at(-1) ?? '';
  if (words.length < 2 || !first.startsWith('{') || !last.endsWith('}')) return undefined;
  const inside = [first.slice(1), ...words.slice(1, -1), last.slice(0, -1)];
  // What was only a brace is gone; an empty word elsewhere is an empty name.
  const kept = inside.filter((word, at) => word !== '' || (at > 0 && at < inside.length - 1));
  const lines = kept.map((word, at) => {
    const isName = NAMED.has((kept[at - 1] ?? '').toLowerCase());
    return isName ? `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"` : word.replaceAll('"', String.raw`\"`);
  });
  return ['{', ...lines, '}', ''].join('\n');
}
