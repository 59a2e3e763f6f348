import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ipPacket, udpPacket } from '../../../../adapters/kernel/embedded/ip-packet.js';
import { concat, hex, NO_BYTES, u16, u32 } from '../../../../services/bytes.js';
import type { EspCipher, IntegrityAlgorithm } from '../../../../services/algorithms.js';
import {
  AES_SHA1,
  connect,
  EAST,
  HELLO,
  hexes,
  HOSTS,
  lastEsp,
  mirrored,
  mirroredPolicy,
  negotiate,
  PACKET,
  policy,
  REPLY,
  selectors,
  side,
  tunnel,
  TUNNEL,
  WEST,
} from './two-kernels.js';

describe('embedded kernels back to back', () => {
  const ciphers: readonly [EspCipher, number][] = [
    ['null', 0],
    ['3des', 24],
    ['aes-cbc', 16],
    ['aes-cbc', 24],
    ['aes-cbc', 32],
  ];
  const integrities: readonly IntegrityAlgorithm[] = [
    'hmac-md5-96',
    'hmac-sha1-96',
    'hmac-sha2-256-128',
    'hmac-sha2-384-192',
    'hmac-sha2-512-256',
  ];
  for (const [encryption, keyLength] of ciphers) {
    for (const integrity of integrities) {
      it(`carry packets both ways with ${encryption} ${String(keyLength * 8)} and ${integrity}`, async () => {
        const { west, east } = await tunnel({ encryption, keyLength, integrity });
        assert.equal(west.kernel.output(PACKET), 'sent');
        assert.equal(east.kernel.output(REPLY), 'sent');
        assert.deepEqual(hexes(east.delivered), [hex(PACKET)]);
        assert.deepEqual(hexes(west.delivered), [hex(REPLY)]);
        assert.deepEqual(east.drops, []);
      });
    }
  }

  it('carry packets with encryption alone', async () => {
    const { west, east } = await tunnel({ ...AES_SHA1, integrity: undefined });
    west.kernel.output(PACKET);
    assert.deepEqual(hexes(east.delivered), [hex(PACKET)]);
  });

  it('send between the tunnel ends, with rising sequence numbers and fresh IVs', async () => {
    const { west } = await tunnel();
    west.kernel.output(PACKET);
    west.kernel.output(PACKET);
    assert.deepEqual(
      west.wire.map(({ local, remote }) => [local, remote]),
      [
        [WEST, EAST],
        [WEST, EAST],
      ],
    );
    assert.deepEqual(
      west.wire.map(({ esp }) => hex(esp.subarray(4, 8))),
      ['00000001', '00000002'],
    );
    const [first = '', second = ''] = west.wire.map(({ esp }) => hex(esp.subarray(8, 24)));
    assert.notEqual(first, second);
    assert.ok(!west.wire.some(({ esp }) => hex(esp).includes(hex(HELLO))));
  });

  it('carry IPv6 in an IPv6 tunnel and in an IPv4 one', async () => {
    const nets = selectors('2001:db8:1::/48', '2001:db8:2::/48');
    const packet = udpPacket('2001:db8:1::1', '2001:db8:2::1', 1000, 2000, HELLO);
    for (const outer of [
      { local: '2001:db8::1', remote: '2001:db8::2' },
      { local: WEST, remote: EAST },
    ]) {
      const wide = policy('tunnel', nets, outer);
      const connection = await connect([wide]);
      await negotiate(connection, wide);
      assert.equal(connection.west.kernel.output(packet), 'sent');
      assert.deepEqual(hexes(connection.east.delivered), [hex(packet)]);
    }
  });

  for (const [local, remote, net] of [
    [WEST, EAST, '192.0.2.0/24'],
    ['2001:db8::1', '2001:db8::2', '2001:db8::/64'],
  ] as const) {
    it(`carry packets between hosts in transport mode, ${local}`, async () => {
      const hosts = policy('transport', selectors(net, net));
      const connection = await connect([hosts]);
      await negotiate(connection, {
        mode: 'transport',
        outer: { local, remote },
        selectors: selectors(local, remote),
      });
      const packet = udpPacket(local, remote, 1000, 2000, HELLO);
      assert.equal(connection.west.kernel.output(packet), 'sent');
      assert.deepEqual(hexes(connection.east.delivered), [hex(packet)]);
      // Without the inner IP header: SPI and sequence, IV, 13 bytes padded to 16, ICV.
      assert.equal(lastEsp(connection).length, 8 + 16 + 16 + 12);
    });
  }

  it('carry every inner packet in both modes', async () => {
    const any = policy('transport', selectors('192.0.2.0/24', '192.0.2.0/24'));
    const through = await tunnel();
    const between = await connect([any]);
    await negotiate(between, {
      mode: 'transport',
      outer: { local: WEST, remote: EAST },
      selectors: selectors(WEST, EAST),
    });
    fc.assert(
      fc.property(fc.nat(255), fc.uint8Array({ maxLength: 1600 }), (protocol, payload) => {
        const inner = ipPacket('10.1.9.9', '10.2.9.9', protocol, payload);
        assert.equal(through.west.kernel.output(inner), 'sent');
        assert.equal(hex(through.east.delivered.pop() ?? NO_BYTES), hex(inner));
        // Next header 59 says that there is nothing inside (RFC 4303 2.6).
        if (protocol === 59) return;
        const direct = ipPacket(WEST, EAST, protocol, payload);
        assert.equal(between.west.kernel.output(direct), 'sent');
        assert.equal(hex(between.east.delivered.pop() ?? NO_BYTES), hex(direct));
      }),
    );
  });

  it('use the newest SA, and an older one when it is gone', async () => {
    const connection = await connect([TUNNEL]);
    const { west } = connection;
    const first = await negotiate(connection, TUNNEL);
    const second = await negotiate(connection, TUNNEL);
    west.kernel.output(PACKET);
    assert.equal(hex(lastEsp(connection).subarray(0, 4)), hex(u32(second.outbound)));
    await west.kernel.delete({ destination: EAST, protocol: 50, spi: second.outbound });
    west.kernel.output(PACKET);
    assert.equal(hex(lastEsp(connection).subarray(0, 4)), hex(u32(first.outbound)));
  });

  it('use an SA only for what it covers', async () => {
    const connection = await connect([TUNNEL]);
    const { west } = connection;
    await negotiate(connection, { ...TUNNEL, selectors: selectors('10.1.7.0/24', '10.2.0.0/16') });
    assert.equal(west.kernel.output(PACKET), 'held');
    assert.equal(west.kernel.output(udpPacket('10.1.7.1', '10.2.0.1', 1, 2, HELLO)), 'sent');
    await negotiate(connection, { mode: 'transport', outer: TUNNEL.outer, selectors: TUNNEL.selectors });
    assert.equal(west.kernel.output(PACKET), 'held', 'the other mode is another SA');
  });

  it('drop what they cannot protect, with the reason', async () => {
    const ported = policy('tunnel', {
      local: side('10.1.0.0/16'),
      remote: side('10.2.0.0/16', 53),
      protocol: 17,
    });
    const { west } = await connect([ported, HOSTS]);
    const fragment = Uint8Array.from(PACKET);
    fragment.set(u16(1), 6);
    assert.deepEqual(west.kernel.output(fragment), { dropped: 'hidden-by-fragment' });
    const whole = udpPacket(WEST, EAST, 1, 2, HELLO);
    whole.set(u16(0x2000), 6);
    assert.deepEqual(west.kernel.output(whole), { dropped: 'fragment-in-transport-mode' });
    const options = concat(
      Uint8Array.of(0x46, 0, 0, 32),
      whole.subarray(4, 6),
      u16(0),
      whole.subarray(8, 20),
      u32(0x01010101),
      HELLO,
      u32(0),
    );
    assert.deepEqual(west.kernel.output(options), { dropped: 'routed-header-in-transport-mode' });
    assert.deepEqual(west.kernel.output(Uint8Array.of(1, 2, 3)), { dropped: 'malformed-packet' });
    assert.deepEqual(west.drops, [
      'hidden-by-fragment',
      'fragment-in-transport-mode',
      'routed-header-in-transport-mode',
      'malformed-packet',
    ]);
    assert.deepEqual(west.wire, []);
  });

  it('drop what would not fit into a datagram', async () => {
    const { west } = await tunnel();
    const packet = udpPacket('10.1.0.1', '10.2.0.1', 1, 2, new Uint8Array(65_507));
    assert.deepEqual(west.kernel.output(packet), { dropped: 'too-long' });
    assert.equal(west.kernel.output(udpPacket('10.1.0.1', '10.2.0.1', 1, 2, new Uint8Array(65_400))), 'sent');
  });

  it('let pass what no policy covers, and count everything', async () => {
    const { west, east } = await tunnel();
    assert.equal(west.kernel.output(udpPacket('198.51.100.1', '10.2.0.1', 1, 2, HELLO)), 'bypassed');
    west.kernel.output(PACKET);
    west.kernel.output(NO_BYTES);
    assert.deepEqual(west.kernel.statistics, {
      sent: 1,
      received: 0,
      bypassed: 1,
      acquires: 0,
      dropped: { outbound: { 'malformed-packet': 1 }, inbound: {} },
    });
    assert.equal(east.kernel.statistics.received, 1);
    const sizes = { length: PACKET.length, espLength: west.wire[0]?.esp.length, sequence: 1 };
    for (const what of [west.observed[0], east.observed[0]]) {
      assert.ok(what?.type === 'packet.sent' || what?.type === 'packet.received');
      assert.deepEqual({ length: what.length, espLength: what.espLength, sequence: what.sequence }, sizes);
    }
  });

  it('take new policies without losing SAs', async () => {
    const connection = await tunnel();
    const { west, east } = connection;
    void west.kernel.replacePolicies([]);
    assert.equal(west.kernel.output(PACKET), 'bypassed');
    assert.equal(east.kernel.output(REPLY), 'sent');
    assert.deepEqual(hexes(west.delivered), [hex(REPLY)]);
    assert.equal(await west.kernel.policyFor(TUNNEL.outer, TUNNEL.selectors), undefined);
    void west.kernel.replacePolicies([TUNNEL]);
    assert.equal(west.kernel.output(PACKET), 'sent');
    assert.deepEqual(await west.kernel.policyFor(TUNNEL.outer, TUNNEL.selectors), TUNNEL);
  });
});

describe('mirrored policies', () => {
  it('answer each other', async () => {
    const { west, east } = await connect([TUNNEL]);
    const asked = selectors('10.1.0.0/16', '10.2.0.0/16');
    assert.deepEqual(await west.kernel.policyFor(TUNNEL.outer, asked), TUNNEL);
    assert.equal(await west.kernel.policyForPacket(selectors('10.1.0.1', '10.2.0.1')), TUNNEL);
    const other = mirroredPolicy(TUNNEL);
    assert.deepEqual(await east.kernel.policyFor(other.outer, mirrored(asked)), other);
  });
});
