import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ipPacket, parseIpPacket, udpPacket } from '../../../../adapters/kernel/embedded/ip-packet.js';
import { concat, fromHex, hex, u16, type Bytes } from '../../../../services/bytes.js';

const PAYLOAD = new TextEncoder().encode('hello');

/** IPv4 with the fragment field set; the rest as `udpPacket` makes it. */
function fragmented(packet: Bytes, field: number): Bytes {
  const changed = Uint8Array.from(packet);
  changed.set(u16(field), 6);
  return changed;
}

/** IPv6 from the documentation prefix with these bytes behind the fixed header. */
function ipv6(nextHeader: number, ...parts: readonly Bytes[]): Bytes {
  return ipPacket('2001:db8::1', '2001:db8::2', nextHeader, concat(...parts));
}

const PORTS = Uint8Array.of(0x13, 0x88, 0x00, 0x35, 0, 8, 0, 0);

describe('IP packets', () => {
  it('show addresses, protocol and ports, IPv4', () => {
    const packet = parseIpPacket(udpPacket('192.0.2.1', '192.0.2.2', 5000, 53, PAYLOAD));
    assert.ok(packet !== undefined);
    assert.equal(packet.source.address, '192.0.2.1');
    assert.equal(packet.destination.address, '192.0.2.2');
    assert.equal(packet.protocol, 17);
    assert.deepEqual(packet.ports, { source: 5000, destination: 53 });
    assert.equal(packet.fragment, 'whole');
    assert.equal(packet.payload.length, 8 + PAYLOAD.length);
  });

  it('show addresses, protocol and ports, IPv6', () => {
    const packet = parseIpPacket(udpPacket('2001:db8::1', '2001:db8::2', 5000, 53, PAYLOAD));
    assert.ok(packet !== undefined);
    assert.equal(packet.family, 6);
    assert.equal(packet.source.address, '2001:db8::1');
    assert.equal(packet.destination.address, '2001:db8::2');
    assert.deepEqual(packet.ports, { source: 5000, destination: 53 });
  });

  it('carry right checksums', () => {
    // RFC 1071: summed together with the checksum, everything gives all ones.
    const sum = (bytes: Bytes): number => {
      let total = 0;
      for (let i = 0; i < bytes.length; i += 2) total += ((bytes[i] ?? 0) << 8) | (bytes[i + 1] ?? 0);
      while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
      return total;
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(0xffff), (payload, port) => {
        const v4 = udpPacket('192.168.0.1', '192.168.0.199', port, 9, payload);
        assert.equal(sum(v4.subarray(0, 20)), 0xffff);
        const length = u16(8 + payload.length);
        assert.equal(sum(concat(v4.subarray(12, 20), Uint8Array.of(0, 17), length, v4.subarray(20))), 0xffff);
        const v6 = udpPacket('2001:db8::1', '2001:db8::ff', port, 9, payload);
        assert.equal(sum(concat(v6.subarray(8, 40), Uint8Array.of(0, 17), length, v6.subarray(40))), 0xffff);
      }),
    );
  });

  it('are cut to their own length', () => {
    const whole = udpPacket('192.0.2.1', '192.0.2.2', 1, 2, PAYLOAD);
    const packet = parseIpPacket(concat(whole, Uint8Array.of(0, 0, 0)));
    assert.equal(hex(packet?.bytes ?? PAYLOAD), hex(whole));
  });

  it('hide their ports in later fragments, not in the first', () => {
    const whole = udpPacket('192.0.2.1', '192.0.2.2', 5000, 53, PAYLOAD);
    const first = parseIpPacket(fragmented(whole, 0x2000));
    assert.equal(first?.fragment, 'first');
    assert.deepEqual(first.ports, { source: 5000, destination: 53 });
    const later = parseIpPacket(fragmented(whole, 0x0001));
    assert.equal(later?.fragment, 'later');
    assert.equal(later.ports, undefined);
    assert.equal(later.protocol, 17);
  });

  it('have their upper layer found behind IPv6 extension headers', () => {
    const hopByHop = Uint8Array.of(60, 0, 1, 4, 0, 0, 0, 0);
    const options = Uint8Array.of(17, 1, ...new Array<number>(14).fill(0));
    const packet = parseIpPacket(ipv6(0, hopByHop, options, PORTS));
    assert.equal(packet?.protocol, 17);
    assert.deepEqual(packet.ports, { source: 5000, destination: 53 });
    assert.equal(packet.routed, true);
    assert.equal(packet.payloadProtocol, 0);
  });

  it('are understood as IPv6 fragments', () => {
    const first = parseIpPacket(ipv6(44, Uint8Array.of(17, 0, 0, 1, 0, 0, 0, 9), PORTS));
    assert.equal(first?.fragment, 'first');
    assert.deepEqual(first.ports, { source: 5000, destination: 53 });
    const later = parseIpPacket(ipv6(44, Uint8Array.of(17, 0, 0, 8, 0, 0, 0, 9), PORTS));
    assert.equal(later?.fragment, 'later');
    assert.equal(later.protocol, 17);
    assert.equal(later.ports, undefined);
    const covered = parseIpPacket(ipv6(44, Uint8Array.of(60, 0, 0, 8, 0, 0, 0, 9), PORTS));
    assert.equal(covered?.protocol, undefined);
    const atomic = parseIpPacket(ipv6(44, Uint8Array.of(17, 0, 0, 0, 0, 0, 0, 9), PORTS));
    assert.equal(atomic?.fragment, 'whole');
  });

  it('are refused when their lengths do not fit', () => {
    const whole = udpPacket('192.0.2.1', '192.0.2.2', 1, 2, PAYLOAD);
    for (let length = 0; length < whole.length; length++) {
      assert.equal(parseIpPacket(whole.subarray(0, length)), undefined);
    }
    const wide = udpPacket('2001:db8::1', '2001:db8::2', 1, 2, PAYLOAD);
    for (let length = 0; length < wide.length; length++) {
      assert.equal(parseIpPacket(wide.subarray(0, length)), undefined);
    }
    assert.equal(parseIpPacket(fromHex('44000014000000000000000000000000000000000000')), undefined);
    assert.equal(parseIpPacket(ipv6(60, Uint8Array.of(17, 1, 0, 0, 0, 0, 0, 0))), undefined);
  });

  it('throw for no bytes at all', () => {
    const version = fc.constantFrom(0x45, 0x46, 0x60, 0x00);
    fc.assert(
      fc.property(version, fc.uint8Array({ maxLength: 120 }), (first, rest) => {
        const bytes = Uint8Array.of(first, ...rest);
        if (bytes.length >= 20)
          bytes.set(
            first === 0x60 ? u16(Math.max(0, bytes.length - 40)) : u16(bytes.length),
            first === 0x60 ? 4 : 2,
          );
        parseIpPacket(bytes);
      }),
      { numRuns: 1000 },
    );
  });
});
