import assert from 'node:assert/strict';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { HashAlgorithm } from '../../../services/algorithms.js';
import { fromHex, hex } from '../../../services/bytes.js';
import { lastBlock, phase1Iv, phase2Iv } from '../../../services/keymat/initialization-vectors.js';
import { ANSWERS, INPUTS } from './known-answers.js';

const HASHES: readonly HashAlgorithm[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];
const { initiatorPublic, responderPublic, messageId } = INPUTS;

describe('IVs', () => {
  const crypto = new NodeCrypto(new KeyStore(), new NodeRandom(), { workers: false });

  for (const hash of HASHES) {
    const answers = ANSWERS[hash];

    it(`of Phase 1 are right with ${hash}, cut to the cipher's block`, () => {
      assert.equal(hex(phase1Iv(crypto, hash, 'aes', initiatorPublic, responderPublic)), answers.phase1Iv);
      assert.equal(
        hex(phase1Iv(crypto, hash, '3des', initiatorPublic, responderPublic)),
        answers.phase1Iv.slice(0, 16),
      );
    });

    it(`of Phase 2 are right with ${hash}, cut to the cipher's block`, () => {
      const last = fromHex(answers.phase1Iv);
      assert.equal(hex(phase2Iv(crypto, hash, 'aes', last, messageId)), answers.phase2Iv);
      assert.equal(hex(phase2Iv(crypto, hash, '3des', last, messageId)), answers.phase2Iv.slice(0, 16));
    });
  }

  it('go on from the last block, which is a copy', () => {
    const ciphertext = Uint8Array.from({ length: 48 }, (_, index) => index);
    const block = lastBlock('aes', ciphertext);
    assert.equal(hex(block), '202122232425262728292a2b2c2d2e2f');
    assert.equal(hex(lastBlock('3des', ciphertext)), '28292a2b2c2d2e2f');
    ciphertext.fill(0);
    assert.equal(block[0], 0x20);
    assert.equal(block.buffer.byteLength, 16);
  });
});
