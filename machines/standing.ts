/**
 * What the charts of established SAs share. An SA that stands is a plain record; an actor runs for it only while it is
 * not `idle` (daemon/standing-runner.ts). As in the charts of exchanges, a context holds ids, counters and words only.
 */
import { assign, setup } from 'xstate';
import type { NegotiationId } from '../services/events/event.js';
import type { JobInput, Timing } from './exchange.js';
import { NO_META, retryIntervalMs, retryWindowMs } from './exchange.js';
import { job, provided } from './provided.js';

export interface StandingInput {
  readonly negotiation: NegotiationId;
  readonly timing: Timing;
  /** Which end began the exchange that made it. */
  readonly role: 'initiator' | 'responder';
  /** Between its soft and its hard limit, milliseconds. */
  readonly graceMs: number;
  /** From 0 to 1, drawn once: what was made in one moment shall not be renewed in one. */
  readonly jitter: number;
  /** Whether the peer answers R-U-THERE (RFC 3706 5.1). */
  readonly canAsk: boolean;
}

export interface StandingContext extends StandingInput {
  /** Of the probe or Delete that is repeated now. */
  readonly retransmissions: number;
  /** Renewals that failed, or Deletes that the peer has not heard. */
  readonly attempts: number;
  /** Why it is gone, in words. */
  readonly reason: string;
}

export type StandingEvent =
  | { readonly type: 'HEARD' }
  | { readonly type: 'INTRODUCE' }
  | { readonly type: 'INTRODUCED' }
  | { readonly type: 'WORRY' }
  | { readonly type: 'RENEW' }
  | { readonly type: 'SOFT_LIMIT' }
  | { readonly type: 'HARD_LIMIT'; readonly reason: string }
  | { readonly type: 'YIELD' }
  | { readonly type: 'SUCCESSOR' }
  | { readonly type: 'SUCCESSOR_LOST' }
  | { readonly type: 'UNSPOKEN_FOR' }
  | { readonly type: 'ADOPT' }
  | { readonly type: 'SPOKEN_FOR' }
  | { readonly type: 'DELETED_IN_KERNEL'; readonly reason: string }
  | { readonly type: 'DELETE'; readonly reason: string }
  | { readonly type: 'PEER_DELETED'; readonly reason: string }
  | { readonly type: 'PEER_REPLACED'; readonly reason: string }
  | { readonly type: 'FORGET'; readonly reason: string };

export interface StandingOutput {
  readonly reason: string;
}

/** How long packets may be on their way that were sent before the peer's Delete. */
const DRAIN_MS = 5000;
/** Longest waits before a renewal: the end that made the SAs, what the other adds, between two attempts. */
const SPREAD_MS = 10_000;
const DEFERENCE_MS = 40_000;
const RETRY_MS = 30_000;
/** Attempts beyond this wait no longer than this one. */
const MOST_ATTEMPTS = 5;
/** How often a round of Deletes is begun again because the peer still uses what they delete. */
const MOST_INSISTED = 3;

