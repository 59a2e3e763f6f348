/** docs/conformance.md, made of the lists of this folder. */
import type { Requirement, RequirementDocument, WhyNot } from './requirement.js';

const LEGEND: Readonly<Record<'not ours' | 'departure' | 'not built', string>> = {
  'not ours': 'Not ours',
  departure: 'Departure',
  'not built': 'Not built',
};

/** Text in a cell: a bar would end it, and `*` or `<` would be taken for markup. */
function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('*', '\\*').replaceAll('<', '&lt;');
}

function evidenceCell({ tests, whyNot }: Requirement): string {
  const shown = tests.map(
    ({ file, title }) => `[${file.replace(/\.\w+\.ts$/, '')}](../test/${file}): ${cell(title)}`,
  );
  return [...shown, ...(whyNot === undefined ? [] : [reason(whyNot)])].join('<br>');
}

function reason(whyNot: WhyNot): string {
  const because = `**${LEGEND[whyNot.kind]}**: ${cell(whyNot.because)}`;
  return whyNot.kind === 'departure'
    ? `${because} ([decision](decisions.md): _${cell(whyNot.decision)}_)`
    : because;
}

/** `4.2.1-2`: the second row of section 4.2.1. */
export function requirementIds(requirements: readonly Requirement[]): readonly string[] {
  const counts = new Map<string, number>();
  return requirements.map(({ section }) => {
    const count = (counts.get(section) ?? 0) + 1;
    counts.set(section, count);
    return `${section}-${String(count)}`;
  });
}

function table({ requirements }: RequirementDocument): string {
  const ids = requirementIds(requirements);
  const rows = requirements.map(
    (requirement, index) =>
      `| ${ids[index] ?? ''} | ${requirement.level} | ${cell(requirement.text)} | ${evidenceCell(requirement)} |`,
  );
  return `| section | level | requirement | shown by, or why not |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function countOf(requirements: readonly Requirement[], kind: keyof typeof LEGEND | 'shown'): string {
  return String(requirements.filter(({ whyNot }) => (whyNot?.kind ?? 'shown') === kind).length);
}

function summary(documents: readonly RequirementDocument[]): string {
  const rows = documents.map(
    ({ rfc, title, requirements }) =>
      `| [RFC ${String(rfc)}](https://www.rfc-editor.org/rfc/rfc${String(rfc)}) | ${title} | ${String(requirements.length)} | ` +
      (['shown', 'departure', 'not built', 'not ours'] as const)
        .map((kind) => countOf(requirements, kind))
        .join(' | ') +
      ' |',
  );
  return `| RFC | | rows | shown | departures | not built | not ours |\n| --- | --- | --- | --- | --- | --- | --- |\n${rows.join('\n')}`;
}

/** The page as Markdown, before prettier. */
export function conformancePage(documents: readonly RequirementDocument[]): string {
  const parts = documents.map(
    (document) =>
      `## RFC ${String(document.rfc)}: ${document.title}\n\n${document.notCounted}\n\n${table(document)}\n`,
  );
  return `# Conformance

Every MUST, MUST NOT, SHOULD, SHOULD NOT and RECOMMENDED of the RFCs below, one row each, in our own words, and the test
that shows it. A row that no test shows, or shows only in part, says why:

- **Not ours**: it binds somebody else (an author of a protocol, IANA, a certificate authority, the user), or it is about
  an optional part that is not used.
- **Departure**: we do otherwise on purpose, and [decisions.md](decisions.md) says so.
- **Not built**: this version lacks it.

A \`*\` in a title stands for any text: the tests are made in a loop. Where an RFC says that a list of steps must be done,
each step that can be seen from outside is a row. Tests check that every test named here exists, that no row is missing
(the key words of each section were counted in the published texts), and that this page is what the lists in
\`test/conformance/\` make.

${summary(documents)}

${parts.join('\n')}`;
}
