import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { spkiOf } from '../../../adapters/crypto/token-key-form.js';
import { privateParts, publicParts } from '../../../services/certs/key-parts.js';

const pairs = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 1024 }),
  dsa: generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }),
  ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};
const spki = (kind: keyof typeof pairs): Uint8Array =>
  Uint8Array.from(pairs[kind].publicKey.export({ type: 'spki', format: 'der' }));
const pkcs8 = (kind: keyof typeof pairs): Uint8Array =>
  Uint8Array.from(pairs[kind].privateKey.export({ type: 'pkcs8', format: 'der' }));

describe('the numbers of keys', () => {
  for (const kind of ['rsa', 'dsa'] as const)
    it(`of ${kind} become the same SubjectPublicKeyInfo again`, () => {
      const parts = publicParts(spki(kind));
      assert.ok(parts !== undefined);
      assert.equal(parts.algorithm, kind);
      assert.deepEqual(spkiOf(parts), spki(kind));
    });

  it('of a private RSA key are those of its JWK, without signs', () => {
    const jwk = pairs.rsa.privateKey.export({ format: 'jwk' });
    const parts = privateParts(pkcs8('rsa'));
    assert.ok(parts?.algorithm === 'rsa');
    const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url');
    const { privateExponent, prime1, prime2, exponent1, exponent2, coefficient } = parts;
    assert.deepEqual([privateExponent, prime1, prime2, exponent1, exponent2, coefficient].map(text), [
      jwk.d,
      jwk.p,
      jwk.q,
      jwk.dp,
      jwk.dq,
      jwk.qi,
    ]);
  });

  it('of a private DSA key is below the order of its group', () => {
    const parts = privateParts(pkcs8('dsa'));
    assert.ok(parts?.algorithm === 'dsa' && parts.value.length > 0 && parts.value.length <= 20);
  });

  it('are none of other keys, or of what is cut off', () => {
    assert.equal(publicParts(spki('ec')), undefined);
    assert.equal(privateParts(pkcs8('ec')), undefined);
    for (const kind of ['rsa', 'dsa'] as const) {
      assert.equal(publicParts(spki(kind).subarray(0, -1)), undefined);
      assert.equal(privateParts(pkcs8(kind).subarray(0, -1)), undefined);
    }
  });
});
