/** Counters of Phase 1: ten u32 and the path of the PKCS#11 library. */
import type { Bytes } from '../../bytes.js';
import { structureWithAreas, textArea, textOf } from '../../c-structure.js';

export const LIBRARY_NAME_LENGTH = 1024;

export const STATS = structureWithAreas(
  'stats',
  1064,
  {
    initiatorCurrent: [0, 'u32'],
    responderCurrent: [4, 'u32'],
    initiatorTotal: [8, 'u32'],
    responderTotal: [12, 'u32'],
    initiatorAttempts: [16, 'u32'],
    responderAttempts: [20, 'u32'],
    initiatorNoResponse: [24, 'u32'],
    initiatorRefused: [28, 'u32'],
    responderFailed: [32, 'u32'],
    reserved: [36, 'u32'],
  },
  { library: [40, LIBRARY_NAME_LENGTH] },
);

/** Current: existing now. Total: established since the start. Attempts: all since the start, failures included. */
export interface Phase1Statistics {
  readonly initiatorCurrent: number;
  readonly responderCurrent: number;
  readonly initiatorTotal: number;
  readonly responderTotal: number;
  readonly initiatorAttempts: number;
  readonly responderAttempts: number;
  /** Failed as initiator because the peer was silent. */
  readonly initiatorNoResponse: number;
  /** Failed as initiator although the peer answered. */
  readonly initiatorRefused: number;
  readonly responderFailed: number;
  /** Path of the PKCS#11 library in use; empty when there is none. */
  readonly library: string;
}

export function encodeStatistics(statistics: Phase1Statistics): Bytes {
  const { library, ...counters } = statistics;
  return STATS.encode({ ...counters, reserved: 0 }, { library: textArea(library, LIBRARY_NAME_LENGTH) });
}

export function decodeStatistics(bytes: Bytes, at = 0): Phase1Statistics | undefined {
  const stats = STATS.read(bytes, at);
  return (
    stats && {
      initiatorCurrent: stats.number('initiatorCurrent'),
      responderCurrent: stats.number('responderCurrent'),
      initiatorTotal: stats.number('initiatorTotal'),
      responderTotal: stats.number('responderTotal'),
      initiatorAttempts: stats.number('initiatorAttempts'),
      responderAttempts: stats.number('responderAttempts'),
      initiatorNoResponse: stats.number('initiatorNoResponse'),
      initiatorRefused: stats.number('initiatorRefused'),
      responderFailed: stats.number('responderFailed'),
      library: textOf(stats.area('library')),
    }
  );
}
