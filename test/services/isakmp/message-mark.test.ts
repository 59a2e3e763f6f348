import assert from 'node:assert/strict';
import fc from 'fast-check';
import { markOf } from '../../../services/isakmp/message-mark.js';

describe('the mark of a message', () => {
  it('is the same for the same bytes, wherever they stand', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        const elsewhere = new Uint8Array(bytes.length + 3);
        elsewhere.set(bytes, 3);
        assert.equal(markOf(elsewhere.subarray(3)), markOf(bytes));
      }),
    );
  });

  it('is an exact number, another one when one bit or the length is another', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 28, maxLength: 400 }), fc.nat(), (bytes, place) => {
        const mark = markOf(bytes);
        assert.ok(Number.isSafeInteger(mark));
        const bit = place % (bytes.length * 8);
        const flipped = bytes.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
        assert.notEqual(markOf(flipped), mark);
        assert.notEqual(markOf(bytes.subarray(1)), mark);
        assert.notEqual(markOf(Uint8Array.of(...bytes, 0)), mark);
      }),
    );
  });

  it('tells a hundred thousand messages apart that differ in their last number', () => {
    const message = new Uint8Array(204);
    const view = new DataView(message.buffer);
    const marks = new Set<number>();
    for (let n = 0; n < 100_000; n++) {
      view.setUint32(200, n);
      marks.add(markOf(message));
    }
    assert.equal(marks.size, 100_000);
  });
});
