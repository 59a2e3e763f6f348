import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseIpPacket, udpPacket } from '../../../../adapters/kernel/embedded/ip-packet.js';
import { seal } from '../../../../adapters/kernel/embedded/esp.js';
import { concat, hex, NO_BYTES, u32, type Bytes } from '../../../../services/bytes.js';
import type { Station } from './two-kernels.js';
import {
  AES_SHA1,
  connect,
  cutTunnel,
  EAST,
  freshKey,
  HELLO,
  hexes,
  HOSTS,
  mirrored,
  NO_LIMITS,
  PACKET,
  REPLY,
  selectors,
  sendMany,
  TUNNEL,
  WEST,
} from './two-kernels.js';

describe('ESP that arrives', () => {
  it('is taken once', async () => {
    const connection = await cutTunnel();
    const { east } = connection;
    const [esp = NO_BYTES] = sendMany(connection, 1);
    east.kernel.input(EAST, WEST, esp);
    east.kernel.input(EAST, WEST, esp);
    assert.equal(east.delivered.length, 1);
    assert.deepEqual(east.drops, ['duplicate']);
  });

  it('is taken late up to the edge of the window', async () => {
    const connection = await cutTunnel();
    const { east } = connection;
    const sent = sendMany(connection, 65);
    const [first = NO_BYTES, second = NO_BYTES] = sent;
    east.kernel.input(EAST, WEST, sent.at(-1) ?? NO_BYTES);
    east.kernel.input(EAST, WEST, first);
    east.kernel.input(EAST, WEST, second);
    assert.equal(east.delivered.length, 2);
    assert.deepEqual(east.drops, ['too-old']);
  });

  it('moves the window only when it is authentic', async () => {
    const connection = await cutTunnel();
    const { east } = connection;
    const [esp = NO_BYTES] = sendMany(connection, 1);
    const forged = Uint8Array.from(esp);
    forged.set(u32(0xffffffff), 4);
    east.kernel.input(EAST, WEST, forged);
    east.kernel.input(EAST, WEST, esp);
    assert.deepEqual(east.drops, ['bad-icv']);
    assert.equal(east.delivered.length, 1);
  });

  it('is dropped after a change of any byte, and taken unchanged afterwards', async () => {
    const connection = await cutTunnel();
    const { east } = connection;
    const [esp = NO_BYTES] = sendMany(connection, 1);
    for (let at = 0; at < esp.length; at++) {
      const changed = Uint8Array.from(esp);
      changed[at] = (changed[at] ?? 0) ^ 0x40;
      east.kernel.input(EAST, WEST, changed);
    }
    assert.deepEqual(east.delivered, []);
    assert.deepEqual(
      east.drops,
      esp.reduce<string[]>((drops, _, at) => [...drops, at < 4 ? 'unknown-spi' : 'bad-icv'], []),
    );
    east.kernel.input(EAST, WEST, esp);
    assert.equal(east.delivered.length, 1);
  });

  it('needs an SPI of this destination, completed, and of the right direction', async () => {
    const connection = await cutTunnel();
    const { west, east } = connection;
    const [esp = NO_BYTES] = sendMany(connection, 1);
    east.kernel.input('192.0.2.99', WEST, esp);
    west.kernel.input(EAST, WEST, esp);
    const larval = await east.kernel.getSpi(WEST, EAST, 50);
    east.kernel.input(EAST, WEST, concat(u32(larval), esp.subarray(4)));
    east.kernel.input(EAST, WEST, esp.subarray(0, 7));
    assert.deepEqual(east.drops, ['unknown-spi', 'unknown-spi', 'truncated-esp']);
    assert.deepEqual(west.drops, ['unknown-spi'], 'its own outbound SA');
    assert.deepEqual(east.delivered, []);
  });

  it('throws for no bytes at all', async () => {
    const connection = await cutTunnel();
    const { east } = connection;
    const [esp = NO_BYTES] = sendMany(connection, 1);
    fc.assert(
      fc.property(fc.boolean(), fc.uint8Array({ maxLength: 200 }), (known, garbage) => {
        east.kernel.input(EAST, WEST, known ? concat(esp.subarray(0, 4), garbage) : garbage);
        east.kernel.output(garbage);
      }),
    );
    assert.deepEqual(east.delivered, []);
  });
});

