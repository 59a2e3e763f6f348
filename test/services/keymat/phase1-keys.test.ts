import assert from 'node:assert/strict';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { HashAlgorithm, Phase1Cipher } from '../../../services/algorithms.js';
import { fromHex, hex } from '../../../services/bytes.js';
import { presharedPhase1Keys } from '../../../services/keymat/phase1-keys.js';
import { ANSWERS, INPUTS } from './known-answers.js';

const HASHES: readonly HashAlgorithm[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];
const PARTS = ['skeyid', 'skeyidD', 'skeyidA', 'skeyidE', 'encryptionKey'] as const;

describe('Phase 1 keys', () => {
  const keys = new KeyStore();
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });

  function derive(hash: HashAlgorithm, cipher: Phase1Cipher, keyBits: number): Record<string, string> {
    const presharedKey = keys.put(INPUTS.presharedKey);
    const sharedSecret = keys.put(INPUTS.sharedSecret);
    const derived = presharedPhase1Keys(crypto, presharedKey, {
      hash,
      cipher,
      keyBits,
      initiatorNonce: INPUTS.initiatorNonce,
      responderNonce: INPUTS.responderNonce,
      sharedSecret,
      initiatorCookie: INPUTS.initiatorCookie,
      responderCookie: INPUTS.responderCookie,
    });
    assert.equal(keys.size, 7, 'two inputs, five results and nothing between');
    const seen: Record<string, string> = {};
    for (const name of PARTS) {
      seen[name] = hex(keys.bytes(derived[name]));
      keys.erase(derived[name]);
    }
    keys.erase(presharedKey, sharedSecret);
    return seen;
  }

  for (const hash of HASHES) {
    const { skeyid, skeyidD, skeyidA, skeyidE, ...ciphers } = ANSWERS[hash];
    const expected = { skeyid, skeyidD, skeyidA, skeyidE };

    it(`are right with ${hash} for every cipher`, () => {
      assert.deepEqual(derive(hash, '3des', 192), { ...expected, encryptionKey: ciphers.key3des });
      assert.deepEqual(derive(hash, 'aes', 128), { ...expected, encryptionKey: ciphers.keyAes128 });
      assert.deepEqual(derive(hash, 'aes', 192), { ...expected, encryptionKey: ciphers.keyAes192 });
      assert.deepEqual(derive(hash, 'aes', 256), { ...expected, encryptionKey: ciphers.keyAes256 });
    });
  }

  it('are those of the published SHA-1 case (NIST CAVP, IKEv1 with a pre-shared key)', () => {
    const derived = presharedPhase1Keys(crypto, keys.put(fromHex('75')), {
      hash: 'sha1',
      cipher: 'aes',
      keyBits: 128,
      initiatorNonce: fromHex('b9a2d0e922dc66dd'),
      responderNonce: fromHex('2130166863b5ddef'),
      sharedSecret: keys.put(fromHex('739003ba2c11c982946c65e26acf661fbf8ebb78011a9fead79efa12fe3e71cc')),
      initiatorCookie: fromHex('83d374c30b3b5082'),
      responderCookie: fromHex('5afc0da06c728029'),
    });
    assert.equal(hex(keys.bytes(derived.skeyid)), '62b04d112877e442fc3282fc37c076997718a0b9');
    assert.equal(hex(keys.bytes(derived.skeyidD)), '369e5aad1bdb5faf6a3d929d500cdc236710a9ab');
    assert.equal(hex(keys.bytes(derived.skeyidA)), '588e957d8d790d093b3a39f121473473af78e9bb');
    assert.equal(hex(keys.bytes(derived.skeyidE)), 'cd74b0c048219db81384d3fda8f6cda51e398a2b');
  });
});
