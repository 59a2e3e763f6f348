import assert from 'node:assert/strict';
import { KeySlots } from '../../../../adapters/kernel/embedded/key-slots.js';
import { KeyStore } from '../../../../daemon/key-store.js';
import { Sadb } from '../../../../adapters/kernel/embedded/sadb.js';
import { hex, NO_BYTES, u32 } from '../../../../services/bytes.js';
import { KernelError, type KernelSa } from '../../../../services/ports/kernel.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';
import { udpPacket } from '../../../../adapters/kernel/embedded/ip-packet.js';
import { alone, sa } from './lone-station.js';
import { AES_SHA1, connect, EAST, negotiate, NO_LIMITS, Station, TUNNEL, WEST } from './two-kernels.js';
import { later } from '../../../sim/later.js';

const PACKET = udpPacket('10.1.0.1', '10.2.0.1', 1000, 2000, new Uint8Array(100));
/** What the cipher sees of it: 128 bytes, padding and trailer to the next block. */
const PROTECTED = 144;

function refusal(operation: KernelError['operation'], message: RegExp) {
  return (error: unknown): boolean => {
    assert.ok(error instanceof KernelError);
    assert.equal(error.operation, operation);
    assert.match(error.message, message);
    return true;
  };
}

describe('reserved SPIs', () => {
  it('are random, above the reserved ones, and never in use', async () => {
    const offered = [0, 255, 256, 256, 256, 0xffffffff].map(u32);
    const { station } = await alone({ random: { bytes: () => offered.shift() ?? NO_BYTES } });
    assert.equal(await station.kernel.getSpi(EAST, WEST, 50), 256);
    assert.equal(await station.kernel.getSpi(EAST, WEST, 50), 0xffffffff);
  });

  it('may be the same for another destination', async () => {
    const { station } = await alone({ random: { bytes: () => u32(4096) } });
    assert.equal(await station.kernel.getSpi(EAST, WEST, 50), 4096);
    assert.equal(await station.kernel.getSpi('2001:db8::2', '2001:db8::1', 50), 4096);
  });

  it('are refused, not waited for, when every attempt collides', async () => {
    const { station } = await alone({ random: { bytes: () => u32(4096) } });
    await station.kernel.getSpi(EAST, WEST, 50);
    await assert.rejects(
      later(() => station.kernel.getSpi(EAST, WEST, 50)),
      refusal('getSpi', /No free SPI/),
    );
  });

  it('lapse without a word', async () => {
    const { clock, station } = await alone();
    const spi = await station.kernel.getSpi(EAST, WEST, 50);
    clock.advance(59_999);
    assert.deepEqual(
      station.kernel.sas().map(({ state }) => state),
      ['larval'],
    );
    clock.advance(1);
    assert.deepEqual(station.kernel.sas(), []);
    assert.deepEqual(station.expiries, []);
    const late = sa(station, { source: EAST, destination: WEST, spi, direction: 'inbound' });
    await assert.rejects(
      later(() => station.kernel.update(late)),
      refusal('update', /reservation may have lapsed/),
    );
  });

  it('wait as long as they are told to', async () => {
    const { clock, station } = await alone({ larvalSeconds: 300 });
    await station.kernel.getSpi(EAST, WEST, 50);
    clock.advance(299_999);
    assert.equal(station.kernel.sas().length, 1);
    clock.advance(1);
    assert.equal(station.kernel.sas().length, 0);
  });

  it('do not lapse once they are SAs', async () => {
    const connection = await connect([TUNNEL]);
    await negotiate(connection, TUNNEL);
    connection.clock.advance(1e9);
    assert.deepEqual(
      connection.west.kernel.sas().map(({ state }) => state),
      ['mature', 'mature'],
    );
  });
});

const IN_UDP = {
  localPort: 4500,
  remotePort: 40_001,
  original: { local: undefined, remote: undefined },
};

