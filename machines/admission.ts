/**
 * Who may begin a negotiation with us, by how much is asked of the daemon. What was begun is gone on with in every state;
 * the chart is about first messages only. It decides by what daemon/intake.ts tells it: how long first messages wait,
 * and how many negotiations wait for an initiator that may not exist.
 */
import { setup } from 'xstate';
import { NO_META } from './exchange.js';

export type AdmissionEvent =
  { readonly type: 'CROWDED' } | { readonly type: 'FLOODED' } | { readonly type: 'STOP' };

export interface AdmissionContext {
  readonly until: string;
}

const EVENTS: Readonly<Record<AdmissionEvent['type'], string>> = {
  CROWDED: 'first messages wait too long, or there is no room for more of them',
  FLOODED: 'very many have begun and have not answered: their addresses may be forged',
  STOP: 'the daemon is stopping',
};

/** How long nothing of the kind must have been told, milliseconds. */
export const RELIEF_MS = 5000;

export const admission = setup({
  types: {
    context: {} as AdmissionContext,
    output: {} as AdmissionContext,
    events: {} as AdmissionEvent,
    /** `knownFirst`: known peers before strangers. `rationed`: only so many strangers a second that do not answer. */
    tags: {} as 'knownFirst' | 'rationed' | 'closed',
    meta: NO_META,
  },
  delays: { relief: RELIEF_MS },
}).createMachine({
  id: 'admission',
  description: 'Who may begin a negotiation with us, by how much is asked of the daemon.',
  meta: { inspect: ['until'], events: EVENTS },
  context: { until: 'the daemon ends' },
  output: ({ context }) => context,
  initial: 'open',
  on: { STOP: '.closed' },
  states: {
    open: {
      description: 'Whoever begins is heard, in the order in which they come.',
      on: { CROWDED: 'crowded', FLOODED: 'flooded' },
    },
    crowded: {
      description:
        'More is begun than can be finished: known peers come first, and a stranger whose first message has waited too long is refused.',
      tags: ['knownFirst'],
      on: { CROWDED: { target: 'crowded', reenter: true }, FLOODED: 'flooded' },
      after: { relief: 'open' },
    },
    flooded: {
      description:
        'Very many begin and never answer: known peers come first, and strangers are heard as fast as they answer, and not much faster.',
      tags: ['knownFirst', 'rationed'],
      meta: { ignored: { CROWDED: 'known peers come first already' } },
      on: { FLOODED: { target: 'flooded', reenter: true } },
      after: { relief: 'open' },
    },
    closed: {
      type: 'final',
      description: 'The daemon is stopping: nobody begins any more, and what was begun is withdrawn.',
      tags: ['closed'],
    },
  },
});
