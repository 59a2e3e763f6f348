/**
 * What all exchange charts share: the words they use. A chart says *what happens next*; every effect it names here is
 * provided by `daemon/`, which finds the negotiation's record by the id in the context. So that nothing that serialises
 * a context can leak a key, the context holds ids, counters and enums only.
 */
import { assign, raise, setup } from 'xstate';
import type { AuthMethod } from '../services/algorithms.js';
import type { NegotiationId } from '../services/events/event.js';
import type { Failure } from '../services/failure/failure.js';
import { job, provided } from './provided.js';

/** Retransmission and patience, from `retry_limit`, `retry_timer_init`, `retry_timer_max`, `expire_timer`. */
export interface Timing {
  readonly retryLimit: number;
  readonly retryInitMs: number;
  readonly retryMaxMs: number;
  readonly expireMs: number;
}

/** How long the `n`th copy of a message, counted from 0, waits for its answer. */
export function retryIntervalMs(timing: Timing, n: number): number {
  return Math.min(timing.retryInitMs * 2 ** n, timing.retryMaxMs);
}

/** How long an end may go on repeating a message: the sum of all intervals. */
export function retryWindowMs(timing: Timing): number {
  let sum = 0;
  for (let n = 0; n <= timing.retryLimit; n++) sum += retryIntervalMs(timing, n);
  return Math.min(sum, timing.expireMs);
}

export interface ExchangeInput {
  readonly negotiation: NegotiationId;
  readonly timing: Timing;
  /** Quick Mode: whether we do Diffie-Hellman again (RFC 2409 5.5). False in Phase 1. */
  readonly pfs: boolean;
  /** Phase 1: how the ends prove themselves, where that is fixed from the start; learnt with the choice else. */
  readonly method?: AuthMethod | undefined;
}

/** Why an exchange failed: a failure somebody already described, or a bare cause that the record explains. */
export type FailureCause =
  | { readonly cause: 'described'; readonly failure: Failure }
  | { readonly cause: 'silence' | 'expired' }
  | { readonly cause: 'job'; readonly detail: string };

export type ExchangeOutcome =
  | { readonly kind: 'unfinished' }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly why: FailureCause };

export interface ExchangeContext extends ExchangeInput {
  /** Of the message that is unanswered now. */
  readonly retransmissions: number;
  /** What an undecryptable message made us suspect; becomes the failure when nothing better is known. */
  readonly suspicion: Failure | undefined;
  readonly outcome: ExchangeOutcome;
}

export interface ExchangeOutput {
  readonly outcome: ExchangeOutcome;
  readonly suspicion: Failure | undefined;
}

/** `message` is well formed for this exchange; its bytes stay in the record, under `id`. */
export type ExchangeEvent =
  | {
      readonly type: 'message';
      readonly id: number;
      readonly verdict: 'acceptable';
      /** The method, when the message decided it. */
      readonly method?: AuthMethod | undefined;
    }
  | { readonly type: 'message'; readonly id: number; readonly verdict: 'refused'; readonly failure: Failure }
  | { readonly type: 'unreadable'; readonly reason: string; readonly suspicion: Failure | undefined }
  | { readonly type: 'unexpected'; readonly reason: string }
  /** An unauthenticated notify: it changes nothing but what we suspect. */
  | { readonly type: 'warned'; readonly suspicion: Failure }
  | { readonly type: 'chosen'; readonly method: AuthMethod }
  /**
   * Of Quick Mode. `connectedDue`: the peer set the commit bit and will say CONNECTED (RFC 2408 3.1). `othersCarry`: older
   * SAs are there for the traffic, and it need not go under the new ones at once.
   */
  | { readonly type: 'sent'; readonly connectedDue?: boolean; readonly othersCarry?: boolean }
  | { readonly type: 'CONNECTED' }
  | { readonly type: 'proved' }
  | { readonly type: 'refused'; readonly failure: Failure }
  | { readonly type: 'OPERATOR_DELETE'; readonly failure: Failure }
  | { readonly type: 'DISPLACED'; readonly failure: Failure }
  | { readonly type: 'PEER_REFUSED'; readonly failure: Failure }
  | { readonly type: 'PHASE1_LOST'; readonly failure: Failure }
  | { readonly type: 'AWAITING_ANSWER' }
  | { readonly type: 'ANSWERED' }
  | { readonly type: 'GAVE_UP' };

/** Rejection of a job whose reason is already described. Any other rejection is explained by its message. */
export class JobRefused extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.explanation);
    this.name = 'JobRefused';
    this.failure = failure;
  }
}

/** Input of every job: whose it is. */
export interface JobInput {
  readonly negotiation: NegotiationId;
}

/** What a state says of itself besides its name and description; in charts of every kind. */
export interface ExchangeMeta {
  /** For the dispatcher: the number of the message it can take (RFC 2409 5, 5.5). */
  readonly expects?: number;
  /** On the root: the context keys that may leave the process. */
  readonly inspect?: readonly string[];
  /** On the root: every event that can be sent to the chart, and what it means. */
  readonly events?: Readonly<Record<string, string>>;
  /** Events that change nothing here and below unless a state within handles them, and why that is right. */
  readonly ignored?: Readonly<Record<string, string>>;
}

/** Only its type matters: what a state node may say of itself. */
export const NO_META: ExchangeMeta = {};

