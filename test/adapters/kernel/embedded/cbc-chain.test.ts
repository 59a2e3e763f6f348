/** One cipher object for many packets, against one for each. */
import assert from 'node:assert/strict';
import { createCipheriv, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { CbcChain } from '../../../../adapters/kernel/embedded/cbc-chain.js';
import { hex, type Bytes } from '../../../../services/bytes.js';

const KINDS = [
  { cipher: 'aes-cbc', keyLength: 16, block: 16, openssl: 'aes-128-cbc' },
  { cipher: 'aes-cbc', keyLength: 32, block: 16, openssl: 'aes-256-cbc' },
  { cipher: '3des', keyLength: 24, block: 8, openssl: 'des-ede3-cbc' },
] as const;

function sealedAlone(name: string, key: Bytes, iv: Bytes, plain: Bytes): Bytes {
  const cipher = createCipheriv(name, key, iv);
  cipher.setAutoPadding(false);
  return cipher.update(plain);
}

describe('a chain of CBC', () => {
  for (const { cipher, keyLength, block, openssl } of KINDS) {
    it(`seals and opens each packet as ${openssl} with that IV does, whatever went before`, () => {
      const key = randomBytes(keyLength);
      const sealing = new CbcChain('encrypt', cipher, key);
      const opening = new CbcChain('decrypt', cipher, key);
      const packet = fc.record({
        iv: fc.uint8Array({ minLength: block, maxLength: block }),
        blocks: fc.integer({ min: 1, max: 5 }),
      });
      fc.assert(
        fc.property(fc.array(packet, { maxLength: 8 }), (packets) => {
          for (const { iv, blocks } of packets) {
            const plain = new Uint8Array(randomBytes(blocks * block));
            const sealed = sealing.encrypt(iv, Uint8Array.from(plain));
            assert.equal(hex(sealed), hex(sealedAlone(openssl, key, iv, plain)));
            assert.equal(hex(opening.decrypt(iv, sealed)), hex(plain));
          }
        }),
        { numRuns: 50 },
      );
    });
  }

  it('opens what comes out of order', () => {
    const key = randomBytes(16);
    const sealing = new CbcChain('encrypt', 'aes-cbc', key);
    const packets = Array.from({ length: 6 }, () => {
      const [iv, plain] = [new Uint8Array(randomBytes(16)), new Uint8Array(randomBytes(48))];
      return { iv, plain, sealed: sealing.encrypt(iv, Uint8Array.from(plain)) };
    });
    const opening = new CbcChain('decrypt', 'aes-cbc', key);
    for (const { iv, plain, sealed } of packets.reverse())
      assert.equal(hex(opening.decrypt(iv, sealed)), hex(plain));
  });

  it('goes one way, and nowhere once it is closed', () => {
    const chain = new CbcChain('encrypt', 'aes-cbc', randomBytes(16));
    assert.throws(() => chain.decrypt(new Uint8Array(16), new Uint8Array(16)), /encrypts/);
    chain.close();
    assert.throws(() => chain.encrypt(new Uint8Array(16), new Uint8Array(16)));
  });
});
