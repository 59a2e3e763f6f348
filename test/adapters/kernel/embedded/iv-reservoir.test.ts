import assert from 'node:assert/strict';
import { IvReservoir } from '../../../../adapters/kernel/embedded/iv-reservoir.js';
import { hex } from '../../../../services/bytes.js';

describe('the reservoir of IVs', () => {
  it('gives out each byte of the generator once, and what it gave stays as it is', () => {
    let next = 0;
    const ivs = new IvReservoir({
      bytes: (length) => {
        const bytes = new Uint8Array(length);
        const view = new DataView(bytes.buffer);
        for (let at = 0; at + 8 <= length; at += 8) view.setBigUint64(at, BigInt(next++));
        return bytes;
      },
    });
    const taken = Array.from({ length: 3000 }, (_, index) => {
      const iv = ivs.take(index % 3 === 0 ? 8 : 16);
      return { iv, then: hex(iv) };
    });
    const units = taken.flatMap(({ then }) => then.match(/.{16}/g) ?? []);
    assert.equal(new Set(units).size, units.length);
    for (const { iv, then } of taken) assert.equal(hex(iv), then);
  });
});