export const standing = setup({
  types: {
    context: {} as StandingContext,
    events: {} as StandingEvent,
    input: {} as StandingInput,
    output: {} as StandingOutput,
    /** `rival`: one made by the other end at the same time is one too many. What is being renewed is no rival. */
    tags: {} as 'idle' | 'usable' | 'rival' | 'doubted' | 'introducing' | 'retiring' | 'adopted',
    meta: NO_META,
  },
  delays: {
    retryInterval: ({ context: { timing, retransmissions } }) => retryIntervalMs(timing, retransmissions),
    /** A Delete is owed no answer: there is no sense in long waits. */
    deleteInterval: ({ context: { timing, retransmissions } }) =>
      Math.min(retryIntervalMs(timing, retransmissions), DRAIN_MS),
    /** Whoever still works with the old SA has given that up by then. */
    overlap: ({ context }) => retryWindowMs(context.timing) + DRAIN_MS,
    drain: DRAIN_MS,
    turn: ({ context }) => turnMs(context),
  },
  guards: {
    mayRetry: ({ context }) => context.retransmissions < context.timing.retryLimit,
    canAsk: ({ context }) => context.canAsk,
    mayInsist: ({ context }) => context.attempts < MOST_INSISTED,
  },
  actors: {
    'negotiate.phase1': job<JobInput>('negotiate.phase1'),
    'negotiate.phase2': job<JobInput>('negotiate.phase2'),
    'kernel.usage': job<JobInput>('kernel.usage'),
  },
  actions: {
    sendProbe: provided('sendProbe'),
    sendIntroduction: provided('sendIntroduction'),
    sendDelete: provided('sendDelete'),
    deleteLater: provided('deleteLater'),
    withdraw: provided('withdraw'),
    removeOutbound: provided('removeOutbound'),
    announceEnd: provided('announceEnd'),
    startCounting: assign({ retransmissions: 0 }),
    countRetransmission: assign({ retransmissions: ({ context }) => context.retransmissions + 1 }),
    countAttempt: assign({ attempts: ({ context }) => Math.min(context.attempts + 1, MOST_ATTEMPTS) }),
    forgetAttempts: assign({ attempts: 0 }),
    noteReason: assign({
      reason: ({ context, event }) => ('reason' in event ? event.reason : context.reason),
    }),
    noteSuperseded: assign({ reason: 'newer ones have taken its place' }),
    noteUnanswered: assign({ reason: 'the peer lives, but does not answer under it' }),
    noteDead: assign({ reason: 'the peer is dead' }),
  },
});

/** When a renewal begins: the end that made the SAs goes first, and not with all of them at once. */
function turnMs({ role, graceMs, jitter, attempts }: StandingContext): number {
  const spread = jitter * Math.min(graceMs / 10, SPREAD_MS);
  if (attempts > 0) return Math.max(1000, Math.min(graceMs / 10, RETRY_MS)) * 2 ** (attempts - 1) + spread;
  return role === 'initiator' ? spread : Math.min(graceMs * 0.4, DEFERENCE_MS) + spread;
}

export const STANDING_INSPECTABLE = ['negotiation', 'role', 'retransmissions', 'attempts', 'reason'] as const;

export function standingContext({
  input: { negotiation, timing, role, graceMs, jitter, canAsk },
}: {
  input: StandingInput;
}): StandingContext {
  return { negotiation, timing, role, graceMs, jitter, canAsk, retransmissions: 0, attempts: 0, reason: '' };
}

export function standingOutput({ context }: { context: StandingContext }): StandingOutput {
  return { reason: context.reason };
}

export function ownNegotiation({ context }: { context: StandingContext }): JobInput {
  return { negotiation: context.negotiation };
}

/** All events there are, for `meta.events`. */
const MEANINGS: Readonly<Record<StandingEvent['type'], string>> = {
  HEARD: 'an authenticated message of the peer came under this SA',
  INTRODUCE:
    'when our message 2 of Aggressive Mode left, nothing else stood with the peer, and it could not say so',
  INTRODUCED: 'the peer has answered a message in which INITIAL-CONTACT was',
  WORRY: 'something should have been heard of the peer, and was not',
  RENEW: 'its soft limit is past, and it is needed',
  SOFT_LIMIT: 'the kernel says that its soft limit is reached',
  HARD_LIMIT: 'the kernel has ended it',
  YIELD: 'of two that were made at once this is the one that ends, and we made it',
  SUCCESSOR: 'newer SAs for the same traffic were installed',
  SUCCESSOR_LOST: 'what had taken its place is gone',
  UNSPOKEN_FOR: 'no Phase 1 SA is left under which the peer could be told of their end',
  ADOPT: 'an earlier run of the daemon made them, and the kernel has them still',
  SPOKEN_FOR: 'a Phase 1 SA with their peer was made',
  DELETED_IN_KERNEL: 'somebody else took one of the SAs out of the kernel, or the kernel lost it',
  DELETE: 'an operator or its lifetime ends it',
  PEER_DELETED: 'the peer has deleted it, and said so authenticated',
  PEER_REPLACED: 'the peer has deleted them, and newer ones for the same traffic stand',
  FORGET: 'it ends without a word: the peer is dead, began anew, or we are stopping and said so',
};

type EventType = StandingEvent['type'];

/** For `meta.events`: what a chart hears. */
export function hearsOf(...types: readonly EventType[]): Readonly<Record<string, string>> {
  return Object.fromEntries(types.map((type) => [type, MEANINGS[type]]));
}
