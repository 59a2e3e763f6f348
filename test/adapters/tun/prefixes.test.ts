/** Ranges as the prefixes of routes. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { prefixesOf } from '../../../adapters/tun/prefixes.js';
import { addressFromBytes, prefixRange } from '../../../services/net/address.js';

describe('the prefixes of a range', () => {
  const rows: readonly (readonly [string, string, readonly string[]])[] = [
    ['10.1.2.0', '10.1.2.255', ['10.1.2.0/24']],
    ['10.1.2.3', '10.1.2.3', ['10.1.2.3/32']],
    ['10.0.0.1', '10.0.0.6', ['10.0.0.1/32', '10.0.0.2/31', '10.0.0.4/31', '10.0.0.6/32']],
    ['0.0.0.0', '255.255.255.255', ['0.0.0.0/0']],
    ['255.255.255.254', '255.255.255.255', ['255.255.255.254/31']],
    ['2001:db8::', '2001:db8:0:1:ffff:ffff:ffff:ffff', ['2001:db8::/63']],
    ['::', 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff', ['::/0']],
  ];
  for (const [begin, end, prefixes] of rows) {
    it(`${begin} to ${end}`, () => {
      assert.deepEqual(prefixesOf({ begin, end }), prefixes);
    });
  }

  it('touch each other, from the first address to the last', () => {
    const small = fc.integer({ min: 0, max: 0xffff });
    const address = (low: number): string =>
      addressFromBytes(Uint8Array.of(10, 9, low >>> 8, low & 0xff)) ?? '';
    fc.assert(
      fc.property(small, small, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        let next = low;
        for (const prefix of prefixesOf({ begin: address(low), end: address(high) })) {
          const [begin = '', length = ''] = prefix.split('/');
          assert.equal(begin, address(next));
          assert.equal(prefixRange(begin, Number(length)).begin, begin);
          next += 2 ** (32 - Number(length));
        }
        assert.equal(next, high + 1);
      }),
      { numRuns: 100 },
    );
  });
});
