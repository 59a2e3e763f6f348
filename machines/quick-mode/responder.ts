/**
 * Quick Mode, the end that was asked (RFC 2409 5.5). The message diagram is in `initiator.ts`.
 * HASH(1) was checked before this chart was started: an unauthenticated message never makes an actor.
 * The inbound SA is installed before message 2 leaves, the outbound one after message 3 proved that the peer is live.
 */
import { delivery } from '../delivery.js';
import { exchange, exchangeOutput, initialContext, INSPECTABLE, negotiationOf } from '../exchange.js';
import { hears, MESSAGE_WHILE_BUSY } from '../exchange-events.js';

export const quickModeResponder = exchange.createMachine({
  id: 'quick-mode-responder',
  description: 'Builds a pair of IPsec SAs that the peer asked for, under an established Phase 1 SA.',
  meta: {
    inspect: INSPECTABLE,
    events: hears(
      'message',
      'unreadable',
      'unexpected',
      'OPERATOR_DELETE',
      'PEER_REFUSED',
      'PHASE1_LOST',
      'AWAITING_ANSWER',
      'ANSWERED',
      'GAVE_UP',
    ),
    ignored: MESSAGE_WHILE_BUSY,
  },
  context: initialContext,
  output: exchangeOutput,
  initial: 'negotiating',
  states: {
    negotiating: {
      description: 'The three messages of Quick Mode.',
      type: 'parallel',
      on: {
        GAVE_UP: { target: 'failed', actions: 'blameSilence' },
        OPERATOR_DELETE: { target: 'failed', actions: 'blameMessage' },
        PEER_REFUSED: { target: 'failed', actions: 'blameMessage' },
        PHASE1_LOST: { target: 'failed', actions: 'blameMessage' },
        unreadable: { actions: 'reportUnreadable' },
        unexpected: { actions: 'reportUnexpected' },
      },
      after: { expireTimer: { target: 'failed', actions: 'blameExpiry' } },
      states: {
        protocol: {
          description: 'What has been agreed so far.',
          initial: 'matchingPolicy',
          states: {
            matchingPolicy: {
              description:
                'Asking the kernel what its policy wants for this traffic, and choosing among the proposals.',
              invoke: {
                src: 'kernel.policyFor',
                input: negotiationOf,
                onDone: 'allocatingSpi',
                onError: { target: '#quick-mode-responder.failed', actions: 'blameJob' },
              },
            },
            allocatingSpi: {
              description: 'Asking the kernel for the SPI of our inbound SA.',
              invoke: {
                src: 'kernel.getSpi',
                input: negotiationOf,
                onDone: [{ guard: 'usesPfs', target: 'preparingKeyExchange' }, { target: 'derivingKeys' }],
                onError: { target: '#quick-mode-responder.failed', actions: 'blameJob' },
              },
            },
            preparingKeyExchange: {
              description:
                'Making a fresh Diffie-Hellman key pair, because the peer asks for perfect forward secrecy.',
              invoke: {
                src: 'crypto.generateKeyPair',
                input: negotiationOf,
                onDone: 'derivingKeys',
                onError: { target: '#quick-mode-responder.failed', actions: 'blameJob' },
              },
            },
            derivingKeys: {
              description:
                'Computing the keys of both SAs, with a new shared secret first where PFS is used.',
              invoke: {
                src: 'crypto.keymat',
                input: negotiationOf,
                onDone: 'installingInbound',
                onError: { target: '#quick-mode-responder.failed', actions: 'blameJob' },
              },
            },
            installingInbound: {
              description: 'Giving the kernel the SA for what we receive, before the peer may use it.',
              invoke: {
                src: 'kernel.update',
                input: negotiationOf,
                onDone: {
                  target: 'awaitingConfirmation',
                  actions: ['sendAnswer', 'awaitAnswer'],
                },
                onError: { target: '#quick-mode-responder.failed', actions: 'blameJob' },
              },
            },
            awaitingConfirmation: {
              description: 'Waiting for the proof that the peer is live and holds both nonces.',
              tags: 'receiving',
              meta: { expects: 3 },
              on: { message: { target: 'installingOutbound', actions: 'answered' } },
            },
            installingOutbound: {
              description: 'Giving the kernel the SA for what we send.',
              invoke: {
                src: 'kernel.add',
                input: negotiationOf,
                onDone: { target: '#quick-mode-responder.installed', actions: 'succeed' },
                onError: { target: '#quick-mode-responder.failed', actions: 'blameJob' },
              },
            },
          },
        },
        delivery,
      },
    },
    installed: { type: 'final', description: 'Both SAs are in the kernel.' },
    failed: { type: 'final', description: 'No SAs came of it; the failure says why.' },
  },
});
