import assert from 'node:assert/strict';
import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { X509Signature } from '../../../services/ports/public-key.js';

describe('signatures of certificates', () => {
  const crypto = new NodeCrypto(new KeyStore(), new NodeRandom(), { workers: false });
  const pairs = {
    rsa: generateKeyPairSync('rsa', { modulusLength: 1024 }),
    dsa: generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }),
    ecdsa: generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  };
  const signed = new TextEncoder().encode('to be signed');
  const spki = (key: KeyObject): Uint8Array => Uint8Array.from(key.export({ type: 'spki', format: 'der' }));
  const cases: readonly X509Signature[] = [
    { algorithm: 'rsa', hash: 'md5' },
    { algorithm: 'rsa', hash: 'sha1' },
    { algorithm: 'rsa', hash: 'sha224' },
    { algorithm: 'rsa', hash: 'sha256' },
    { algorithm: 'rsa', hash: 'sha384' },
    { algorithm: 'rsa', hash: 'sha512' },
    { algorithm: 'dsa', hash: 'sha1' },
    { algorithm: 'dsa', hash: 'sha256' },
    { algorithm: 'ecdsa', hash: 'sha256' },
  ];

  for (const how of cases) {
    it(`${how.algorithm} with ${how.hash}`, () => {
      const { privateKey, publicKey } = pairs[how.algorithm];
      const key = spki(publicKey);
      const signature = Uint8Array.from(sign(how.hash, signed, privateKey));
      assert.ok(crypto.verifySigned(key, how, signed, signature));
      assert.ok(!crypto.verifySigned(key, how, signed.subarray(1), signature));
      assert.ok(!crypto.verifySigned(key, how, signed, signature.subarray(1)));
      assert.ok(!crypto.verifySigned(key, how, signed, new Uint8Array(0)));
      const otherHash = how.hash === 'sha256' ? 'sha1' : 'sha256';
      assert.ok(!crypto.verifySigned(key, { ...how, hash: otherHash }, signed, signature));
      const otherKind = how.algorithm === 'rsa' ? 'dsa' : 'rsa';
      assert.ok(!crypto.verifySigned(key, { ...how, algorithm: otherKind }, signed, signature));
      assert.ok(!crypto.verifySigned(spki(pairs[otherKind].publicKey), how, signed, signature));
      assert.ok(!crypto.verifySigned(key.subarray(1), how, signed, signature));
    });
  }
});