/** What an authenticated peer could put inside, whatever its own policy says. */
describe('what comes out of ESP', () => {
  async function receive(
    mode: 'transport' | 'tunnel',
    content: { readonly payload: Bytes; readonly nextHeader: number },
  ): Promise<Station> {
    const asked = mode === 'tunnel' ? TUNNEL : { ...HOSTS, selectors: selectors(WEST, EAST, 17) };
    const { east } = await connect([asked]);
    const spi = await east.kernel.getSpi(WEST, EAST, 50);
    const key = freshKey(AES_SHA1);
    await east.kernel.update(
      east.sa(
        {
          ...{ source: WEST, destination: EAST, protocol: 50, spi, pairSpi: 999 },
          ...{ bundle: [{ protocol: 50, spi }], encapsulation: undefined },
          ...{ direction: 'inbound', mode, lifetimes: NO_LIMITS },
          selectors: mirrored(asked.selectors),
        },
        AES_SHA1,
        key,
      ),
    );
    const suite = {
      cipher: 'aes-cbc',
      cipherKey: key.encryption,
      integrity: 'hmac-sha1-96',
      integrityKey: key.integrity,
    } as const;
    east.kernel.input(EAST, WEST, seal(suite, { spi, sequence: 1 }, new Uint8Array(16), content));
    return east;
  }

  it('is cut to the inner packet: the rest is traffic flow padding', async () => {
    const east = await receive('tunnel', { payload: concat(PACKET, new Uint8Array(300)), nextHeader: 4 });
    assert.deepEqual(hexes(east.delivered), [hex(PACKET)]);
  });

  const wrong: readonly [string, 'transport' | 'tunnel', Bytes, number, string][] = [
    ['a dummy', 'tunnel', PACKET, 59, 'dummy'],
    ['no packet in the tunnel', 'tunnel', HELLO, 17, 'wrong-next-header'],
    ['IPv4 that is called IPv6', 'tunnel', PACKET, 41, 'wrong-next-header'],
    ['nothing', 'tunnel', NO_BYTES, 4, 'wrong-next-header'],
    ['a packet that is too short', 'tunnel', PACKET.subarray(0, 21), 4, 'malformed-packet'],
    [
      'a source outside the SA',
      'tunnel',
      udpPacket('10.3.0.1', '10.2.0.1', 1, 2, HELLO),
      4,
      'selector-mismatch',
    ],
    [
      'a destination outside the SA',
      'tunnel',
      udpPacket('10.1.0.1', '10.3.0.1', 1, 2, HELLO),
      4,
      'selector-mismatch',
    ],
    ['a packet that goes the other way', 'tunnel', REPLY, 4, 'selector-mismatch'],
    ['another protocol in transport mode', 'transport', PACKET.subarray(20), 6, 'selector-mismatch'],
  ];
  for (const [what, mode, payload, nextHeader, reason] of wrong) {
    it(`is dropped when it is ${what}`, async () => {
      const east = await receive(mode, { payload, nextHeader });
      assert.deepEqual(east.drops, [reason]);
      assert.deepEqual(east.delivered, []);
    });
  }

  it('in transport mode gets a header between the addresses of the datagram', async () => {
    const east = await receive('transport', { payload: PACKET.subarray(20), nextHeader: 17 });
    const packet = parseIpPacket(east.delivered[0] ?? NO_BYTES);
    assert.equal(packet?.source.address, WEST);
    assert.equal(packet.destination.address, EAST);
    assert.equal(hex(packet.payload), hex(PACKET.subarray(20)));
  });
});
