import assert from 'node:assert/strict';
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { derContent } from '../../../adapters/crypto/der.js';
import { NodeCrypto } from '../../../adapters/crypto/node-crypto.js';
import { NodeRandom } from '../../../adapters/random/node-random.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { concat, hex } from '../../../services/bytes.js';
import type { PrivateKey } from '../../../services/ports/public-key.js';
import { bytesOf, modInverse, modPower, numberOf } from './modular.js';

interface DsaKey {
  readonly key: PrivateKey;
  readonly spki: Uint8Array;
  readonly p: bigint;
  readonly q: bigint;
  readonly g: bigint;
  readonly x: bigint;
  readonly y: bigint;
  /** Bytes of q. */
  readonly order: number;
}

/** Every INTEGER of a DER value, in order, inside SEQUENCE, OCTET STRING and BIT STRING. */
function integers(der: Uint8Array): bigint[] {
  const found: bigint[] = [];
  for (let at = 0; at < der.length;) {
    const tag = der[at];
    const first = der[at + 1] ?? 0;
    const size = first < 0x80 ? 0 : first & 0x7f;
    const start = at + 2 + size;
    const end = start + (size === 0 ? first : Number(numberOf(der.subarray(at + 2, start))));
    const content = der.subarray(start, end);
    if (tag === 2) found.push(numberOf(content));
    if (tag === 0x30 || tag === 4) found.push(...integers(content));
    if (tag === 3) found.push(...integers(content.subarray(1)));
    at = end;
  }
  return found;
}

function dsaKey(keys: KeyStore, bits: number, orderBits: number): DsaKey {
  const { privateKey, publicKey } = generateKeyPairSync('dsa', {
    modulusLength: bits,
    divisorLength: orderBits,
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
    publicKeyEncoding: { type: 'spki', format: 'der' },
  });
  const [p = 0n, q = 0n, g = 0n, y = 0n] = integers(publicKey);
  const x = integers(privateKey).at(-1) ?? 0n;
  assert.equal(modPower(g, x, p), y);
  return {
    key: { handle: keys.put(privateKey), algorithm: 'dsa', bits },
    spki: Uint8Array.from(publicKey),
    p,
    q,
    g,
    x,
    y,
    order: orderBits / 8,
  };
}

describe('DSS', () => {
  const keys = new KeyStore();
  const crypto = new NodeCrypto(keys, new NodeRandom(), { workers: false });
  const small = dsaKey(keys, 1024, 160);
  const large = dsaKey(keys, 2048, 256);
  const parts = [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.of(4)];
  /** SKEYIDs as long as a digest of MD5, SHA-1 and SHA-512, and one that HMAC has to hash first. */
  const secrets = [16, 20, 64, 65].map((length) => new Uint8Array(length).fill(length));

  const digestOf = (secret: Uint8Array): bigint =>
    numberOf(
      createHmac('sha1', secret)
        .update(concat(...parts))
        .digest(),
    );

  for (const key of [small, large]) {
    const { p, q, g, x, y, order } = key;

    for (const secret of secrets) {
      it(`${String(key.key.bits)} bits signs the 20 bytes of HMAC-SHA1 under ${String(secret.length)} bytes`, async () => {
        const skeyid = keys.put(secret);
        const signature = await crypto.signDss(key.key, skeyid, ...parts);
        assert.equal(signature.length, 2 * order);
        const r = numberOf(signature.subarray(0, order));
        const s = numberOf(signature.subarray(order));
        assert.ok(r > 0n && r < q && s > 0n && s < q);
        const w = modInverse(s, q);
        const v = (modPower(g, (digestOf(secret) * w) % q, p) * modPower(y, (r * w) % q, p)) % p;
        assert.equal(v % q, r);
        assert.ok(crypto.verifyDss(key.spki, signature, skeyid, ...parts));
      });

      it(`${String(key.key.bits)} bits takes what arithmetic signed under ${String(secret.length)} bytes`, () => {
        const k = 0x1234_5678_9abc_def0n;
        const r = modPower(g, k, p) % q;
        const s = (modInverse(k, q) * (digestOf(secret) + x * r)) % q;
        const signature = concat(bytesOf(r, order), bytesOf(s, order));
        assert.ok(crypto.verifyDss(key.spki, signature, keys.put(secret), ...parts));
      });
    }
  }

  it('takes no signature of other bytes, another SKEYID, another key or another form, and nothing throws', async () => {
    const secret = new Uint8Array(20).fill(3);
    const skeyid = keys.put(secret);
    const signature = await crypto.signDss(small.key, skeyid, ...parts);
    assert.ok(crypto.verifyDss(small.spki, signature, skeyid, concat(...parts)));
    assert.ok(!crypto.verifyDss(small.spki, signature, skeyid, ...parts, Uint8Array.of(0)));
    assert.ok(!crypto.verifyDss(small.spki, signature, keys.put(new Uint8Array(20)), ...parts));
    assert.ok(!crypto.verifyDss(large.spki, signature, skeyid, ...parts));
    const r = signature.subarray(0, 20);
    const s = signature.subarray(20);
    const zero = new Uint8Array(20);
    const integer = (bytes: Uint8Array): Uint8Array => concat(Uint8Array.of(2, 21, 0), bytes);
    const wrong = [
      new Uint8Array(0),
      zero,
      concat(zero, zero),
      concat(zero, s),
      concat(r, zero),
      concat(bytesOf(small.q, 20), s),
      concat(s, r),
      signature.subarray(1),
      concat(signature, Uint8Array.of(0)),
      concat(Uint8Array.of(0x30, 46), integer(r), integer(s)),
      new Uint8Array(40).fill(255),
      new Uint8Array(70_000),
    ];
    for (const value of wrong) {
      assert.ok(!crypto.verifyDss(small.spki, value, skeyid, ...parts), hex(value.subarray(0, 64)));
    }
    for (const spki of [new Uint8Array(0), small.spki.subarray(1)]) {
      assert.ok(!crypto.verifyDss(spki, signature, skeyid, ...parts));
    }
  });

  it('a key whose public value is no INTEGER ends nothing but its own check: Node 20 asserts on such a key', async () => {
    const skeyid = keys.put(new Uint8Array(20));
    const signature = await crypto.signDss(small.key, skeyid, ...parts);
    const { start } = derContent(small.spki, 0);
    const bits = derContent(small.spki, derContent(small.spki, start).end).start + 1;
    const value = derContent(small.spki, bits).start;
    for (const difference of [0x01, 0x7f, 0xfa]) {
      const spoiled = Uint8Array.from(small.spki);
      spoiled[value - 1] = (spoiled[value - 1] ?? 0) ^ difference;
      assert.ok(!crypto.verifyDss(spoiled, signature, skeyid, ...parts));
      const how = { algorithm: 'dsa', hash: 'sha1' } as const;
      assert.ok(!crypto.verifySigned(spoiled, how, signature, signature));
    }
  });

  it('refuses to sign with a key of another kind', async () => {
    await assert.rejects(crypto.signRsa({ ...small.key, algorithm: 'rsa' }, new Uint8Array(20)), {
      message: 'A private key that should be RSA is dsa.',
    });
  });

  it('keeps no key of its own in the store', async () => {
    const skeyid = keys.put(new Uint8Array(20));
    const before = keys.size;
    const signature = await crypto.signDss(small.key, skeyid, ...parts);
    crypto.verifyDss(small.spki, signature, skeyid, ...parts);
    assert.equal(keys.size, before);
  });
});
