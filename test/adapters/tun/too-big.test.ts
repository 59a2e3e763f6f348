/** What routers say of packets that are too long for them. */
import assert from 'node:assert/strict';
import { readTooBig } from '../../../adapters/tun/too-big.js';
import { concat, u16, u32, type Bytes } from '../../../services/bytes.js';
import { ipPacket } from '../../../adapters/kernel/embedded/ip-packet.js';

const US = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;
const PEER = { 4: '198.51.100.2', 6: '2001:db8:1::2' } as const;
const ROUTER = '203.0.113.9';
const ESP = concat(u32(0xabcd), u32(7), new Uint8Array(40));

/** The ICMP message as a raw socket gives it. */
function word(family: 4 | 6, protocol: number, payload: Bytes, mtu = 1400): Bytes {
  const quoted = ipPacket(US[family], PEER[family], protocol, payload);
  if (family === 6) return concat(Uint8Array.of(2, 0, 0, 0), u32(mtu), quoted);
  return ipPacket(ROUTER, US[4], 1, concat(Uint8Array.of(3, 4, 0, 0, 0, 0), u16(mtu), quoted));
}

describe('ICMP about packets that were too long', () => {
  for (const family of [4, 6] as const) {
    it(`names SA, packet and length: ESP, ESP in UDP and AH over IPv${String(family)}`, () => {
      const found = { remote: PEER[family], protocol: 50, spi: 0xabcd, sequence: 7, mtu: 1400 } as const;
      assert.deepEqual(readTooBig(family, word(family, 50, ESP)), found);
      const udp = concat(u16(4500), u16(4500), u16(56), u16(0), ESP);
      assert.deepEqual(readTooBig(family, word(family, 17, udp)), found);
      const ah = concat(Uint8Array.of(6, 4, 0, 0), ESP);
      assert.deepEqual(readTooBig(family, word(family, 51, ah)), { ...found, protocol: 51 });
    });
  }

  it('may quote 8 bytes of the packet, which have no number in AH', () => {
    assert.equal(readTooBig(4, word(4, 50, ESP.subarray(0, 8)))?.sequence, 7);
    const ah = concat(Uint8Array.of(6, 4, 0, 0), u32(0xabcd));
    const found = { remote: PEER[4], protocol: 51, spi: 0xabcd, sequence: undefined, mtu: 1400 };
    assert.deepEqual(readTooBig(4, word(4, 51, ah)), found);
  });

  it('of other kinds, other packets and without a length says nothing', () => {
    const other = word(4, 50, ESP);
    other[21] = 3; // port unreachable
    assert.equal(readTooBig(4, other), undefined);
    assert.equal(readTooBig(4, word(4, 6, ESP)), undefined);
    assert.equal(readTooBig(4, word(4, 50, ESP, 0)), undefined);
    assert.equal(readTooBig(4, word(4, 17, new Uint8Array(8))), undefined);
  });

  it('that is cut anywhere is read as far as it goes, or not at all', () => {
    for (const family of [4, 6] as const) {
      const whole = word(family, 50, ESP);
      for (let length = 0; length < whole.length; length++) {
        const read = readTooBig(family, whole.subarray(0, length));
        assert.ok(read === undefined || read.spi === 0xabcd, String(length));
      }
    }
  });
});
