/** AH packets: what their ICV covers, and what it does not. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import {
  ahLength,
  authenticate,
  parseAh,
  verify,
  type AhSuite,
} from '../../../../adapters/kernel/embedded/ah.js';
import { concat, u16, u32, type Bytes } from '../../../../services/bytes.js';
import { ipPacket } from '../../../../adapters/kernel/embedded/ip-packet.js';

const SUITE: AhSuite = { integrity: 'hmac-sha1-96', key: new Uint8Array(20).fill(7) };
const ENDS = {
  4: { source: '192.0.2.1', destination: '198.51.100.2' },
  6: { source: '2001:db8::1', destination: '2001:db8:1::2' },
} as const;
const CONTENT = { payload: Uint8Array.from([1, 2, 3, 4, 5]), nextHeader: 17 };
const START = { 4: 20, 6: 40 } as const;

function made(family: 4 | 6, suite = SUITE): Bytes {
  return authenticate(suite, ENDS[family], { spi: 0x1234, sequence: 9 }, CONTENT);
}

function read(packet: Bytes, suite = SUITE): ReturnType<typeof verify> | undefined {
  const ah = parseAh(packet);
  return ah && verify(suite, ah);
}

describe('AH', () => {
  for (const family of [4, 6] as const) {
    it(`over IPv${String(family)} comes out as it went in, and says who, which SA and which packet`, () => {
      const packet = made(family);
      const ah = parseAh(packet);
      assert.ok(ah !== undefined);
      const { source, destination, spi, sequence, nextHeader } = ah;
      assert.deepEqual(
        { source, destination, spi, sequence, nextHeader },
        { ...ENDS[family], spi: 0x1234, sequence: 9, nextHeader: 17 },
      );
      assert.deepEqual(read(packet), { ok: true, value: CONTENT });
    });

    it(`over IPv${String(family)} bears what routers change, and nothing else`, () => {
      // RFC 4302 3.3.3.1.1.1: DSCP and ECN, flags and offset, TTL, checksum. 3.3.3.1.2.1: class, flow label, hop limit.
      const mutable = new Set(family === 4 ? [1, 6, 7, 8, 10, 11] : [0, 1, 2, 3, 7]);
      for (let at = 0; at < made(family).length; at++) {
        const packet = made(family);
        packet[at] = (packet[at] ?? 0) ^ 0x01;
        // An offset makes it another fragment; halves of the first byte are the version.
        if (family === 4 && (at === 6 || at === 7)) continue;
        const outcome = read(packet);
        if (mutable.has(at)) assert.deepEqual(outcome, { ok: true, value: CONTENT }, String(at));
        else assert.ok(outcome?.ok !== true, String(at));
      }
    });
  }

  it('has the ICV of RFC 4302 over IPv4: HMAC over the packet with zeros where routers write and where it stands', () => {
    const packet = made(4);
    const covered = Uint8Array.from(packet);
    for (const at of [1, 6, 7, 8, 10, 11]) covered[at] = 0;
    covered.fill(0, 32, 44);
    const icv = createHmac('sha1', SUITE.key).update(covered).digest().subarray(0, 12);
    assert.deepEqual(packet.subarray(32, 44), new Uint8Array(icv));
    assert.equal(packet[21], 4, 'payload length: 24 bytes in words, less 2');
  });

  it('is a multiple of 4 bytes long in IPv4, and of 8 in IPv6', () => {
    assert.equal(ahLength('hmac-sha1-96', 4), 24);
    assert.equal(ahLength('hmac-sha2-256-128', 4), 28);
    assert.equal(ahLength('hmac-sha2-256-128', 6), 32);
    assert.equal(ahLength('hmac-sha2-512-256', 6), 48);
  });

  it('may be padded to 8 bytes in IPv4, as Linux does', () => {
    const suite: AhSuite = { integrity: 'hmac-sha2-256-128', key: new Uint8Array(32).fill(3) };
    const { source, destination } = ENDS[4];
    const head = concat(Uint8Array.of(17, 32 / 4 - 2, 0, 0), u32(0x1234), u32(9), new Uint8Array(20));
    const packet = ipPacket(source, destination, 51, concat(head, CONTENT.payload));
    const covered = Uint8Array.from(packet);
    for (const at of [1, 6, 7, 8, 10, 11]) covered[at] = 0;
    packet.set(createHmac('sha256', suite.key).update(covered).digest().subarray(0, 16), 32);
    assert.deepEqual(read(packet, suite), { ok: true, value: CONTENT });
  });

  it('passes over options that routers write into, and covers those they do not', () => {
    const whole = made(4).subarray(START[4]);
    const withOptions = (options: Bytes): Bytes => {
      const plain = ipPacket(ENDS[4].source, ENDS[4].destination, 51, whole);
      const packet = concat(plain.subarray(0, 20), options, whole);
      packet[0] = 0x40 + (20 + options.length) / 4;
      packet.set(u16(packet.length), 2);
      const covered = Uint8Array.from(packet);
      for (const at of [1, 6, 7, 8, 10, 11]) covered[at] = 0;
      if (options[0] === 7) covered.fill(0, 20, 27);
      const icvAt = 20 + options.length + 12;
      covered.fill(0, icvAt, icvAt + 12);
      packet.set(createHmac('sha1', SUITE.key).update(covered).digest().subarray(0, 12), icvAt);
      return packet;
    };
    // Record route: a router adds its address.
    const recorded = withOptions(Uint8Array.of(7, 7, 4, 0, 0, 0, 0, 0));
    assert.equal(read(recorded)?.ok, true);
    recorded[23] = 10;
    assert.equal(read(recorded)?.ok, true);
    // Router alert is to arrive as it was sent.
    const alert = withOptions(Uint8Array.of(148, 4, 0, 0));
    assert.equal(read(alert)?.ok, true);
    alert[23] = 1;
    assert.deepEqual(read(alert), { ok: false, error: 'bad-icv' });
  });

  it('is refused where it is cut, a fragment, under another key, or none', () => {
    const packet = made(4);
    for (let length = 0; length < packet.length; length++)
      assert.equal(read(packet.subarray(0, length)), undefined, String(length));
    assert.deepEqual(read(packet, { ...SUITE, key: new Uint8Array(20).fill(8) }), {
      ok: false,
      error: 'bad-icv',
    });
    const short = made(4);
    short[21] = 2; // says 16 bytes: no room for the ICV
    assert.deepEqual(read(short), { ok: false, error: 'truncated-ah' });
    const fragment = made(4);
    fragment[6] = 0x20;
    assert.equal(parseAh(fragment), undefined);
    assert.equal(parseAh(ipPacket(ENDS[4].source, ENDS[4].destination, 50, packet)), undefined);
  });
});
