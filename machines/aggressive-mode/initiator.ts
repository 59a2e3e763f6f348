/**
 * Aggressive Mode, the end that began it (RFC 2409 5.1, 5.2, 5.4).
 *
 *      Initiator                              Responder
 *      HDR, SA, KE, Ni, IDii              1 -->
 *                                     <-- 2   HDR, SA, KE, Nr, IDir, HASH_R
 *      HDR, HASH_I                        3 -->
 *
 * With signatures SIG stands in the place of HASH, with public-key encryption identities and nonces are encrypted.
 * The identities are in the clear, and a hash of a pre-shared key is, too: a rule must ask for it.
 */
import { delivery } from '../delivery.js';
import { hears, MESSAGE_WHILE_BUSY, unasked } from '../exchange-events.js';
import { exchange, exchangeOutput, initialContext, INSPECTABLE, negotiationOf } from '../exchange.js';

export const aggressiveModeInitiator = exchange.createMachine({
  id: 'aggressive-mode-initiator',
  description: 'Builds a Phase 1 SA that we asked for, in three messages.',
  meta: {
    inspect: INSPECTABLE,
    events: hears(
      'message',
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
      description: 'The three messages of Aggressive Mode.',
      type: 'parallel',
      on: {
        GAVE_UP: { target: 'failed', actions: 'blameSilence' },
        OPERATOR_DELETE: { target: 'failed', actions: 'blameMessage' },
        warned: { actions: ['suspect', 'reportSuspicion'] },
        unexpected: { actions: 'reportUnexpected' },
      },
      after: { expireTimer: { target: 'failed', actions: 'blameExpiry' } },
      states: {
        protocol: {
          description: 'What has been agreed so far.',
          initial: 'preparingKeyExchange',
          states: {
            preparingKeyExchange: {
              description: 'Making our Diffie-Hellman key pair for the one group that we offer.',
              invoke: {
                src: 'crypto.generateKeyPair',
                input: negotiationOf,
                onDone: { target: 'awaitingAnswer', actions: ['sendOffer', 'awaitAnswer'] },
                onError: { target: '#aggressive-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            awaitingAnswer: {
              description: 'Waiting for the choice, the public value and the proof of the peer.',
              tags: 'receiving',
              meta: { expects: 2 },
              on: {
                message: [
                  { guard: 'isAcceptableAndSealed', target: 'unsealing', actions: 'answered' },
                  { guard: 'isAcceptable', target: 'derivingKeys', actions: 'answered' },
                  { target: '#aggressive-mode-initiator.failed', actions: 'blameMessage' },
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
                onError: { target: '#aggressive-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            derivingKeys: {
              description: 'Computing the shared secret and the keys that follow from it.',
              invoke: {
                src: 'crypto.sharedSecret',
                input: negotiationOf,
                onDone: 'checkingProof',
                onError: { target: '#aggressive-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            checkingProof: {
              description: 'Checking that the peer is who it must be and holds the key.',
              entry: 'checkProof',
              on: {
                proved: [{ guard: 'signs', target: 'signingProof' }, { target: 'provingIdentity' }],
                refused: { target: '#aggressive-mode-initiator.failed', actions: 'blameMessage' },
              },
            },
            signingProof: {
              description: 'Signing our identity and all that was exchanged with our private key.',
              invoke: {
                src: 'crypto.sign',
                input: negotiationOf,
                onDone: 'provingIdentity',
                onError: { target: '#aggressive-mode-initiator.failed', actions: 'blameJob' },
              },
            },
            provingIdentity: {
              description: 'Sending the proof that we hold the key, encrypted.',
              entry: 'sendProof',
              on: { sent: { target: '#aggressive-mode-initiator.established', actions: 'succeed' } },
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
