import assert from 'node:assert/strict';
import { createPrivateKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import fc from 'fast-check';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { concat, hex } from '../../../services/bytes.js';
import type { StoredKey } from '../../../services/ports/public-key.js';
import { GivenRandom } from './given-random.js';
import { bytesOf, modPower, numberOf } from './modular.js';

interface RsaKey {
  readonly key: StoredKey;
  readonly spki: Uint8Array;
  readonly n: bigint;
  readonly e: bigint;
  readonly d: bigint;
  /** Bytes of the modulus. */
  readonly length: number;
}

function part(text: string | undefined): bigint {
  return numberOf(Buffer.from(text ?? '', 'base64url'));
}

function rsaKey(keys: KeyStore, bits: number): RsaKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: bits,
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  const { n, e, d }: JsonWebKey = createPrivateKey({
    key: privateKey,
    type: 'pkcs8',
    format: 'der',
  }).export({ format: 'jwk' });
  return {
    key: { handle: keys.put(privateKey), algorithm: 'rsa', bits },
    spki: Uint8Array.from(publicKey),
    n: part(n),
    e: part(e),
    d: part(d),
    length: Math.ceil(bits / 8),
  };
}

describe('RSA', () => {
  const keys = new KeyStore();
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });
  const own = rsaKey(keys, 1024);
  const odd = rsaKey(keys, 1025);
  const other = rsaKey(keys, 1024);
  const hash = crypto.hash('sha256', Uint8Array.of(1));

  /** 00 01 FF.. 00 HASH, raised to d by hand. */
  const forged = (key: RsaKey, block: Uint8Array): Uint8Array =>
    bytesOf(modPower(numberOf(block), key.d, key.n), key.length);
  const typeOne = (length: number, content: Uint8Array): Uint8Array =>
    concat(
      Uint8Array.of(0, 1),
      new Uint8Array(length - 3 - content.length).fill(0xff),
      Uint8Array.of(0),
      content,
    );

  describe('signatures', () => {
    for (const key of [own, odd]) {
      it(`of ${String(key.key.bits)} bits hold the hash in a type 1 block without DigestInfo`, async () => {
        const signature = await crypto.signRsa(key.key, hash);
        assert.equal(signature.length, key.length);
        const opened = bytesOf(modPower(numberOf(signature), key.e, key.n), key.length);
        assert.equal(hex(opened), hex(typeOne(key.length, hash)));
        assert.ok(crypto.verifyRsa(key.spki, hash, signature));
      });
    }

    it('made by arithmetic are taken', () => {
      assert.ok(crypto.verifyRsa(own.spki, hash, forged(own, typeOne(own.length, hash))));
    });

    it('of another hash, another key or another form are not', async () => {
      const signature = await crypto.signRsa(own.key, hash);
      assert.ok(!crypto.verifyRsa(own.spki, crypto.hash('sha256', Uint8Array.of(2)), signature));
      assert.ok(!crypto.verifyRsa(other.spki, hash, signature));
      const digestInfo = Buffer.from('3031300d060960864801650304020105000420', 'hex');
      const wrongBlocks = [
        typeOne(own.length, concat(digestInfo, hash)),
        typeOne(own.length, hash.subarray(1)),
        concat(Uint8Array.of(0, 2), typeOne(own.length, hash).subarray(2)),
        // Padding that ends early and leaves bytes behind the hash (Bleichenbacher 2006).
        concat(Uint8Array.of(0, 1), new Uint8Array(8).fill(255), Uint8Array.of(0), hash, new Uint8Array(85)),
      ];
      for (const block of wrongBlocks) {
        assert.equal(block.length, own.length);
        assert.ok(!crypto.verifyRsa(own.spki, hash, forged(own, block)), hex(block));
      }
    });

    it('of the wrong length, beyond the modulus or by no RSA key are wrong, and nothing throws', async () => {
      const signature = await crypto.signRsa(own.key, hash);
      const wrong = [
        new Uint8Array(0),
        signature.subarray(1),
        concat(signature, Uint8Array.of(0)),
        concat(Uint8Array.of(0), signature),
        bytesOf(numberOf(signature) + own.n, own.length + 1),
        new Uint8Array(own.length).fill(255),
        new Uint8Array(own.length),
      ];
      for (const value of wrong) assert.ok(!crypto.verifyRsa(own.spki, hash, value), hex(value));
      const curve = generateKeyPairSync('ec', {
        namedCurve: 'prime256v1',
        publicKeyEncoding: { type: 'spki', format: 'der' },
        privateKeyEncoding: { type: 'pkcs8', format: 'der' },
      });
      for (const spki of [curve.publicKey, new Uint8Array(0), own.spki.subarray(1), new Uint8Array(9000)]) {
        assert.ok(!crypto.verifyRsa(spki, hash, signature));
        assert.equal(crypto.encryptRsa(spki, hash), undefined);
      }
    });

    it('are refused, with the reason, for a key that is too short, of another kind, or erased', async () => {
      const short = rsaKey(keys, 512);
      const long = crypto.hash('sha512', Uint8Array.of(1));
      await assert.rejects(crypto.signRsa(short.key, long), /512 bits is too short to sign 64 bytes\./);
      await assert.rejects(
        crypto.signDss({ ...own.key, algorithm: 'dsa' }, keys.put(hash)),
        /should be DSA is rsa\./,
      );
      const rubbish = keys.put(new TextEncoder().encode('not a key, but a secret'));
      await assert.rejects(crypto.signRsa({ ...own.key, handle: rubbish }, hash), {
        message: 'A private key in the key store is not PKCS #8.',
      });
      const gone = rsaKey(keys, 512);
      await crypto.signRsa(gone.key, hash);
      crypto.erase(gone.key.handle);
      await assert.rejects(crypto.signRsa(gone.key, hash), /was erased\./);
    });
  });

  describe('encryption', () => {
    for (const key of [own, odd]) {
      it(`of ${String(key.key.bits)} bits takes any length that fits, and no more`, async () => {
        const most = key.length - 11;
        await fc.assert(
          fc.asyncProperty(fc.uint8Array({ maxLength: most }), async (plaintext) => {
            const ciphertext = crypto.encryptRsa(key.spki, plaintext);
            assert.ok(ciphertext);
            assert.equal(ciphertext.length, key.length);
            assert.equal(hex(await crypto.decryptRsa(key.key, ciphertext, 20)), hex(plaintext));
          }),
          { numRuns: 40 },
        );
        assert.ok(crypto.encryptRsa(key.spki, new Uint8Array(most)));
        assert.equal(crypto.encryptRsa(key.spki, new Uint8Array(most + 1)), undefined);
      });
    }

    it('makes a type 2 block, every time another one', () => {
      const plaintext = Uint8Array.of(0, 1, 2);
      const blocks = [1, 2].map(() => {
        const ciphertext = crypto.encryptRsa(own.spki, plaintext) ?? new Uint8Array(0);
        return bytesOf(modPower(numberOf(ciphertext), own.d, own.n), own.length);
      });
      for (const block of blocks) {
        assert.match(hex(block), /^0002(?:(?!00)..)+00000102$/);
      }
      assert.notDeepEqual(blocks[0], blocks[1]);
    });
  });

  describe('decryption', () => {
    const encrypted = (block: Uint8Array): Uint8Array =>
      bytesOf(modPower(numberOf(block), own.e, own.n), own.length);
    const good = concat(
      Uint8Array.of(0, 2),
      new Uint8Array(own.length - 6).fill(7),
      Uint8Array.of(0),
      Uint8Array.of(65, 66, 67),
    );
    const changed = (...changes: readonly (readonly [number, number])[]): Uint8Array => {
      const block = Uint8Array.from(good);
      for (const [at, byte] of changes) block[at] = byte;
      return block;
    };

    it('takes what arithmetic made', async () => {
      assert.equal(hex(await crypto.decryptRsa(own.key, encrypted(good), 16)), '414243');
      const least = changed([10, 0]);
      assert.equal((await crypto.decryptRsa(own.key, encrypted(least), 16)).length, own.length - 11);
      const empty = changed(
        [own.length - 4, 7],
        [own.length - 3, 7],
        [own.length - 2, 7],
        [own.length - 1, 0],
      );
      assert.equal((await crypto.decryptRsa(own.key, encrypted(empty), 16)).length, 0);
    });

    const faults: readonly (readonly [string, Uint8Array])[] = [
      ['a first byte that is not zero', encrypted(changed([0, 1]))],
      ['block type 1', encrypted(changed([1, 1]))],
      ['block type 3', encrypted(changed([1, 3]))],
      ['block type 0', encrypted(changed([1, 0]))],
      ...[2, 3, 8, 9].map((at): readonly [string, Uint8Array] => [
        `a zero at byte ${String(at)}`,
        encrypted(changed([at, 0])),
      ]),
      ['no separator', encrypted(changed([own.length - 4, 7]))],
      ['zero', new Uint8Array(own.length)],
      ['one', bytesOf(1n, own.length)],
      ['the modulus', bytesOf(own.n, own.length)],
      ['the modulus and a bit', bytesOf(own.n + 5n, own.length)],
      ['all ones', new Uint8Array(own.length).fill(255)],
      ['a ciphertext too short', encrypted(good).subarray(1)],
      ['a ciphertext too long', concat(Uint8Array.of(0), encrypted(good))],
      ['no ciphertext', new Uint8Array(0)],
      ['a huge ciphertext', new Uint8Array(70_000).fill(1)],
    ];

    for (const [name, ciphertext] of faults) {
      it(`of ${name} gives random bytes of the length asked`, async () => {
        for (const length of [8, 20, 256]) {
          const laid = new Uint8Array(length).fill(0xa5);
          const given = new NodeCrypto(keys, new GivenRandom(laid), { workers: false });
          assert.deepEqual(await given.decryptRsa(own.key, ciphertext, length), laid);
        }
      });
    }

    it('draws as many random bytes whether there is a fault or none', async () => {
      const drawn: number[][] = [];
      for (const ciphertext of [encrypted(good), ...faults.map(([, fault]) => fault)]) {
        const lengths: number[] = [];
        const counting = {
          bytes: (length: number) => {
            lengths.push(length);
            return new Uint8Array(length).fill(1);
          },
        };
        await new NodeCrypto(keys, counting, { workers: false }).decryptRsa(own.key, ciphertext, 20);
        drawn.push(lengths);
      }
      for (const lengths of drawn) assert.deepEqual(lengths, drawn[0]);
    });

    it('of random ciphertexts never throws', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 120, maxLength: 136 }), async (ciphertext) => {
          const padded = concat(ciphertext, new Uint8Array(Math.max(0, own.length - ciphertext.length)));
          for (const value of [ciphertext, padded.subarray(0, own.length)]) {
            assert.equal((await crypto.decryptRsa(own.key, value, 20)).length, 20);
          }
        }),
        { numRuns: 30 },
      );
    });
  });
});
