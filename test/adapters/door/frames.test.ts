import assert from 'node:assert/strict';
import fc from 'fast-check';
import { frame, FrameReader } from '../../../adapters/door/frames.js';

describe('door frames', () => {
  it('begin with their length, little-endian', () => {
    assert.deepEqual([...frame(Uint8Array.of(9, 8))], [2, 0, 0, 0, 9, 8]);
  });

  it('come out whole however the stream was cut', () => {
    const bodies = fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 8 });
    fc.assert(
      fc.property(bodies, fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1 }), (messages, cuts) => {
        const stream = Buffer.concat(messages.map(frame));
        const reader = new FrameReader(50);
        const read: number[][] = [];
        for (let at = 0, turn = 0; at < stream.length; turn++) {
          const length = cuts[turn % cuts.length] ?? 1;
          reader.push(stream.subarray(at, at + length));
          at += length;
          for (let next = reader.next(); typeof next !== 'string'; next = reader.next()) read.push([...next]);
        }
        assert.deepEqual(
          read,
          messages.map((message) => [...message]),
        );
      }),
    );
  });

  it('are refused by their length alone', () => {
    const reader = new FrameReader(10);
    reader.push(Uint8Array.of(11, 0, 0, 0));
    assert.equal(reader.next(), 'too-long');
  });
});
