/**
 * Something wants an SA: a packet that met a policy without one, or an operator (`ikeadm up`). Finds or makes a
 * Phase 1 SA, runs a Quick Mode, answers the kernel. A Phase 1 SA that stood already may be known to nobody else any more:
 * then another is used, or made, once.
 */
import { assign, setup } from 'xstate';
import type { NegotiationId } from '../services/events/event.js';
import type { Failure } from '../services/failure/failure.js';
import { type FailureCause, JobRefused, NO_META } from './exchange.js';
import { job, provided } from './provided.js';

export interface AcquireInput {
  readonly negotiation: NegotiationId;
}

export type AcquireOutcome =
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly why: FailureCause };

export interface AcquireContext extends AcquireInput {
  readonly outcome: AcquireOutcome;
}

export type AcquireEvent =
  | { readonly type: 'ruleFound' }
  | { readonly type: 'phase1Ready' }
  | { readonly type: 'phase1Quiet' }
  | { readonly type: 'phase1Missing' }
  | { readonly type: 'refused'; readonly failure: Failure }
  | { readonly type: 'OPERATOR_DELETE'; readonly failure: Failure };

const EVENTS: Readonly<Record<AcquireEvent['type'], string>> = {
  ruleFound: 'a rule of ike.config covers the two addresses',
  phase1Ready: 'an established Phase 1 SA can be used',
  phase1Quiet: 'there is one, but nothing was heard of the peer for a while',
  phase1Missing: 'there is none',
  refused: 'no rule covers them, or the daemon has no socket there',
  OPERATOR_DELETE: 'an operator, a refresh or the end of the daemon takes the question away',
};
const UNASKED = 'it answers an entry action, and only in the state whose action that is';

const identity = ({ context }: { context: AcquireContext }): AcquireInput => ({
  negotiation: context.negotiation,
});

function failedWith(event: object, code: Failure['code']): boolean {
  const error: unknown = 'error' in event ? event.error : undefined;
  return error instanceof JobRefused && error.failure.code === code;
}

export const acquire = setup({
  types: {
    context: {} as AcquireContext,
    events: {} as AcquireEvent,
    input: {} as AcquireInput,
    output: {} as { readonly outcome: AcquireOutcome },
    meta: NO_META,
  },
  actors: {
    'negotiate.phase1': job<AcquireInput>('negotiate.phase1'),
    'negotiate.phase2': job<AcquireInput>('negotiate.phase2'),
    'probe.phase1': job<AcquireInput>('probe.phase1'),
    'prove.phase1': job<AcquireInput>('prove.phase1'),
  },
  guards: {
    peerWasSilent: ({ event }) => failedWith(event, 'peer-silent'),
    phase1WasLost: ({ event }) => failedWith(event, 'phase1-lost'),
  },
  actions: {
    findRule: provided('findRule'),
    findPhase1: provided('findPhase1'),
    succeed: assign({ outcome: { kind: 'succeeded' } }),
    blameEvent: assign({
      outcome: ({ event, context }) =>
        'failure' in event
          ? { kind: 'failed', why: { cause: 'described', failure: event.failure } }
          : context.outcome,
    }),
    blameJob: assign({
      outcome: ({ event }) => {
        const error: unknown = 'error' in event ? event.error : undefined;
        return {
          kind: 'failed',
          why:
            error instanceof JobRefused
              ? { cause: 'described', failure: error.failure }
              : { cause: 'job', detail: error instanceof Error ? error.message : String(error) },
        };
      },
    }),
  },
}).createMachine({
  id: 'acquire',
  description: 'Gets the SAs that a packet or an operator asked for.',
  meta: {
    inspect: ['negotiation'],
    events: EVENTS,
    ignored: {
      ruleFound: UNASKED,
      phase1Ready: UNASKED,
      phase1Quiet: UNASKED,
      phase1Missing: UNASKED,
      refused: UNASKED,
    },
  },
  context: ({ input: { negotiation } }) => ({ negotiation, outcome: { kind: 'unfinished' } }),
  output: ({ context }) => ({ outcome: context.outcome }),
  initial: 'asking',
  states: {
    asking: {
      description: 'From the question to the SAs.',
      on: { OPERATOR_DELETE: { target: 'refused', actions: 'blameEvent' } },
      initial: 'lookingForRule',
      states: {
        lookingForRule: {
          description: 'Looking for the rule of ike.config that covers the two addresses.',
          entry: 'findRule',
          on: {
            ruleFound: 'lookingForPhase1',
            refused: { target: '#acquire.refused', actions: 'blameEvent' },
          },
        },
        lookingForPhase1: {
          description: 'Looking for an established Phase 1 SA with the peer.',
          entry: 'findPhase1',
          on: {
            phase1Ready: 'negotiatingPhase2',
            phase1Quiet: 'probingPhase1',
            phase1Missing: 'negotiatingPhase1',
          },
        },
        probingPhase1: {
          description: 'Nothing was heard of the peer for a while; asking it before a Quick Mode is begun.',
          invoke: {
            src: 'probe.phase1',
            input: identity,
            onDone: 'negotiatingPhase2',
            onError: 'negotiatingPhase1',
          },
        },
        negotiatingPhase2: {
          description: 'A Quick Mode for this traffic is under way, under a Phase 1 SA that stood already.',
          invoke: {
            src: 'negotiate.phase2',
            input: identity,
            onDone: { target: '#acquire.answered', actions: 'succeed' },
            onError: [
              { guard: 'peerWasSilent', target: 'provingPhase1', actions: 'blameJob' },
              { guard: 'phase1WasLost', target: 'lookingForPhase1' },
              { target: '#acquire.refused', actions: 'blameJob' },
            ],
          },
        },
        provingPhase1: {
          description:
            'The Quick Mode had no answer; finding out whether the peer still knows the Phase 1 SA, which goes if it does not.',
          invoke: {
            src: 'prove.phase1',
            input: identity,
            onDone: '#acquire.refused',
            onError: 'lookingForPhase1',
          },
        },
        negotiatingPhase1: {
          description: 'A Phase 1 SA with the peer is being negotiated, for this or for another packet.',
          invoke: {
            src: 'negotiate.phase1',
            input: identity,
            onDone: 'negotiatingFirstPhase2',
            onError: { target: '#acquire.refused', actions: 'blameJob' },
          },
        },
        negotiatingFirstPhase2: {
          description: 'A Quick Mode for this traffic is under way, under a Phase 1 SA made for it.',
          invoke: {
            src: 'negotiate.phase2',
            input: identity,
            onDone: { target: '#acquire.answered', actions: 'succeed' },
            onError: [
              { guard: 'peerWasSilent', target: 'provingFirstPhase1', actions: 'blameJob' },
              { target: '#acquire.refused', actions: 'blameJob' },
            ],
          },
        },
        provingFirstPhase1: {
          description:
            'The first Quick Mode had no answer; finding out whether the peer has the new Phase 1 SA at all, which goes if it has not.',
          invoke: {
            src: 'prove.phase1',
            input: identity,
            onDone: '#acquire.refused',
            onError: '#acquire.refused',
          },
        },
      },
    },
    answered: {
      type: 'final',
      description: 'The SAs are in the kernel; packets that waited are on their way.',
    },
    refused: { type: 'final', description: 'There will be no SAs; the failure says why.' },
  },
});
