/**
 * Main Mode, the end that was asked (RFC 2409 5, 5.4). The message diagram is in `initiator.ts`.
 * It is never owed an answer, so it has no delivery region: a duplicate of the peer's message gets our last answer
 * again, and `expireTimer` ends what the peer abandons.
 */
import { exchange, exchangeOutput, initialContext, INSPECTABLE, negotiationOf } from '../exchange.js';
import { hears, MESSAGE_WHILE_BUSY, unasked } from '../exchange-events.js';

export const mainModeResponder = exchange.createMachine({
  id: 'main-mode-responder',
  description: 'Builds a Phase 1 SA that the peer asked for.',
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
      description: 'The six messages of Main Mode.',
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
            'Looking for a rule that accepts one of the transforms the peer offers, and for its key.',
          entry: 'chooseProposal',
          on: {
            chosen: { target: 'awaitingKeyExchange', actions: ['learnMethod', 'sendChoice'] },
            refused: { target: '#main-mode-responder.failed', actions: 'blameMessage' },
          },
        },
        awaitingKeyExchange: {
          description: 'Waiting for the public value and the nonce of the peer.',
          tags: 'receiving',
          meta: { expects: 3 },
          on: {
            message: [
              { guard: 'isAcceptableAndSealed', target: 'unsealing' },
              { guard: 'isAcceptable', target: 'preparingKeyExchange' },
              { target: '#main-mode-responder.failed', actions: 'blameMessage' },
            ],
          },
        },
        unsealing: {
          description: 'Decrypting the identity and the nonce that the peer encrypted with our public key.',
          invoke: {
            src: 'crypto.decrypt',
            input: negotiationOf,
            onDone: 'preparingKeyExchange',
            onError: { target: '#main-mode-responder.failed', actions: 'blameJob' },
          },
        },
        preparingKeyExchange: {
          description: 'Making our Diffie-Hellman key pair.',
          invoke: {
            src: 'crypto.generateKeyPair',
            input: negotiationOf,
            onDone: { target: 'derivingKeys', actions: 'sendKeyExchange' },
            onError: { target: '#main-mode-responder.failed', actions: 'blameJob' },
          },
        },
        derivingKeys: {
          description:
            'Our public value is on its way; computing the shared secret and the keys that follow from it.',
          invoke: {
            src: 'crypto.sharedSecret',
            input: negotiationOf,
            onDone: 'awaitingProof',
            onError: { target: '#main-mode-responder.failed', actions: 'blameJob' },
          },
        },
        awaitingProof: {
          description: 'Waiting for the identity and the proof of the peer.',
          tags: 'receiving',
          meta: { expects: 5 },
          on: { message: 'checkingProof' },
        },
        checkingProof: {
          description: 'Checking that the peer is who it must be and holds the key.',
          entry: 'checkProof',
          on: {
            proved: [{ guard: 'signs', target: 'signingProof' }, { target: 'provingIdentity' }],
            refused: { target: '#main-mode-responder.failed', actions: 'blameMessage' },
          },
        },
        signingProof: {
          description: 'Signing our identity and all that was exchanged with our private key.',
          invoke: {
            src: 'crypto.sign',
            input: negotiationOf,
            onDone: 'provingIdentity',
            onError: { target: '#main-mode-responder.failed', actions: 'blameJob' },
          },
        },
        provingIdentity: {
          description: 'Sending our identity and the proof that we hold the key, encrypted.',
          entry: 'sendProof',
          on: { sent: { target: '#main-mode-responder.established', actions: 'succeed' } },
        },
      },
    },
    established: { type: 'final', description: 'The Phase 1 SA is up.' },
    failed: { type: 'final', description: 'No Phase 1 SA came of it; the failure says why.' },
  },
});
