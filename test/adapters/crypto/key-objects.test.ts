import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { KeyObjects } from '../../../adapters/crypto/key-objects.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { PrivateKey } from '../../../services/ports/public-key.js';

function curveKey(): Uint8Array {
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return Uint8Array.from(publicKey.export({ type: 'spki', format: 'der' }));
}

describe('key objects', () => {
  const keys = new KeyStore();
  const body = generateKeyPairSync('rsa', { modulusLength: 512 }).privateKey.export({
    type: 'pkcs8',
    format: 'der',
  });

  it('read a private key once, and not again after its handle is erased', () => {
    const objects = new KeyObjects(keys);
    const key: PrivateKey = { handle: keys.put(body), algorithm: 'rsa', bits: 512 };
    assert.equal(objects.privateKey(key), objects.privateKey({ ...key }));
    const again: PrivateKey = { ...key, handle: keys.put(body) };
    assert.notEqual(objects.privateKey(again), objects.privateKey(key));
    keys.erase(key.handle);
    assert.throws(() => objects.privateKey(key), /was erased\./);
    assert.ok(objects.privateKey(again));
  });

  it('keep the public keys last used, and no more than so many', () => {
    const objects = new KeyObjects(keys);
    const [often, once] = [curveKey(), curveKey()];
    const first = objects.publicKey(often, 'ec');
    const single = objects.publicKey(once, 'ec');
    assert.ok(first);
    for (let count = 0; count < 300; count += 1) {
      assert.ok(objects.publicKey(curveKey(), 'ec'));
      assert.equal(objects.publicKey(Uint8Array.from(often), 'ec'), first);
    }
    assert.notEqual(objects.publicKey(once, 'ec'), single);
  });

  it('are none for what is no key, or a key of another kind', () => {
    const objects = new KeyObjects(keys);
    const key = curveKey();
    assert.equal(objects.publicKey(key, 'rsa'), undefined);
    assert.ok(objects.publicKey(key, 'ec'));
    assert.equal(objects.publicKey(key, 'dsa'), undefined);
    assert.equal(objects.publicKey(new Uint8Array(0), 'ec'), undefined);
    assert.equal(objects.publicKey(new Uint8Array(100_000), 'ec'), undefined);
  });
});
