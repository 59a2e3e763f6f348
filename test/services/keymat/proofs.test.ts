import assert from 'node:assert/strict';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { HashAlgorithm } from '../../../services/algorithms.js';
import { fromHex, hex } from '../../../services/bytes.js';
import {
  informationalHash,
  initiatorProof,
  quickModeHash1,
  quickModeHash2,
  quickModeHash3,
  responderProof,
} from '../../../services/keymat/proofs.js';
import { ANSWERS, INPUTS } from './known-answers.js';

const HASHES: readonly HashAlgorithm[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

describe('proofs', () => {
  const keys = new KeyStore();
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });

  for (const hash of HASHES) {
    const answers = ANSWERS[hash];
    const { initiatorPublic, responderPublic, initiatorCookie, responderCookie, saBody, idBody } = INPUTS;
    const { initiatorNonce, responderNonce, messageId, rest } = INPUTS;

    it(`of Phase 1 are right with ${hash}`, () => {
      const skeyid = keys.put(fromHex(answers.skeyid));
      const publicInputs = { initiatorPublic, responderPublic, initiatorCookie, responderCookie };
      const input = { hash, skeyid, ...publicInputs, saBody, idBody };
      assert.equal(hex(initiatorProof(crypto, input)), answers.hashI);
      assert.equal(hex(responderProof(crypto, input)), answers.hashR);
    });

    it(`of Phase 2 are right with ${hash}`, () => {
      const skeyidA = keys.put(fromHex(answers.skeyidA));
      const input = { hash, skeyidA, messageId };
      assert.equal(hex(quickModeHash1(crypto, { ...input, rest })), answers.hash1);
      assert.equal(hex(quickModeHash2(crypto, { ...input, rest, initiatorNonce })), answers.hash2);
      assert.equal(hex(quickModeHash3(crypto, { ...input, initiatorNonce, responderNonce })), answers.hash3);
      assert.equal(hex(informationalHash(crypto, { ...input, rest })), answers.hash1);
    });
  }
});
