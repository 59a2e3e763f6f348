/**
 * Main Mode, the end that began it (RFC 2409 5, 5.4).
 *
 *      Initiator                     Responder
 *      HDR, SA               1 -->
 *                                <-- 2   HDR, SA
 *      HDR, KE, Ni           3 -->
 *                                <-- 4   HDR, KE, Nr
 *      HDR*, IDii, HASH_I    5 -->
 *                                <-- 6   HDR*, IDir, HASH_R
 */
import { delivery } from '../delivery.js';
import { exchange, exchangeOutput, initialContext, INSPECTABLE, negotiationOf } from '../exchange.js';
import { hears, MESSAGE_WHILE_BUSY, unasked } from '../exchange-events.js';

export const mainModeInitiator = exchange.createMachine({
  id: 'main-mode-initiator',
  description: 'Builds a Phase 1 SA that we asked for.',
  meta: {
    inspect: INSPECTABLE,
    events: hears(
      'message',
      'unreadable',
      'unexpected',
      'warned',
      'sent',
      'proved',
      'refused',
      'OPERATOR_DELETE',
      'AWAITING_ANSWER',
      'ANSWERED',
      'GAVE_UP',
    ),
    ignored: { ...MESSAGE_WHILE_BUSY, ...unasked('sent', 'proved', 'refused') },
  },
  context: initialContext,
  output: exchangeOutput,
  initial: 'negotiating',
  states: {
    negotiating: {
      description: 'The six messages of Main Mode.',
      type: 'parallel',
      on: {
        GAVE_UP: { target: 'failed', actions: 'blameSilence' },
        OPERATOR_DELETE: { target: 'failed', actions: 'blameMessage' },
        unreadable: { actions: ['suspect', 'reportSuspicion', 'reportUnreadable'] },
        warned: { actions: ['suspect', 'reportSuspicion'] },
        unexpected: { actions: 'reportUnexpected' },
      },
      after: { expireTimer: { target: 'failed', actions: 'blameExpiry' } },
      states: {
        protocol: {
          description: 'What has been agreed so far.',
          initial: 'offering',
          states: {
            offering: {
              description: 'Sending every transform of the rule to the peer.',
              entry: 'sendOffer',
              on: { sent: { target: 'awaitingChoice', actions: 'awaitAnswer' } },
            },
            awaitingChoice: {
              description: 'Waiting for the peer to choose one of the offered transforms.',
              tags: 'receiving',
              meta: { expects: 2 },
              on: {
                message: [
                  {
                    guard: 'isAcceptable',
                    target: 'preparingKeyExchange',
                    actions: ['answered', 'learnMethod'],
                  },
                  { target: '#main-mode-initiator.failed', actions: 'blameMessage' },
                ],
              },
            },
            preparingKeyExchange: {
              description: 'Making our Diffie-Hellman key pair.',
              invoke: {
                src: 'crypto.generateKeyPair',
                input: negotiationOf,
                onDone: { target: 'awaitingKeyExchange', actions: ['sendKeyExchange', 'awaitAnswer'] },
                onError: { target: '#main-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            awaitingKeyExchange: {
              description: 'Waiting for the public value and the nonce of the peer.',
              tags: 'receiving',
              meta: { expects: 4 },
              on: {
                message: [
                  { guard: 'isAcceptableAndSealed', target: 'unsealing', actions: 'answered' },
                  { guard: 'isAcceptable', target: 'derivingKeys', actions: 'answered' },
                  { target: '#main-mode-initiator.failed', actions: 'blameMessage' },
                ],
              },
            },
            unsealing: {
              description:
                'Decrypting the identity and the nonce that the peer encrypted with our public key.',
              invoke: {
                src: 'crypto.decrypt',
                input: negotiationOf,
                onDone: 'derivingKeys',
                onError: { target: '#main-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            derivingKeys: {
              description: 'Computing the shared secret and the keys that follow from it.',
              invoke: {
                src: 'crypto.sharedSecret',
                input: negotiationOf,
                onDone: [{ guard: 'signs', target: 'signingProof' }, { target: 'provingIdentity' }],
                onError: { target: '#main-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            signingProof: {
              description: 'Signing our identity and all that was exchanged with our private key.',
              invoke: {
                src: 'crypto.sign',
                input: negotiationOf,
                onDone: 'provingIdentity',
                onError: { target: '#main-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            provingIdentity: {
              description: 'Sending our identity and the proof that we hold the key, encrypted.',
              entry: 'sendProof',
              on: { sent: { target: 'awaitingProof', actions: 'awaitAnswer' } },
            },
            awaitingProof: {
              description: 'Waiting for the identity and the proof of the peer.',
              tags: 'receiving',
              meta: { expects: 6 },
              on: { message: { target: 'checkingProof', actions: 'answered' } },
            },
            checkingProof: {
              description: 'Checking that the peer is who it must be and holds the key.',
              entry: 'checkProof',
              on: {
                proved: { target: '#main-mode-initiator.established', actions: 'succeed' },
                refused: { target: '#main-mode-initiator.failed', actions: 'blameMessage' },
              },
            },
          },
        },
        delivery,
      },
    },
    established: { type: 'final', description: 'The Phase 1 SA is up.' },
    failed: { type: 'final', description: 'No Phase 1 SA came of it; the failure says why.' },
  },
});
