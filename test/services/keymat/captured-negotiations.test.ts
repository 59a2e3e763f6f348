import assert from 'node:assert/strict';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { fromHex, hex } from '../../../services/bytes.js';
import { lastBlock, phase1Iv, phase2Iv } from '../../../services/keymat/initialization-vectors.js';
import { ipsecKeys } from '../../../services/keymat/keymat.js';
import type { Phase1Keys } from '../../../services/keymat/phase1-keys.js';
import { presharedPhase1Keys } from '../../../services/keymat/phase1-keys.js';
import {
  informationalHash,
  initiatorProof,
  quickModeHash1,
  quickModeHash2,
  quickModeHash3,
  responderProof,
} from '../../../services/keymat/proofs.js';
import type { KeyHandle } from '../../../services/ports/keys.js';
import type { CapturedMessage, WirePayload } from './captured-negotiation.js';
import { capturedNegotiations, headerOf, payloadsOf } from './captured-negotiation.js';

const SA = 1;
const KEY_EXCHANGE = 4;
const IDENTIFICATION = 5;
const HASH = 8;
const PHASE1 = new Set(['main-mode', 'aggressive-mode']);

/** The payloads of a message, decrypted where it was encrypted. */
function payloadsIn(message: CapturedMessage): readonly WirePayload[] {
  const { firstPayload, rest } = headerOf(message);
  return payloadsOf(firstPayload, message.plaintext === undefined ? rest : fromHex(message.plaintext));
}

function bodyOf(
  type: number,
  from: CapturedMessage['from'],
  messages: readonly CapturedMessage[],
): Uint8Array {
  const payloads = messages.filter((message) => message.from === from).flatMap(payloadsIn);
  const found = payloads.find((payload) => payload.type === type);
  assert.ok(found, `payload ${String(type)} from the ${from}`);
  return found.body;
}

