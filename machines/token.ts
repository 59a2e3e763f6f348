/**
 * A PKCS #11 token that private keys of ours are on, from being looked for to being forgotten. Its keys can be used while
 * it is `unlocked` and at no other time. PINs stay in the key store: the chart knows that there is one, never which.
 */
import { assign, setup } from 'xstate';
import type { TokenFault } from '../services/ports/token-fault.js';
import { NO_META } from './exchange.js';
import { job, provided } from './provided.js';

/** Rejection of a job: what the token or its library said. */
export class TokenJobFailed extends Error {
  readonly fault: TokenFault;

  constructor(fault: TokenFault) {
    super(fault.message);
    this.name = 'TokenJobFailed';
    this.fault = fault;
  }
}

export interface TokenInput {
  /** Its label. */
  readonly token: string;
}

export interface TokenContext extends TokenInput {
  /** Why it is not unlocked, where something went wrong; empty else. */
  readonly reason: string;
}

/** The reason as it was at the end. */
export type TokenOutput = Pick<TokenContext, 'reason'>;

export type TokenEvent =
  | { readonly type: 'LOGIN' }
  | { readonly type: 'LOGOUT' }
  | { readonly type: 'LOST' }
  | { readonly type: 'FORGET' };

const EVENTS: Readonly<Record<TokenEvent['type'], string>> = {
  LOGIN: 'a PIN was given, by an operator or by a reference file',
  LOGOUT: 'an operator wants its keys unusable',
  LOST: 'a key was to be used, and the token or its login turned out to be gone',
  FORGET: 'no reference file names it any more, its library is another, or the daemon is ending',
};

/** How often a token that is not there is looked for, milliseconds. */
const LOOK_MS = 10_000;

const NOT_UNLOCKED = 'its keys cannot be used anyway';
const LEAVING = 'it is being forgotten';

function tokenOf({ context }: { readonly context: TokenContext }): TokenInput {
  return { token: context.token };
}

function faultOf(event: object): TokenFault | undefined {
  const error: unknown = 'error' in event ? event.error : undefined;
  return error instanceof TokenJobFailed ? error.fault : undefined;
}

export const token = setup({
  types: {
    context: {} as TokenContext,
    events: {} as TokenEvent,
    input: {} as TokenInput,
    output: {} as TokenOutput,
    meta: NO_META,
  },
  delays: { look: LOOK_MS },
  guards: {
    isAway: ({ event }) => {
      const reason = faultOf(event)?.reason;
      return reason === 'absent' || reason === 'lost' || reason === 'no-library';
    },
  },
  actors: {
    'token.find': job<TokenInput>('token.find'),
    'token.login': job<TokenInput>('token.login'),
    'token.logout': job<TokenInput>('token.logout'),
  },
  actions: {
    /** Negotiations that need a key of it fail. */
    withdrawKeys: provided('withdrawKeys'),
    noteFault: assign({
      reason: ({ event }) => faultOf(event)?.message ?? 'its library failed',
    }),
    clearReason: assign({ reason: '' }),
  },
}).createMachine({
  id: 'token',
  description: 'A PKCS#11 token with private keys of ours.',
  meta: { inspect: ['token', 'reason'], events: EVENTS },
  context: ({ input }) => ({ token: input.token, reason: '' }),
  output: ({ context }) => ({ reason: context.reason }),
  initial: 'looking',
  states: {
    looking: {
      description: 'Asking the PKCS#11 library whether the token is there.',
      meta: { ignored: { LOGOUT: NOT_UNLOCKED, LOST: 'it is being looked for' } },
      invoke: {
        src: 'token.find',
        input: tokenOf,
        onDone: { target: 'locked', actions: 'clearReason' },
        onError: { target: 'absent', actions: 'noteFault' },
      },
      on: { LOGIN: 'unlocking', FORGET: 'forgotten' },
    },
    absent: {
      description: 'The token is not there, or no library knows it; looked for again and again.',
      meta: { ignored: { LOGOUT: NOT_UNLOCKED, LOST: 'it is known to be gone' } },
      on: { LOGIN: 'unlocking', FORGET: 'forgotten' },
      after: { look: 'looking' },
    },
    locked: {
      description: 'The token is there; without its PIN its keys cannot be used.',
      meta: { ignored: { LOGOUT: NOT_UNLOCKED } },
      on: { LOGIN: 'unlocking', LOST: 'looking', FORGET: 'forgotten' },
    },
    unlocking: {
      description: 'Giving the token its PIN.',
      meta: { ignored: { LOGIN: 'a login is under way', LOST: 'the login will show it' } },
      invoke: {
        src: 'token.login',
        input: tokenOf,
        onDone: { target: 'unlocked', actions: 'clearReason' },
        onError: [
          { guard: 'isAway', target: 'absent', actions: 'noteFault' },
          { target: 'locked', actions: 'noteFault' },
        ],
      },
      on: { LOGOUT: 'locking', FORGET: 'leaving' },
    },
    unlocked: {
      description: 'The keys of the token can be used.',
      meta: { ignored: { LOGIN: 'it is unlocked' } },
      on: {
        LOGOUT: { target: 'locking', actions: 'withdrawKeys' },
        LOST: { target: 'looking', actions: 'withdrawKeys' },
        FORGET: { target: 'leaving', actions: 'withdrawKeys' },
      },
    },
    locking: {
      description: 'Its keys are out of use; logging out of the token.',
      meta: { ignored: { LOGIN: 'it is being locked', LOGOUT: 'it is being locked', LOST: NOT_UNLOCKED } },
      invoke: {
        src: 'token.logout',
        input: tokenOf,
        onDone: { target: 'locked', actions: 'clearReason' },
        onError: { target: 'looking', actions: 'noteFault' },
      },
      on: { FORGET: 'leaving' },
    },
    leaving: {
      description: 'Nobody needs it any more; logging out of it.',
      meta: { ignored: { LOGIN: LEAVING, LOGOUT: LEAVING, LOST: LEAVING, FORGET: LEAVING } },
      invoke: { src: 'token.logout', input: tokenOf, onDone: 'forgotten', onError: 'forgotten' },
    },
    forgotten: { type: 'final', description: 'No key of ours is on it.' },
  },
});
