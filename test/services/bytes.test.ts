/** Byte strings of messages. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  fromHex,
  fromSixteenDigits,
  hex,
  hexOfEight,
  hexOfNumber,
  messageBytes,
  sameBytes,
  startsWith,
  u32,
} from '../../services/bytes.js';

describe('bytes of messages', () => {
  it('are zero when they are given, whatever was written into those before', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 3000 }), { maxLength: 60 }), (lengths) => {
        const given = lengths.map((length) => {
          const bytes = messageBytes(length);
          assert.equal(bytes.length, length);
          assert(bytes.every((byte) => byte === 0));
          return bytes.fill(0xff);
        });
        for (const [index, bytes] of given.entries()) bytes.fill(index & 0xff);
        for (const [index, bytes] of given.entries()) assert(bytes.every((byte) => byte === (index & 0xff)));
      }),
    );
  });

  it('have the same hex by eight as otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 40 }), fc.nat(), (bytes, at) => {
        const offset = at % (bytes.length - 7);
        const eight = bytes.subarray(offset, offset + 8);
        assert.equal(hexOfEight(bytes, offset), hex(eight));
        assert.deepEqual(fromSixteenDigits(hex(eight)), fromHex(hex(eight)));
        assert.deepEqual(fromSixteenDigits(hex(eight).toUpperCase()), fromHex(hex(eight)));
      }),
    );
  });

  it('are written from a number as they are from bytes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 32 - 1 }), (number) => {
        assert.equal(hexOfNumber(number), hex(u32(number)));
      }),
    );
  });

  it('are the same, or begin alike, when every one of them is', () => {
    const some = Uint8Array.of(1, 2, 3);
    assert(sameBytes(some, Uint8Array.of(1, 2, 3)));
    assert(sameBytes(new Uint8Array(0), new Uint8Array(0)));
    for (const other of [Uint8Array.of(1, 2), Uint8Array.of(0, 2, 3), Uint8Array.of(1, 2, 4)])
      assert(!sameBytes(some, other));
    assert(startsWith(some, Uint8Array.of(1, 2)));
    assert(startsWith(some, Uint8Array.of(1, 9, 9), 1));
    assert(!startsWith(some, Uint8Array.of(1, 3)));
    assert(!startsWith(some, Uint8Array.of(1, 2, 3, 4)));
  });
});
