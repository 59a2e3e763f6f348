import assert from 'node:assert/strict';
import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { CipherChains, type OpensslCipher } from '../../../adapters/crypto/cipher-chains.js';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { concat, hex } from '../../../services/bytes.js';

const KINDS: readonly { cipher: OpensslCipher; length: number; block: number; openssl: string }[] = [
  { cipher: 'aes', length: 16, block: 16, openssl: 'aes-128-cbc' },
  { cipher: 'aes', length: 24, block: 16, openssl: 'aes-192-cbc' },
  { cipher: 'aes', length: 32, block: 16, openssl: 'aes-256-cbc' },
  { cipher: '3des', length: 24, block: 8, openssl: 'des-ede3-cbc' },
  { cipher: 'des', length: 8, block: 8, openssl: 'des-ede3-cbc' },
];
type Kind = (typeof KINDS)[number];

function alone({ cipher, openssl }: Kind, key: Uint8Array, iv: Uint8Array, data: Uint8Array): string {
  const whole = cipher === 'des' ? concat(key, key, key) : key;
  const context = createCipheriv(openssl, whole, iv).setAutoPadding(false);
  return hex(concat(context.update(data), context.final()));
}

describe('ciphers that last', () => {
  const random = new NodeRandom();

  it('say what a new one says, whatever the order of messages, keys and directions', () => {
    const keys = new KeyStore();
    const chains = new CipherChains(keys);
    const held = [...KINDS, ...KINDS].map((kind) => {
      const key = random.bytes(kind.length);
      return { kind, key, handle: keys.put(key) };
    });
    const message = fc.record({
      which: fc.nat({ max: held.length - 1 }),
      blocks: fc.oneof(fc.nat({ max: 20 }), fc.constant(300)),
      forgets: fc.integer({ min: 0, max: 9 }).map((throwOf) => throwOf === 0),
    });
    fc.assert(
      fc.property(fc.array(message, { maxLength: 30 }), (messages) => {
        for (const { which, blocks, forgets } of messages) {
          const one = held[which];
          if (one === undefined) continue;
          const { kind, key, handle } = one;
          const [iv, data] = [random.bytes(kind.block), random.bytes(blocks * kind.block)];
          const before = hex(data);
          const sealed = chains.encrypt(kind.cipher, handle, iv, data);
          assert.equal(hex(sealed), alone(kind, key, iv, data));
          assert.equal(hex(chains.decrypt(kind.cipher, handle, iv, sealed)), before);
          assert.equal(hex(data), before, 'what was given is as it was');
          if (forgets) chains.forget(handle);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('serve more keys than are kept, in turn', () => {
    const keys = new KeyStore();
    const chains = new CipherChains(keys);
    const held = Array.from({ length: 150 }, () => {
      const key = random.bytes(16);
      return { key, handle: keys.put(key) };
    });
    const [aes] = KINDS;
    assert.ok(aes);
    for (let turn = 0; turn < 3; turn += 1) {
      for (const { key, handle } of held) {
        const [iv, data] = [random.bytes(16), random.bytes(32)];
        const sealed = chains.encrypt('aes', handle, iv, data);
        assert.equal(hex(sealed), alone(aes, key, iv, data));
        assert.equal(hex(chains.decrypt('aes', handle, iv, sealed)), hex(data));
      }
    }
    chains.forgetAll();
  });

  it('do nothing with a key that was erased, whoever erased it', () => {
    const keys = new KeyStore();
    const crypto = new NodeCrypto(keys, random, { workers: false });
    const [iv, data] = [new Uint8Array(16), new Uint8Array(16)];
    for (const erase of [keys.erase.bind(keys), crypto.erase.bind(crypto)]) {
      const key = keys.put(random.bytes(16));
      crypto.encrypt('aes', key, iv, data);
      crypto.decrypt('aes', key, iv, data);
      erase(key);
      assert.throws(() => crypto.encrypt('aes', key, iv, data), /it was erased/);
      assert.throws(() => crypto.decrypt('aes', key, iv, data), /it was erased/);
    }
  });

  it('refuse what is no IV or no whole blocks, and are right afterwards', () => {
    const keys = new KeyStore();
    const chains = new CipherChains(keys);
    const key = random.bytes(16);
    const handle = keys.put(key);
    const [iv, data] = [random.bytes(16), random.bytes(32)];
    const [aes] = KINDS;
    assert.ok(aes);
    const right = alone(aes, key, iv, data);
    for (const way of ['encrypt', 'decrypt'] as const) {
      assert.throws(() => chains[way]('aes', handle, iv.subarray(1), data), /IV of 15 bytes/);
      assert.throws(() => chains[way]('aes', handle, iv, data.subarray(1)), /31 bytes are no whole blocks/);
      assert.equal(hex(chains.encrypt('aes', handle, iv, data)), right);
    }
  });

  it('take a key for another cipher as that cipher does', () => {
    const keys = new KeyStore();
    const chains = new CipherChains(keys);
    const key = random.bytes(24);
    const handle = keys.put(key);
    for (const cipher of ['aes', '3des', 'aes'] as const) {
      const kind = KINDS.find((one) => one.cipher === cipher && one.length === 24);
      assert.ok(kind);
      const [iv, data] = [random.bytes(kind.block), random.bytes(48)];
      assert.equal(hex(chains.encrypt(cipher, handle, iv, data)), alone(kind, key, iv, data));
    }
  });
});