describe('SAs', () => {
  it('are added once', async () => {
    const { station } = await alone();
    await station.kernel.add(sa(station));
    await assert.rejects(
      later(() => station.kernel.add(sa(station))),
      refusal('add', /There is an SA 0x00002000 to 192\.0\.2\.2/),
    );
  });

  it('are completed once', async () => {
    const { station } = await alone();
    const spi = await station.kernel.getSpi(EAST, WEST, 50);
    const inbound = { source: EAST, destination: WEST, spi, direction: 'inbound' } as const;
    await station.kernel.update(sa(station, inbound));
    await assert.rejects(
      later(() => station.kernel.update(sa(station, inbound))),
      refusal('update', /complete already/),
    );
  });

  it('are deleted any number of times', async () => {
    const { clock, station } = await alone();
    const lifetimes = { ...NO_LIMITS, hardSeconds: 100 };
    await station.kernel.add(sa(station, { lifetimes }));
    await station.kernel.getSpi(EAST, WEST, 50);
    for (const { destination, protocol, spi } of [...station.kernel.sas(), ...station.kernel.sas()]) {
      await station.kernel.delete({ destination, protocol, spi });
    }
    assert.deepEqual(station.kernel.sas(), []);
    assert.equal(clock.pending, 0);
    clock.advance(1e6);
    assert.deepEqual(station.expiries, []);
  });

  const wrong: readonly [string, RegExp, (at: Station) => KernelSa][] = [
    ['AH that encrypts', /encrypts nothing/, (at) => sa(at, { protocol: 51 })],
    [
      'AH without integrity',
      /AH SA names its integrity/,
      (at) => sa(at, { protocol: 51, encryption: undefined, integrity: undefined }),
    ],
    [
      'AH in UDP',
      /AH does not travel in UDP/,
      (at) => sa(at, { protocol: 51, encryption: undefined, encapsulation: IN_UDP }),
    ],
    ['a bundle of others', /its own bundle/, (at) => sa(at, { bundle: [{ protocol: 50, spi: 0x2001 }] })],
    ['no cipher at all', /names its cipher/, (at) => sa(at, { encryption: undefined })],
    [
      'AES-GCM beside an integrity algorithm',
      /integrity of its own/,
      (at) => sa(at, {}, { ...AES_SHA1, encryption: 'aes-gcm-16', keyLength: 20 }),
    ],
    [
      'AES-CTR without integrity',
      /flip bits/,
      (at) => sa(at, {}, { encryption: 'aes-ctr', keyLength: 20, integrity: undefined }),
    ],
    [
      'AES-CTR without its nonce',
      /aes-ctr, its nonce counted, has 160 or 224 or 288 bits, not 128/,
      (at) => sa(at, {}, { ...AES_SHA1, encryption: 'aes-ctr' }),
    ],
    [
      'a Blowfish key that is too long',
      /blowfish has 40 to 448 bits, not 456/,
      (at) => sa(at, {}, { ...AES_SHA1, encryption: 'blowfish', keyLength: 57 }),
    ],
    [
      'a cipher key of a wrong length',
      /aes-cbc has 128 or 192 or 256 bits, not 64/,
      (at) => sa(at, {}, { ...AES_SHA1, keyLength: 8 }),
    ],
    [
      'a key for the null cipher',
      /null has 0 bits, not 128/,
      (at) => sa(at, {}, { ...AES_SHA1, encryption: 'null' }),
    ],
    [
      'no protection',
      /protects nothing/,
      (at) => sa(at, {}, { encryption: 'null', keyLength: 0, integrity: undefined }),
    ],
    [
      'an integrity key of a wrong length',
      /hmac-sha1-96 has 160 bits, not 128/,
      (at) => sa(at, { integrity: { algorithm: 'hmac-sha1-96', key: at.keys.put(new Uint8Array(16)) } }),
    ],
    [
      'a weak 3des key',
      /weak/,
      (at) =>
        sa(at, {
          encryption: {
            algorithm: '3des',
            key: at.keys.put(new Uint8Array(24).map((_, i) => (i < 16 ? i % 8 : i))),
          },
        }),
    ],
    ['a reserved SPI', /SPI 255 is not between/, (at) => sa(at, { spi: 255 })],
    ['an SPI that is too long', /SPI 4294967296 is not between/, (at) => sa(at, { spi: 2 ** 32 })],
    ['mixed families', /one is IPv4, the other IPv6/, (at) => sa(at, { source: '2001:db8::1' })],
    [
      'soft seconds above the hard',
      /soft limit of 11 seconds is above/,
      (at) => sa(at, { lifetimes: { ...NO_LIMITS, softSeconds: 11, hardSeconds: 10 } }),
    ],
    [
      'soft bytes above the hard',
      /soft limit of 11 bytes is above/,
      (at) => sa(at, { lifetimes: { ...NO_LIMITS, softBytes: 11, hardBytes: 10 } }),
    ],
    [
      'no time to live',
      /0 seconds is no lifetime/,
      (at) => sa(at, { lifetimes: { ...NO_LIMITS, hardSeconds: 0 } }),
    ],
  ];
  for (const [what, message, make] of wrong) {
    it(`are refused with ${what}`, async () => {
      const { station } = await alone();
      await assert.rejects(
        later(() => station.kernel.add(make(station))),
        refusal('add', message),
      );
      assert.deepEqual(station.kernel.sas(), []);
      assert.deepEqual(station.trace, []);
    });
  }

  it('leave a reservation alone when they are refused', async () => {
    const { station } = await alone();
    const spi = await station.kernel.getSpi(EAST, WEST, 50);
    const inbound = { source: EAST, destination: WEST, spi, direction: 'inbound' } as const;
    await assert.rejects(
      later(() => station.kernel.update(sa(station, { ...inbound, encryption: undefined }))),
    );
    await station.kernel.update(sa(station, inbound));
  });

  it('need an open kernel', async () => {
    const station = new Station(new VirtualClock(), [TUNNEL]);
    await assert.rejects(
      later(() => station.kernel.getSpi(EAST, WEST, 50)),
      refusal('getSpi', /not open/),
    );
    await station.open();
    await assert.rejects(station.open(), refusal('open', /open already/));
    await station.kernel.add(sa(station));
    await station.kernel.close();
    assert.deepEqual(station.kernel.sas(), []);
    await assert.rejects(
      later(() => station.kernel.add(sa(station))),
      refusal('add', /not open/),
    );
  });

  it('are listed without keys', async () => {
    const connection = await connect([TUNNEL]);
    await negotiate(connection, TUNNEL);
    connection.west.kernel.output(PACKET);
    connection.clock.advance(5500);
    const [outbound] = connection.west.kernel.sas().filter(({ destination }) => destination === EAST);
    assert.equal(outbound?.state, 'mature');
    const complete = outbound.complete;
    assert.equal(complete?.direction, 'outbound');
    assert.equal(complete.encryption, 'aes-cbc');
    assert.equal(complete.encryptionKeyBits, 128);
    assert.equal(complete.integrity, 'hmac-sha1-96');
    assert.equal(complete.ageSeconds, 5);
    assert.equal(complete.packets, 1);
    assert.equal(complete.bytes, PROTECTED);
  });
});

