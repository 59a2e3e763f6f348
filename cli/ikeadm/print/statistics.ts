/** `get stats`. */
import type { Phase1Statistics } from '../../../services/admin/door/statistics.js';

export function statisticsText(statistics: Phase1Statistics): string {
  const failed = statistics.initiatorNoResponse + statistics.initiatorRefused;
  const lines = [
    'Phase 1 SA counts:',
    row('Current:', statistics.initiatorCurrent, statistics.responderCurrent),
    row('Total:', statistics.initiatorTotal, statistics.responderTotal),
    row('Attempted:', statistics.initiatorAttempts, statistics.responderAttempts),
    row('Failed:', failed, statistics.responderFailed),
    `           initiator fails include ${String(statistics.initiatorNoResponse)} time-out(s)`,
  ];
  if (statistics.library !== '') lines.push(`PKCS#11 library linked in from ${statistics.library}`);
  return lines.map((line) => `${line}\n`).join('');
}

function row(title: string, initiator: number, responder: number): string {
  return `${title.padEnd(11)}initiator: ${column(initiator)}   responder: ${column(responder)}`;
}

function column(value: number): string {
  return String(value).padStart(10);
}

export function statisticsJson(statistics: Phase1Statistics): object {
  return {
    phase1: {
      initiator: {
        current: statistics.initiatorCurrent,
        total: statistics.initiatorTotal,
        attempted: statistics.initiatorAttempts,
        failed: statistics.initiatorNoResponse + statistics.initiatorRefused,
        timedOut: statistics.initiatorNoResponse,
      },
      responder: {
        current: statistics.responderCurrent,
        total: statistics.responderTotal,
        attempted: statistics.responderAttempts,
        failed: statistics.responderFailed,
      },
    },
    pkcs11Library: statistics.library === '' ? null : statistics.library,
  };
}
