/** What is written into bytes of a known number. */
import assert from 'node:assert/strict';
import { Writer } from '../../../services/isakmp/writer.js';

describe('the writer', () => {
  it('writes numbers big-endian, cuts higher bits and fills holes', () => {
    const writer = new Writer(11);
    writer.number(0x1_2345_6789, 4);
    const hole = writer.hole(2);
    writer.number(-1, 1);
    writer.skip(3);
    writer.number(0xabc, 1);
    writer.fill(hole, 0xffff_0102);
    assert.deepEqual(writer.take(), Uint8Array.of(0x23, 0x45, 0x67, 0x89, 1, 2, 0xff, 0, 0, 0, 0xbc));
  });

  it('gives nothing away of which fewer bytes were written than announced', () => {
    const writer = new Writer(3);
    writer.number(1, 2);
    assert.throws(() => writer.take(), /2 bytes were written where 3 were announced/);
  });

  it('does not write beyond what was announced', () => {
    const writer = new Writer(1);
    assert.throws(() => {
      writer.bytes(Uint8Array.of(1, 2));
    }, RangeError);
  });
});
