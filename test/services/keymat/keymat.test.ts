import assert from 'node:assert/strict';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { HashAlgorithm } from '../../../services/algorithms.js';
import { fromHex, hex } from '../../../services/bytes.js';
import { ipsecKeys } from '../../../services/keymat/keymat.js';
import type { KeyHandle } from '../../../services/ports/keys.js';
import { ANSWERS, INPUTS } from './known-answers.js';

const HASHES: readonly HashAlgorithm[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];
const ESP = 3;
const AH = 2;

describe('keys of IPsec SAs', () => {
  const keys = new KeyStore();
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });

  /** Encryption and integrity key in hex, undefined where there is none; checks that nothing else stays in the store. */
  function derive(
    hash: HashAlgorithm,
    protocol: number,
    encryptionLength: number,
    integrityLength: number,
    pfsSecret?: Uint8Array,
  ): [string | undefined, string | undefined] {
    const before = keys.size;
    const skeyidD = keys.put(fromHex(ANSWERS[hash].skeyidD));
    const sharedSecret = pfsSecret === undefined ? undefined : keys.put(pfsSecret);
    const { encryption, integrity } = ipsecKeys(crypto, {
      hash,
      skeyidD,
      sharedSecret,
      protocol,
      spi: INPUTS.spi,
      initiatorNonce: INPUTS.initiatorNonce,
      responderNonce: INPUTS.responderNonce,
      encryptionLength,
      integrityLength,
    });
    const take = (handle: KeyHandle | undefined): string | undefined => {
      if (handle === undefined) return undefined;
      const text = hex(keys.bytes(handle));
      keys.erase(handle);
      return text;
    };
    const taken: [string | undefined, string | undefined] = [take(encryption), take(integrity)];
    keys.erase(skeyidD);
    if (sharedSecret !== undefined) keys.erase(sharedSecret);
    assert.equal(keys.size, before);
    return taken;
  }

  for (const hash of HASHES) {
    const { esp, espPfs, ah } = ANSWERS[hash];

    it(`are right with ${hash}: ESP, encryption key first`, () => {
      assert.deepEqual(derive(hash, ESP, 24, 20), [esp.slice(0, 48), esp.slice(48)]);
    });

    it(`are right with ${hash}: ESP with perfect forward secrecy`, () => {
      assert.deepEqual(derive(hash, ESP, 32, 64, INPUTS.pfsSecret), [espPfs.slice(0, 64), espPfs.slice(64)]);
    });

    it(`are right with ${hash}: AH`, () => {
      assert.deepEqual(derive(hash, AH, 0, 20), [undefined, ah]);
    });
  }

  it('are none where none is asked for', () => {
    assert.deepEqual(derive('sha1', ESP, 0, 0), [undefined, undefined]);
    const { esp } = ANSWERS.sha1;
    assert.deepEqual(derive('sha1', ESP, 24, 0), [esp.slice(0, 48), undefined]);
  });
});
