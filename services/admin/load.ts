/** How much is asked of a daemon, what it refuses for it, and how its workers share it. Values and their JSON on the door. */
import { isRecord } from './door/own-explanations.js';

/** Of one worker, or of a daemon without. All that is counted is counted from its start. */
export interface LoadReport {
  /** State of the `admission` chart: `open`, `crowded`, `flooded` or `closed`. */
  readonly admission: string;
  /** IKE messages that came. */
  readonly messages: number;
  /** Those of them whose initiator cookie is another worker's. */
  readonly astray: number;
  /** Messages that wait now. */
  readonly waiting: number;
  /** Phase 1 negotiations of others in which nothing is proved yet. */
  readonly halfOpen: { readonly unanswered: number; readonly answered: number };
  /** SAs that stand: Phase 1, and pairs of IPsec SAs. */
  readonly phase1: number;
  readonly phase2: number;
  /** First messages that were refused because of what else is asked, by reason. */
  readonly refused: Readonly<Record<string, number>>;
  /** Datagrams that led to nothing, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
}

/** One for each worker. */
export function readLoad(value: unknown): readonly LoadReport[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  const reports = value.map(readReport);
  return reports.every((report) => report !== undefined) ? reports : undefined;
}

function readReport(value: unknown): LoadReport | undefined {
  if (!isRecord(value) || !isRecord(value.halfOpen)) return undefined;
  const { admission, messages, astray, waiting, phase1, phase2 } = value;
  const { unanswered, answered } = value.halfOpen;
  const refused = readCounts(value.refused);
  const dropped = readCounts(value.dropped);
  if (typeof admission !== 'string' || refused === undefined || dropped === undefined) return undefined;
  if (!isCount(messages) || !isCount(astray) || !isCount(waiting)) return undefined;
  if (!isCount(phase1) || !isCount(phase2) || !isCount(unanswered) || !isCount(answered)) return undefined;
  return {
    admission,
    messages,
    astray,
    waiting,
    halfOpen: { unanswered, answered },
    phase1,
    phase2,
    refused,
    dropped,
  };
}

/** Counts by reason, of JSON. */
export function readCounts(value: unknown): Readonly<Record<string, number>> | undefined {
  if (!isRecord(value)) return undefined;
  const counts: (readonly [string, number])[] = [];
  for (const [reason, count] of Object.entries(value)) {
    if (!isCount(count)) return undefined;
    counts.push([reason, count]);
  }
  return Object.fromEntries(counts);
}

export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/** Of all together. */
export function sumCounts(
  all: readonly Readonly<Record<string, number>>[],
): Readonly<Record<string, number>> {
  const total = new Map<string, number>();
  for (const one of all)
    for (const [reason, count] of Object.entries(one)) total.set(reason, (total.get(reason) ?? 0) + count);
  return Object.fromEntries(total);
}
