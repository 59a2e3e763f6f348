/** Counters of Phase 1, as `ikeadm get stats` shows them. */
import type { Phase1Statistics } from '../services/admin/door/statistics.js';
import type { Failure } from '../services/failure/failure.js';

export type Role = 'initiator' | 'responder';

export class Statistics {
  readonly #attempts: Record<Role, number> = { initiator: 0, responder: 0 };
  readonly #total: Record<Role, number> = { initiator: 0, responder: 0 };
  #initiatorNoResponse = 0;
  #initiatorRefused = 0;
  #responderFailed = 0;

  attempted(role: Role): void {
    this.#attempts[role] += 1;
  }

  established(role: Role): void {
    this.#total[role] += 1;
  }

  failed(role: Role, failure: Failure): void {
    if (role === 'responder') this.#responderFailed += 1;
    else if (failure.blame === 'network') this.#initiatorNoResponse += 1;
    else this.#initiatorRefused += 1;
  }

  view(current: Readonly<Record<Role, number>>): Phase1Statistics {
    return {
      initiatorCurrent: current.initiator,
      responderCurrent: current.responder,
      initiatorTotal: this.#total.initiator,
      responderTotal: this.#total.responder,
      initiatorAttempts: this.#attempts.initiator,
      responderAttempts: this.#attempts.responder,
      initiatorNoResponse: this.#initiatorNoResponse,
      initiatorRefused: this.#initiatorRefused,
      responderFailed: this.#responderFailed,
      library: '',
    };
  }
}
