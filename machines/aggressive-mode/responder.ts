/**
 * Aggressive Mode, the end that was asked (RFC 2409 5.1, 5.2, 5.4). The message diagram is in `initiator.ts`.
 * It has no delivery region: message 2 goes to an address that has proved nothing, so it is repeated only for a repeated
 * message 1, and `expireTimer` ends what the peer abandons.
 */
import { hears, MESSAGE_WHILE_BUSY, unasked } from '../exchange-events.js';
import { exchange, exchangeOutput, initialContext, INSPECTABLE, negotiationOf } from '../exchange.js';

export const aggressiveModeResponder = exchange.createMachine({
  id: 'aggressive-mode-responder',
  description: 'Builds a Phase 1 SA that the peer asked for, in three messages.',
  meta: {
    inspect: INSPECTABLE,
    events: hears(
      'message',
      'unreadable',
      'unexpected',
      'warned',
      'chosen',
      'sent',
      'proved',
      'refused',
      'OPERATOR_DELETE',
      'DISPLACED',
    ),
    ignored: { ...MESSAGE_WHILE_BUSY, ...unasked('chosen', 'sent', 'proved', 'refused') },
  },
  context: initialContext,
  output: exchangeOutput,
  initial: 'negotiating',
  states: {
    negotiating: {
      description: 'The three messages of Aggressive Mode.',
      on: {
        OPERATOR_DELETE: { target: 'failed', actions: 'blameMessage' },
        DISPLACED: { target: 'failed', actions: 'blameMessage' },
        unreadable: { actions: ['suspect', 'reportSuspicion', 'reportUnreadable'] },
        warned: { actions: ['suspect', 'reportSuspicion'] },
        unexpected: { actions: 'reportUnexpected' },
      },
      after: { expireTimer: { target: 'failed', actions: 'blameExpiry' } },
      initial: 'choosing',
      states: {
        choosing: {
          description:
            'Looking for a rule that allows Aggressive Mode and accepts one of the transforms the peer offers, and for its key.',
          entry: 'chooseProposal',
          on: {
            chosen: [
              { guard: 'seals', target: 'unsealing', actions: 'learnMethod' },
              { target: 'preparingKeyExchange', actions: 'learnMethod' },
            ],
            refused: { target: '#aggressive-mode-responder.failed', actions: 'blameMessage' },
          },
        },
        unsealing: {
          description: 'Decrypting the identity and the nonce that the peer encrypted with our public key.',
          invoke: {
            src: 'crypto.decrypt',
            input: negotiationOf,
            onDone: 'preparingKeyExchange',
            onError: { target: '#aggressive-mode-responder.failed', actions: 'blameJob' },
          },
        },
        preparingKeyExchange: {
          description: 'Making our Diffie-Hellman key pair.',
          invoke: {
            src: 'crypto.generateKeyPair',
            input: negotiationOf,
            onDone: 'derivingKeys',
            onError: { target: '#aggressive-mode-responder.failed', actions: 'blameJob' },
          },
        },
        derivingKeys: {
          description: 'Computing the shared secret and the keys that follow from it.',
          invoke: {
            src: 'crypto.sharedSecret',
            input: negotiationOf,
            onDone: [{ guard: 'signs', target: 'signingProof' }, { target: 'provingIdentity' }],
            onError: { target: '#aggressive-mode-responder.failed', actions: 'blameJob' },
          },
        },
        signingProof: {
          description: 'Signing our identity and all that was exchanged with our private key.',
          invoke: {
            src: 'crypto.sign',
            input: negotiationOf,
            onDone: 'provingIdentity',
            onError: { target: '#aggressive-mode-responder.failed', actions: 'blameJob' },
          },
        },
        provingIdentity: {
          description:
            'Sending our choice, our public value, our identity and the proof that we hold the key.',
          entry: 'sendProof',
          on: { sent: 'awaitingProof' },
        },
        awaitingProof: {
          description: 'Waiting for the proof of the peer.',
          tags: 'receiving',
          meta: { expects: 3 },
          on: { message: 'checkingProof' },
        },
        checkingProof: {
          description: 'Checking that the peer is who it must be and holds the key.',
          entry: 'checkProof',
          on: {
            proved: { target: '#aggressive-mode-responder.established', actions: 'succeed' },
            refused: { target: '#aggressive-mode-responder.failed', actions: 'blameMessage' },
          },
        },
      },
    },
    established: { type: 'final', description: 'The Phase 1 SA is up.' },
    failed: { type: 'final', description: 'No Phase 1 SA came of it; the failure says why.' },
  },
});