export const INSPECTABLE = ['negotiation', 'pfs', 'retransmissions'] as const;

export const exchange = setup({
  types: {
    context: {} as ExchangeContext,
    events: {} as ExchangeEvent,
    input: {} as ExchangeInput,
    output: {} as ExchangeOutput,
    tags: {} as 'receiving',
    meta: NO_META,
  },
  delays: {
    retryInterval: ({ context: { timing, retransmissions } }) => retryIntervalMs(timing, retransmissions),
    expireTimer: ({ context }) => context.timing.expireMs,
    retryWindow: ({ context }) => retryWindowMs(context.timing),
    takeover: ({ context }) => retryIntervalMs(context.timing, 1),
  },
  guards: {
    isAcceptable: ({ event }) => event.type === 'message' && event.verdict === 'acceptable',
    mayRetry: ({ context }) => context.retransmissions < context.timing.retryLimit,
    usesPfs: ({ context }) => context.pfs,
    connectedIsDue: ({ event }) => event.type === 'sent' && event.connectedDue === true,
    othersCarry: ({ event }) => event.type === 'sent' && event.othersCarry === true,
    signs: ({ context }) => context.method === 'rsa_sig' || context.method === 'dss_sig',
    seals: ({ context, event }) => methodOf(context, event) === 'rsa_encrypt',
    isAcceptableAndSealed: ({ context, event }) =>
      event.type === 'message' &&
      event.verdict === 'acceptable' &&
      methodOf(context, event) === 'rsa_encrypt',
  },
  actors: {
    'crypto.generateKeyPair': job<JobInput>('crypto.generateKeyPair'),
    'crypto.sharedSecret': job<JobInput>('crypto.sharedSecret'),
    'crypto.sign': job<JobInput>('crypto.sign'),
    'crypto.decrypt': job<JobInput>('crypto.decrypt'),
    'crypto.keymat': job<JobInput>('crypto.keymat'),
    'kernel.policyFor': job<JobInput>('kernel.policyFor'),
    'kernel.getSpi': job<JobInput>('kernel.getSpi'),
    'kernel.update': job<JobInput>('kernel.update'),
    'kernel.add': job<JobInput>('kernel.add'),
  },
  actions: {
    chooseProposal: provided('chooseProposal'),
    sendOffer: provided('sendOffer'),
    sendChoice: provided('sendChoice'),
    sendKeyExchange: provided('sendKeyExchange'),
    sendProof: provided('sendProof'),
    checkProof: provided('checkProof'),
    sendRequest: provided('sendRequest'),
    sendAnswer: provided('sendAnswer'),
    sendConfirmation: provided('sendConfirmation'),
    resend: provided('resend'),
    reportUnexpected: provided('reportUnexpected'),
    reportUnreadable: provided('reportUnreadable'),
    reportSuspicion: provided('reportSuspicion'),
    learnMethod: assign({ method: ({ context, event }) => methodOf(context, event) }),
    countRetransmission: assign({ retransmissions: ({ context }) => context.retransmissions + 1 }),
    awaitAnswer: raise({ type: 'AWAITING_ANSWER' }),
    answered: raise({ type: 'ANSWERED' }),
    giveUp: raise({ type: 'GAVE_UP' }),
    startCounting: assign({ retransmissions: 0 }),
    suspect: assign({
      suspicion: ({ context, event }) =>
        context.suspicion ?? ('suspicion' in event ? event.suspicion : undefined),
    }),
    succeed: assign({ outcome: { kind: 'succeeded' } }),
    blameMessage: assign({
      outcome: ({ event }) => described('failure' in event ? event.failure : undefined),
    }),
    blameSilence: assign({ outcome: { kind: 'failed', why: { cause: 'silence' } } }),
    blameExpiry: assign({ outcome: { kind: 'failed', why: { cause: 'expired' } } }),
    blameJob: assign({
      outcome: ({ event }) => {
        const error = 'error' in event ? event.error : undefined;
        if (error instanceof JobRefused) return described(error.failure);
        return {
          kind: 'failed',
          why: { cause: 'job', detail: error instanceof Error ? error.message : String(error) },
        };
      },
    }),
  },
});

/** What the event just decided, or what was known before. */
function methodOf(context: ExchangeContext, event: ExchangeEvent): AuthMethod | undefined {
  return ('method' in event ? event.method : undefined) ?? context.method;
}

function described(failure: Failure | undefined): ExchangeOutcome {
  return failure === undefined
    ? { kind: 'failed', why: { cause: 'job', detail: 'the failure was not described' } }
    : { kind: 'failed', why: { cause: 'described', failure } };
}

/** Root parts every exchange chart has. */
export function initialContext({
  input: { negotiation, timing, pfs, method },
}: {
  input: ExchangeInput;
}): ExchangeContext {
  return {
    negotiation,
    timing,
    pfs,
    method,
    retransmissions: 0,
    suspicion: undefined,
    outcome: { kind: 'unfinished' },
  };
}

export function exchangeOutput({ context }: { context: ExchangeContext }): ExchangeOutput {
  return { outcome: context.outcome, suspicion: context.suspicion };
}

/** Input of every job: whose it is. */
export function negotiationOf({ context }: { context: ExchangeContext }): {
  readonly negotiation: NegotiationId;
} {
  return { negotiation: context.negotiation };
}
