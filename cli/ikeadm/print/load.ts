/** `get load`, for reading: a line for each worker, and what was refused and dropped by all, by reason. */
import { type LoadReport, sumCounts } from '../../../services/admin/load.js';
import { printable } from './printable.js';

const COLUMNS: readonly (readonly [string, (report: LoadReport) => number | string])[] = [
  ['messages', ({ messages }) => messages],
  ['astray', ({ astray }) => astray],
  ['waiting', ({ waiting }) => waiting],
  ['half open', ({ halfOpen }) => halfOpen.unanswered + halfOpen.answered],
  ['phase 1', ({ phase1 }) => phase1],
  ['phase 2', ({ phase2 }) => phase2],
];
const WIDTH = 10;

export function loadText(workers: readonly LoadReport[]): string {
  const head = `worker${COLUMNS.map(([name]) => name.padStart(WIDTH)).join('')}  who may begin`;
  const rows = workers.map((report, index) => {
    const cells = COLUMNS.map(([, of]) => String(of(report)).padStart(WIDTH)).join('');
    return `${String(index + 1).padStart(6)}${cells}  ${admissionWords(report.admission)}`;
  });
  const refused = reasons(sumCounts(workers.map((report) => report.refused)));
  const dropped = reasons(sumCounts(workers.map((report) => report.dropped)));
  return [
    head,
    ...rows,
    refused.length === 0 ? 'No first message was refused.' : 'First messages refused:',
    ...refused,
    dropped.length === 0 ? 'No datagram was dropped.' : 'Datagrams dropped:',
    ...dropped,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

const ADMISSION: Readonly<Record<string, string>> = {
  open: 'whoever comes',
  crowded: 'known peers first: more is begun than can be finished',
  flooded: 'known peers first, few others: very many begin and never answer',
  closed: 'nobody: it is stopping',
};

/** A daemon of another version may have other states. */
function admissionWords(state: string): string {
  return Object.hasOwn(ADMISSION, state) ? (ADMISSION[state] ?? '') : printable(state);
}

/** Most frequent first. */
function reasons(counts: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([reason, count]) => `${String(count).padStart(WIDTH)} ${printable(reason)}`);
}
