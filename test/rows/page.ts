/** docs/ikeadm-rows.md and docs/ikecert-rows.md, made of the lists of this folder. */
import type { Manual, ManualRow, ManualSection } from './row.js';

/** Text in a cell: a bar would end it, and `*` or `<` would be taken for markup. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '&lt;');
}

function evidence({ tests, leftOut }: ManualRow): string {
  const shown = tests.map(
    ({ file, title }) => `[${file.replace(/\.\w+\.ts$/, '')}](../test/${file}): ${cell(title)}`,
  );
  return [...shown, ...(leftOut === undefined ? [] : [`**Left out**: ${cell(leftOut)}`])].join('<br>');
}

function table({ title, rows }: ManualSection): string {
  const lines = rows.map((row) => `| ${row.id} | ${row.kind} | ${cell(row.text)} | ${evidence(row)} |`);
  return `## ${title}\n\n| row | kind | statement | shown by, or why not |\n| --- | --- | --- | --- |\n${lines.join('\n')}\n`;
}

const STRANGERS = ` Behind the door is a real daemon, but for the tests whose names begin with \`strange\`: they say
there what no daemon of ours comes to say.`;

function hasStrangers(rows: readonly ManualRow[]): boolean {
  return rows.some(({ tests }) => tests.some(({ file }) => file.includes('/strange')));
}

/** The page as Markdown, before prettier. */
export function rowsPage({ command, source, sections }: Manual): string {
  const rows = sections.flatMap((section) => section.rows);
  const shown = rows.filter(({ tests }) => tests.length > 0).length;
  return `# What \`${command}\` is said to do, and where that is tested

${source} One row for each statement about a command, an option, an input, a message, a layout, a file or an exit status,
and the test that runs the command as it ships. A row without a test says why. A \`*\` in a title stands for any text: the
tests are made in a loop.${hasStrangers(rows) ? STRANGERS : ''}

${String(rows.length)} rows: ${String(shown)} shown by a test, ${String(rows.length - shown)} left out.

${sections.map(table).join('\n')}`;
}
