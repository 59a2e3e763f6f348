import assert from 'node:assert/strict';
import { createHash, createHmac } from 'node:crypto';
import fc from 'fast-check';
import { Digests } from '../../../adapters/crypto/digests.js';
import { SecretScratch } from '../../../adapters/crypto/secret-scratch.js';
import { KeyStore } from '../../../daemon/key-store.js';
import type { HashAlgorithm } from '../../../services/algorithms.js';
import { concat, hex } from '../../../services/bytes.js';

const ALGORITHMS: readonly HashAlgorithm[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

describe('digests', () => {
  const keys = new KeyStore();
  const digests = new Digests(keys);

  it('are what OpenSSL makes of the same parts, whatever their number and length and that of the key', () => {
    // Around a block of each hash, and around what is joined at most.
    const length = fc.oneof(fc.nat({ max: 140 }), fc.integer({ min: 3900, max: 4200 }));
    const bytes = length.chain((exact) => fc.uint8Array({ minLength: exact, maxLength: exact }));
    fc.assert(
      fc.property(
        fc.constantFrom(...ALGORITHMS),
        bytes,
        fc.array(bytes, { maxLength: 7 }),
        (algorithm, key, parts) => {
          const whole = concat(...parts);
          const hmac = createHmac(algorithm, key).update(whole).digest('hex');
          const handle = keys.put(key);
          assert.equal(hex(digests.mac(algorithm, handle, parts)), hmac);
          assert.equal(hex(digests.prf(algorithm, handle, parts)), hmac);
          assert.equal(hex(digests.prf(algorithm, key, parts)), hmac);
          keys.erase(handle);
          assert.equal(
            hex(digests.hash(algorithm, parts)),
            createHash(algorithm).update(whole).digest('hex'),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('are right again after a call that broke off in the middle of its parts', () => {
    const gone = keys.put(Uint8Array.of(1));
    keys.erase(gone);
    const bytes = Uint8Array.of(2);
    const key = keys.put(bytes);
    const data = Uint8Array.of(3);
    const calls = [
      () => digests.mac('sha1', key, [data, gone]),
      () => digests.prf('sha1', key, [data, gone]),
      () => digests.prf('sha1', bytes, [data, gone]),
      () => digests.hash('sha1', [data, gone]),
    ];
    for (const call of calls) {
      assert.throws(call, /it was erased/);
      const hmac = createHmac('sha1', bytes).update(data).digest('hex');
      assert.equal(hex(digests.mac('sha1', key, [data])), hmac);
      assert.equal(hex(digests.prf('sha1', key, [data])), hmac);
      assert.equal(
        hex(digests.hash('sha1', [key, data])),
        createHash('sha1').update(bytes).update(data).digest('hex'),
      );
    }
  });

  it('are memory of the caller, which the next call does not touch', () => {
    const key = Uint8Array.of(1);
    for (const made of [
      digests.mac('sha256', keys.put(key), [key]),
      digests.prf('sha256', key, [key]),
      digests.hash('sha256', [key]),
    ]) {
      const before = hex(made);
      digests.prf('sha512', made, [made, made]);
      assert.equal(hex(made), before);
    }
  });
});

describe('memory in which secrets are joined', () => {
  it('has no trace of them after it was wiped', () => {
    const keys = new KeyStore();
    const [scratch, other] = [new SecretScratch(64), new SecretScratch(64)];
    assert.ok(scratch.addKey(keys, keys.put(Uint8Array.of(0xf0, 0x0f))));
    scratch.mask(0x36, 4);
    other.setMasked(scratch, 0xff, 4);
    assert.ok(scratch.add(Uint8Array.of(1, 2, 3)));
    scratch.addText('\u0000\u0080\u00ff');
    const views = [scratch.view(), other.view()];
    assert.deepEqual(views.map(hex), ['c63936360102030080ff', '39c6c9c9']);
    scratch.wipe();
    other.wipe();
    assert.deepEqual(views.map(hex), ['00'.repeat(10), '00'.repeat(4)]);
    assert.equal(scratch.view().length, 0);
  });

  it('keeps a part, and has no trace of the rest', () => {
    const scratch = new SecretScratch(8);
    assert.ok(scratch.add(Uint8Array.of(1, 2, 3, 4, 5, 6, 7)));
    const whole = scratch.view();
    scratch.keep(2, 3);
    assert.equal(hex(scratch.view()), '030405');
    assert.equal(hex(whole), '03040500000000');
    scratch.wipe();
    assert.equal(hex(whole), '00'.repeat(7));
  });

  it('takes what there is room for, and nothing of what is longer', () => {
    const scratch = new SecretScratch(4);
    assert.ok(scratch.add(Uint8Array.of(1, 2, 3)));
    assert.ok(!scratch.add(Uint8Array.of(4, 5)));
    const keys = new KeyStore();
    assert.ok(!scratch.addKey(keys, keys.put(Uint8Array.of(4, 5))));
    assert.ok(scratch.add(Uint8Array.of(6)));
    assert.equal(hex(scratch.view()), '01020306');
  });
});
