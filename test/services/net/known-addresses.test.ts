import assert from 'node:assert/strict';
import { addressBytes } from '../../../services/net/address.js';
import { addressText, knownBytes } from '../../../services/net/known-addresses.js';

describe('addresses that are remembered', () => {
  it('are the same again, of both families, also after very many others', () => {
    for (let round = 0; round < 2; round++) {
      for (const address of ['192.0.2.1', '255.255.255.255', '2001:db8::1', '::']) {
        assert.equal(addressText(addressBytes(address)), address);
        assert.deepEqual(knownBytes(address), addressBytes(address));
      }
      for (let n = 0; n < 3000; n++) {
        const text = addressText(Uint8Array.of(10, 0, n >>> 8, n & 0xff));
        assert.equal(text, `10.0.${String(n >>> 8)}.${String(n & 0xff)}`);
        knownBytes(text);
      }
    }
  });

  it('are no other lengths', () => {
    assert.throws(() => addressText(new Uint8Array(5)), /5 bytes are no address/);
  });
});
