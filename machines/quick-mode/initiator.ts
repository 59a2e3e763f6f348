/**
 * Quick Mode, the end that began it (RFC 2409 5.5).
 *
 *      Initiator                                       Responder
 *      HDR*, HASH(1), SA, Ni [, KE ] [, IDci, IDcr ]  1 -->
 *                                  <-- 2   HDR*, HASH(2), SA, Nr [, KE ] [, IDci, IDcr ]
 *      HDR*, HASH(3)                                  3 -->
 *
 * Our inbound SA is installed before message 3 leaves, so that the peer's first packet finds it; the outbound one after it,
 * since most peers install theirs when they have read it. In a renewal they get some time for that, in which older SAs
 * carry the traffic: a kernel takes the newest SA there is, and what arrives too early is lost.
 *
 * The commit bit (RFC 2408 3.1) is never set by us. Where the peer sets it in message 2, CONNECTED is waited for: in an
 * Informational with the message ID of this Quick Mode, or with one of its own that leaves no doubt. The bit is not
 * authenticated, so it can cost one retry window and no more.
 */
import { delivery } from '../delivery.js';
import { exchange, exchangeOutput, initialContext, INSPECTABLE, negotiationOf } from '../exchange.js';
import { hears, MESSAGE_WHILE_BUSY, unasked } from '../exchange-events.js';

export const quickModeInitiator = exchange.createMachine({
  id: 'quick-mode-initiator',
  description: 'Builds a pair of IPsec SAs that we asked for, under an established Phase 1 SA.',
  meta: {
    inspect: INSPECTABLE,
    events: hears(
      'message',
      'unreadable',
      'unexpected',
      'sent',
      'CONNECTED',
      'OPERATOR_DELETE',
      'PEER_REFUSED',
      'PHASE1_LOST',
      'AWAITING_ANSWER',
      'ANSWERED',
      'GAVE_UP',
    ),
    ignored: {
      ...MESSAGE_WHILE_BUSY,
      ...unasked('sent'),
      CONNECTED: 'said before our message 3 has left: it cannot be the answer to it',
    },
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
          initial: 'allocatingSpi',
          states: {
            allocatingSpi: {
              description: 'Asking the kernel for the SPI of our inbound SA.',
              invoke: {
                src: 'kernel.getSpi',
                input: negotiationOf,
                onDone: [
                  { guard: 'usesPfs', target: 'preparingKeyExchange' },
                  { target: 'awaitingAnswer', actions: ['sendRequest', 'awaitAnswer'] },
                ],
                onError: { target: '#quick-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            preparingKeyExchange: {
              description:
                'Making a fresh Diffie-Hellman key pair, because the rule asks for perfect forward secrecy.',
              invoke: {
                src: 'crypto.generateKeyPair',
                input: negotiationOf,
                onDone: { target: 'awaitingAnswer', actions: ['sendRequest', 'awaitAnswer'] },
                onError: { target: '#quick-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            awaitingAnswer: {
              description: 'Waiting for the peer to choose a proposal and to agree to the traffic.',
              tags: 'receiving',
              meta: { expects: 2 },
              on: {
                message: [
                  { guard: 'isAcceptable', target: 'derivingKeys', actions: 'answered' },
                  { target: '#quick-mode-initiator.failed', actions: 'blameMessage' },
                ],
              },
            },
            derivingKeys: {
              description:
                'Computing the keys of both SAs, with a new shared secret first where PFS is used.',
              invoke: {
                src: 'crypto.keymat',
                input: negotiationOf,
                onDone: 'installingInbound',
                onError: { target: '#quick-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            installingInbound: {
              description: 'Giving the kernel the SA for what we receive.',
              invoke: {
                src: 'kernel.update',
                input: negotiationOf,
                onDone: 'confirming',
                onError: { target: '#quick-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            confirming: {
              description: 'Telling the peer that it may use the SAs.',
              entry: 'sendConfirmation',
              on: {
                sent: [
                  { guard: 'connectedIsDue', target: 'awaitingConnected' },
                  { guard: 'othersCarry', target: 'awaitingTakeover' },
                  { target: 'installingOutbound' },
                ],
              },
            },
            awaitingConnected: {
              description:
                'Waiting for the CONNECTED that the commit bit of the peer announced; after one retry window we go on without it.',
              tags: 'receiving',
              meta: { expects: 4 },
              on: { CONNECTED: 'installingOutbound' },
              after: { retryWindow: 'installingOutbound' },
            },
            awaitingTakeover: {
              description:
                'The peer installs its SAs when it has read our last message; until then the older ones carry the traffic.',
              after: { takeover: 'installingOutbound' },
            },
            installingOutbound: {
              description: 'Giving the kernel the SA for what we send.',
              invoke: {
                src: 'kernel.add',
                input: negotiationOf,
                onDone: { target: '#quick-mode-initiator.installed', actions: 'succeed' },
                onError: { target: '#quick-mode-initiator.failed', actions: 'blameJob' },
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
