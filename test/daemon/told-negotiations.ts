/** What the stream tells of a negotiation that begins and ends. */
import type { DaemonEvent } from '../../services/events/event.js';
import { SILENCE, type Failure } from '../../services/failure/failure.js';

export const PLACE = { address: '192.0.2.1', port: 500 };
export const PEER = { address: '2001:db8::1', port: 500 };
export const FAILURE: Failure = {
  code: 'peer-silent',
  exchange: 'Main Mode',
  message: 1,
  blame: 'network',
  wire: SILENCE,
  explanation: 'Nobody answered.',
  hint: 'Look at the route.',
};

export function started(negotiation: string): DaemonEvent {
  return {
    type: 'negotiation.started',
    negotiation,
    chart: 'main-mode-initiator',
    local: PLACE,
    remote: PEER,
    rule: undefined,
    parent: 'acquire-1',
  };
}

export function ended(negotiation: string, failure?: Failure): DaemonEvent {
  return {
    type: 'negotiation.ended',
    negotiation,
    outcome: failure === undefined ? 'established' : 'failed',
    failure,
  };
}
