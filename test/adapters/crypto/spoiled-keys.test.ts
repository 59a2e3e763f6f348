import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';

const signed = new TextEncoder().encode('signed by the peer');

const spki = (key: KeyObject): Uint8Array => Uint8Array.from(key.export({ type: 'spki', format: 'der' }));

describe('spoiled public keys and signatures', () => {
  const keys = new KeyStore();
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });
  const skeyid = keys.put(new Uint8Array(20));
  const pairs = {
    rsa: generateKeyPairSync('rsa', { modulusLength: 1024 }),
    dsa: generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }),
    ecdsa: generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
  };
  const spots = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), {
    minLength: 1,
    maxLength: 3,
  });
  const spoil = (bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array => {
    const spoiled = Uint8Array.from(bytes);
    for (const [at, difference] of changes) {
      const index = at % spoiled.length;
      spoiled[index] = (spoiled[index] ?? 0) ^ difference;
    }
    return spoiled;
  };

  for (const algorithm of ['rsa', 'dsa', 'ecdsa'] as const) {
    it(`of ${algorithm} make nothing throw`, () => {
      const { publicKey, privateKey } = pairs[algorithm];
      const how = { algorithm, hash: 'sha1' } as const;
      const key = spki(publicKey);
      const signature = Uint8Array.from(sign('sha1', signed, privateKey));
      assert.ok(crypto.verifySigned(key, how, signed, signature));
      const property = fc.property(spots, fc.boolean(), fc.boolean(), (changes, inKey, inSignature) => {
        const theirs = inKey ? spoil(key, changes) : key;
        const made = inSignature ? spoil(signature, changes) : signature;
        const verdicts = [
          crypto.verifySigned(theirs, how, signed, made),
          crypto.verifyRsa(theirs, signed, made),
          crypto.verifyDss(theirs, made, skeyid, signed),
        ];
        crypto.encryptRsa(theirs, signed);
        for (const verdict of verdicts) assert.equal(typeof verdict, 'boolean');
        if (inSignature && !inKey && Buffer.compare(made, signature) !== 0) assert.equal(verdicts[0], false);
      });
      fc.assert(property, { numRuns: 300 });
    });
  }
});