describe('captured negotiations of strongSwan', () => {
  const keys = new KeyStore();
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });
  const textOf = (handle: KeyHandle | undefined): string =>
    handle === undefined ? '' : hex(keys.bytes(handle));

  it('are there', () => {
    assert.ok(capturedNegotiations().length >= 5);
  });

  for (const [name, { preSharedKey, phase1, quickModes, messages }] of capturedNegotiations()) {
    const { hash, cipher } = phase1;
    const inPhase1 = messages.filter((message) => PHASE1.has(message.exchange));
    const encrypted = messages.filter((message) => message.plaintext !== undefined);
    const initiatorPublic = bodyOf(KEY_EXCHANGE, 'initiator', inPhase1);
    const responderPublic = bodyOf(KEY_EXCHANGE, 'responder', inPhase1);

    describe(name, () => {
      let derived: Phase1Keys;

      before(() => {
        const answer = inPhase1.find((message) => message.from === 'responder');
        assert.ok(answer);
        const { initiatorCookie, responderCookie } = headerOf(answer);
        derived = presharedPhase1Keys(crypto, keys.put(new TextEncoder().encode(preSharedKey)), {
          hash,
          cipher,
          keyBits: 4 * phase1.encryptionKey.length,
          initiatorNonce: fromHex(phase1.nonces.initiator),
          responderNonce: fromHex(phase1.nonces.responder),
          sharedSecret: keys.put(fromHex(phase1.sharedSecret)),
          initiatorCookie,
          responderCookie,
        });
      });

      it('Phase 1 keys', () => {
        assert.equal(textOf(derived.skeyid), phase1.skeyid);
        assert.equal(textOf(derived.skeyidD), phase1.skeyidD);
        assert.equal(textOf(derived.skeyidA), phase1.skeyidA);
        assert.equal(textOf(derived.skeyidE), phase1.skeyidE);
        assert.equal(textOf(derived.encryptionKey), phase1.encryptionKey);
      });

      it('every message decrypts under the IV of its exchange, and encrypts to the same bytes', () => {
        const chains = new Map<number, Uint8Array>([
          [0, phase1Iv(crypto, hash, cipher, initiatorPublic, responderPublic)],
        ]);
        let lastOfPhase1: Uint8Array | undefined;
        for (const message of encrypted) {
          const { messageId, rest } = headerOf(message);
          if (messageId === 0) lastOfPhase1 = lastBlock(cipher, rest);
          assert.ok(lastOfPhase1);
          const iv = chains.get(messageId) ?? phase2Iv(crypto, hash, cipher, lastOfPhase1, messageId);
          assert.equal(hex(iv), message.iv);
          const plaintext = crypto.decrypt(cipher, derived.encryptionKey, iv, rest);
          assert.equal(hex(plaintext), message.plaintext);
          assert.deepEqual(crypto.encrypt(cipher, derived.encryptionKey, iv, plaintext), rest);
          chains.set(messageId, lastBlock(cipher, rest));
        }
      });

      it('the proofs of Phase 1', () => {
        const answer = inPhase1.find((message) => message.from === 'responder');
        assert.ok(answer);
        const { initiatorCookie, responderCookie } = headerOf(answer);
        const saBody = bodyOf(SA, 'initiator', inPhase1);
        const publicInputs = { initiatorPublic, responderPublic, initiatorCookie, responderCookie, saBody };
        const input = { hash, skeyid: derived.skeyid, ...publicInputs };
        for (const [side, proof] of [
          ['initiator', initiatorProof],
          ['responder', responderProof],
        ] as const) {
          const idBody = bodyOf(IDENTIFICATION, side, inPhase1);
          assert.equal(hex(proof(crypto, { ...input, idBody })), hex(bodyOf(HASH, side, inPhase1)));
        }
      });

      it('the hashes of Quick Mode and Informational', () => {
        const { skeyidA } = derived;
        const checked = new Set<string>();
        for (const message of encrypted.filter(({ exchange }) => !PHASE1.has(exchange))) {
          const { messageId } = headerOf(message);
          const [first, ...others] = payloadsIn(message);
          assert.ok(first?.type === HASH);
          const rest = fromHex(message.plaintext ?? '').slice(first.end, others.at(-1)?.end ?? first.end);
          const input = { hash, skeyidA, messageId, rest };
          const quickMode = quickModes.find((one) => parseInt(one.messageId, 16) === messageId);
          const initiatorNonce = fromHex(quickMode?.nonces.initiator ?? '');
          const responderNonce = fromHex(quickMode?.nonces.responder ?? '');
          const kind = `${message.exchange} ${String(message.number)}`;
          checked.add(kind);
          const own =
            message.exchange === 'informational'
              ? informationalHash(crypto, input)
              : message.number === 1
                ? quickModeHash1(crypto, input)
                : message.number === 2
                  ? quickModeHash2(crypto, { ...input, initiatorNonce })
                  : quickModeHash3(crypto, { ...input, initiatorNonce, responderNonce });
          assert.equal(hex(own), hex(first.body), kind);
        }
        if (quickModes.length > 0) assert.ok(checked.has('quick-mode 3'));
      });

      it('the keys of every IPsec SA', () => {
        for (const quickMode of quickModes) {
          const secret = quickMode.sharedSecret;
          const sharedSecret = secret === undefined ? undefined : keys.put(fromHex(secret));
          for (const side of ['initiator', 'responder'] as const) {
            const expected = quickMode.keys[side];
            const { encryption, integrity } = ipsecKeys(crypto, {
              hash,
              skeyidD: derived.skeyidD,
              sharedSecret,
              protocol: quickMode.protocol,
              spi: fromHex(quickMode.spis[side]),
              initiatorNonce: fromHex(quickMode.nonces.initiator),
              responderNonce: fromHex(quickMode.nonces.responder),
              encryptionLength: expected.encryption.length / 2,
              integrityLength: expected.integrity.length / 2,
            });
            assert.equal(textOf(encryption), expected.encryption);
            assert.equal(textOf(integrity), expected.integrity);
          }
        }
      });
    });
  }
});
