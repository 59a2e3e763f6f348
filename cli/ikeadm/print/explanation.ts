/** An explanation as text: what happened first, then why, then what to change. */
import type { Change, Explanation, Subject } from '../../../services/explain/explanation.js';
import { comparisonLines } from './comparison.js';
import { printable } from './printable.js';

const WIDTH = 100;

/** Whole lines. */
export function explanationText(explanation: Explanation): string {
  const { summary, happened, where, blame, why, evidence, sources, messages } = explanation;
  const { changes, comparisons, equivalents, code } = explanation;
  const name = Math.max(0, ...evidence.map((fact) => fact.name.length));
  const lines = [
    headline(explanation),
    code === undefined ? summary : `${code}: ${summary}`,
    ...part(
      'What happened',
      [happened, ...(where === '' ? [] : [`${where.startsWith('message') ? 'At' : 'In'} ${where}.`])].flatMap(
        (text) => wrapped(text),
      ),
    ),
    ...part('Who is to blame', blame === undefined ? [] : wrapped(blame.words)),
    ...part(
      'Evidence',
      evidence.flatMap((fact) => hanging(`${fact.name.padEnd(name)}  `, fact.value)),
    ),
    ...part('Offered against accepted, nearest first', comparisons.flatMap(comparisonLines)),
    ...part('What it usually means', wrapped(why)),
    ...part(
      'What to do',
      changes.flatMap((change, index) => changeLines(change, index + 1)),
    ),
    ...part(
      'What would fit at the other end',
      equivalents.flatMap(({ product, file, lines: theirs }) => [
        `${product}, ${file}:`,
        ...theirs.map((line) => `  ${line}`),
      ]),
    ),
    ...part('Messages, -> from here', messages),
    ...(sources.length === 0 ? [] : [`See ${sources.join(', ')}; ${seeAlso(code)}`]),
  ];
  return lines.map((line) => `${printable(line)}\n`).join('');
}

function seeAlso(code: string | undefined): string {
  return code === undefined ? 'ikeadm(8).' : `docs/failures.md#${code}.`;
}

function headline({ about, standing }: Explanation): string {
  const { negotiation, chart, local, remote, rule } = about;
  const words = [
    negotiation === '' ? remote : `${negotiation}, ${chart} with ${remote}`,
    ...(local === '' ? [] : [`from ${local}`]),
    ...(rule === '' ? [] : [`rule "${rule}"`]),
  ];
  return `${words.join(', ')}: ${standing}${when(about)}`;
}

function when({ beganMsAgo, endedMsAgo, negotiation }: Subject): string {
  if (negotiation === '') return '';
  if (endedMsAgo !== undefined) return ` ${ago(endedMsAgo)} ago, after ${ago(beganMsAgo - endedMsAgo)}`;
  return `, since ${ago(beganMsAgo)}`;
}

function ago(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 120) return `${seconds < 10 ? seconds.toFixed(1) : seconds.toFixed(0)} s`;
  return seconds < 7200 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(0)} h`;
}

function part(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
}

function changeLines({ at, what, place, lines = [] }: Change, number: number): readonly string[] {
  const where = place === undefined ? '' : `: ${place.what} (${place.file}:${String(place.line)})`;
  const whose = at === 'the peer' ? 'At the peer: ' : '';
  return [
    ...hanging(`${String(number)}. `, `${whose}${what}${where}`),
    ...lines.map((line) => `     ${line}`),
  ];
}

/** Broken between words; a blank line never. */
function wrapped(text: string, width = WIDTH): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length + 1 > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return line === '' ? lines : [...lines, line];
}

function hanging(head: string, text: string): readonly string[] {
  const [first = '', ...rest] = wrapped(text, WIDTH - head.length);
  return [`${head}${first}`, ...rest.map((line) => `${' '.repeat(head.length)}${line}`)];
}
