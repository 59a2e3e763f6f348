import assert from 'node:assert/strict';
import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { addressBytes, addressKey, compareAddresses, parseAddress } from '../../../services/net/address.js';

const address = fc.oneof(fc.ipV4(), fc.ipV6()).map((text) => parseAddress(text) ?? '0.0.0.0');

describe('addresses', () => {
  it('have the bytes that the library reads in them', () => {
    fc.assert(
      fc.property(address, (one) => {
        assert.deepEqual([...addressBytes(one)], ipaddr.parse(one).toByteArray());
      }),
    );
  });

  it('sort by family, then by their bytes, and their keys sort as they do', () => {
    fc.assert(
      fc.property(address, address, (one, other) => {
        const [own, others] = [addressBytes(one), addressBytes(other)];
        const expected =
          own.length === others.length ? Buffer.compare(own, others) : own.length - others.length;
        assert.equal(Math.sign(compareAddresses(one, other)), Math.sign(expected));
        const [key, otherKey] = [addressKey(one), addressKey(other)];
        assert.equal(key < otherKey ? -1 : key > otherKey ? 1 : 0, Math.sign(expected));
      }),
    );
  });

  it('are refused by the library where they are no canonical text', () => {
    for (const text of ['1.2.3.y', '1.2.3.256', '1.2.3.4.5', '1..2.3', '.1.2.3', '1.2.3.', 'x'])
      assert.throws(() => addressBytes(text), text);
  });
});
