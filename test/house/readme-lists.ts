/** Lists of names as README's tables write them for people, and the names of the code behind them. */

/** Rows of the table under a heading, by their first cell. Tables without a heading row count too. */
export function tableRows(markdown: string, heading: string): ReadonlyMap<string, string> {
  const from = markdown.indexOf(`\n## ${heading}\n`);
  const to = markdown.indexOf('\n## ', from + 1);
  const rows = new Map<string, string>();
  for (const line of markdown.slice(from, to === -1 ? undefined : to).split('\n')) {
    const [, label, cell] = /^\| *(.*?) *\| *(.*?) *\|$/.exec(line) ?? [];
    if (label === undefined || cell === undefined || /^-+$/.test(label) || label === '') continue;
    rows.set(label.replaceAll('`', ''), cell);
  }
  return rows;
}

/** A cell up to its first semicolon, up to its second, and so on: each is one list. */
export function clauses(cell: string): readonly string[] {
  return cell.split(';').map((clause) => clause.trim());
}

/** `14 to 18, 22` and `AES-CBC 128, 192` and `SHA2-256, -384`: the names of one clause, each written out. */
export function namesIn(clause: string): readonly string[] {
  const names: string[] = [];
  for (const item of withoutBrackets(clause)
    .split(/,| and /)
    .map((one) => one.trim())
    .filter((one) => one !== '')) {
    const last = names.at(-1) ?? '';
    // Sizes that follow a name belong to it.
    if (/^\d+$/.test(item)) names.push(last.replace(/ \d+$/, '') + ` ${item}`);
    else names.push(item.startsWith('-') ? withOtherEnd(last, item) : item);
  }
  return names;
}

function withoutBrackets(text: string): string {
  return text.replace(/\([^)]*\)/g, '').trim();
}

/** `HMAC-SHA2-256-128` and `-384-192`: the same name with its last parts replaced. */
function withOtherEnd(name: string, end: string): string {
  const parts = end.slice(1).split('-');
  return [...name.split('-').slice(0, -parts.length), ...parts].join('-');
}

/** The numbers of the brackets in a clause: `(1, 2, 5, 14 to 18)`. */
export function numbersIn(clause: string): readonly number[] {
  const [, inside = ''] = /\(([^)]*)\)/.exec(clause) ?? [];
  return inside.split(/,| and /).flatMap((item) => {
    const [, first, last] = /^\s*(\d+)(?: to (\d+))?\s*$/.exec(item) ?? [];
    if (first === undefined) return [];
    const from = Number(first);
    return Array.from({ length: Number(last ?? first) - from + 1 }, (_, index) => from + index);
  });
}