describe('keys in the SADB', () => {
  it('are zeroed when their SA is deleted, expires, or the database is cleared', () => {
    const ends: readonly ((sadb: Sadb, clock: VirtualClock) => void)[] = [
      (sadb) => {
        sadb.delete({ destination: EAST, protocol: 50, spi: 0x2000 });
      },
      (_, clock) => {
        clock.advance(10_000);
      },
      (sadb) => {
        sadb.clear();
      },
    ];
    for (const end of ends) {
      const clock = new VirtualClock();
      const slots = new KeySlots();
      const station = new Station(clock, []);
      const sadb = new Sadb({
        clock,
        random: { bytes: () => u32(0x3000) },
        keys: station.keys,
        slots,
        larvalSeconds: 60,
        expired: () => undefined,
        trace: undefined,
      });
      const added = sadb.add(sa(station, { lifetimes: { ...NO_LIMITS, hardSeconds: 10 } }));
      assert.equal(added.ok, true);
      const slot = slots.view(0, 0, 36);
      assert.notEqual(hex(slot), hex(new Uint8Array(36)));
      end(sadb, clock);
      assert.equal(hex(slot), hex(new Uint8Array(36)));
    }
  });

  it('of every length stand in slots that they fit in, and are zeroed there', () => {
    const slots = new KeySlots();
    const keys = new KeyStore();
    for (const length of [0, 1, 36, 37, 68, 69, 120]) {
      const slot = slots.put(keys, keys.put(new Uint8Array(length).fill(0x5a)), undefined);
      const kept = slots.view(slot, 0, length);
      assert.equal(hex(kept), '5a'.repeat(length));
      slots.wipe(slot);
      assert.equal(hex(kept), '00'.repeat(length));
    }
    const long = keys.put(new Uint8Array(121));
    assert.throws(() => slots.put(keys, undefined, long), /too long/);
  });

  it('use a slot again, and keep their neighbours', () => {
    const slots = new KeySlots();
    const keys = new KeyStore();
    const handles = Array.from({ length: 600 }, (_, index) => keys.put(u32(index + 1)));
    const taken = handles.map((key) => slots.put(keys, key, key));
    assert.equal(new Set(taken).size, 600);
    const [, second = -1] = taken;
    slots.wipe(second);
    assert.equal(slots.put(keys, keys.put(u32(7)), undefined), second);
    taken.forEach((slot, index) => {
      if (slot !== second) assert.equal(hex(slots.view(slot, 4, 4)), hex(u32(index + 1)));
    });
    assert.throws(() => slots.view(-1, 0, 16), /does not exist/);
  });
});
