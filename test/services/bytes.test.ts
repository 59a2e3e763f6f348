/** Byte strings of messages. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { hex, hexOfEight, messageBytes } from '../../services/bytes.js';

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
        assert.equal(hexOfEight(bytes, offset), hex(bytes.subarray(offset, offset + 8)));
      }),
    );
  });
});
