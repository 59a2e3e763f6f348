import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type AddressRange, inRange, prefixRange, single } from '../../../services/net/address.js';
import { EndsIndex, RangeIndex } from '../../../services/policy/range-index.js';

const v4 = fc.nat({ max: 300 }).map((number) => `10.0.${String(number >> 8)}.${String(number & 255)}`);
const v6 = fc.nat({ max: 300 }).map((number) => `2001:db8::${(number + 1).toString(16)}`);
const address = fc.oneof(v4, v6);

const range: fc.Arbitrary<AddressRange> = fc.oneof(
  address.map(single),
  v4.chain((begin) => fc.integer({ min: 16, max: 32 }).map((length) => prefixRange(begin, length))),
  v6.chain((begin) => fc.integer({ min: 112, max: 128 }).map((length) => prefixRange(begin, length))),
  fc.constant(prefixRange('0.0.0.0', 0)),
  fc.constant(prefixRange('::', 0)),
);
const ranges = fc.array(range, { maxLength: 3 });

describe('index of ranges', () => {
  it('finds what looking at each would find, in the same order', () => {
    fc.assert(
      fc.property(fc.array(ranges, { maxLength: 30 }), address, (items, looked) => {
        const expected = items.flatMap((own, item) =>
          own.some((one) => inRange(looked, one)) ? [item] : [],
        );
        assert.deepEqual(new RangeIndex(items).meeting(single(looked)), expected);
      }),
      { numRuns: 300 },
    );
  });

  it('finds the ranges that have an address in common with one', () => {
    fc.assert(
      fc.property(fc.array(ranges, { maxLength: 30 }), range, (items, looked) => {
        const expected = items.flatMap((own, item) =>
          own.some((one) => inRange(looked.begin, one) || inRange(one.begin, looked)) ? [item] : [],
        );
        assert.deepEqual(new RangeIndex(items).meeting(looked), expected);
      }),
      { numRuns: 300 },
    );
  });

  it('finds pairs of ends that cover both addresses, whichever end differs more', () => {
    const pairs = fc.array(fc.record({ local: ranges, remote: ranges }), { maxLength: 30 });
    fc.assert(
      fc.property(pairs, address, address, (items, local, remote) => {
        const index = new EndsIndex(
          items,
          (item) => item.local,
          (item) => item.remote,
        );
        const covers = (own: readonly AddressRange[], one: string): boolean =>
          own.some((candidate) => inRange(one, candidate));
        assert.deepEqual(
          index.covering(local, remote),
          items.filter((item) => covers(item.local, local) && covers(item.remote, remote)),
        );
      }),
      { numRuns: 300 },
    );
  });
});
