import assert from 'node:assert/strict';
import { KeySlots } from '../../../../adapters/kernel/embedded/key-slots.js';
import { Sadb } from '../../../../adapters/kernel/embedded/sadb.js';
import { trafficOf } from '../../../../adapters/kernel/embedded/selector-match.js';
import type { SaExpiry } from '../../../../services/ports/kernel.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';
import { parseIpPacket, udpPacket } from '../../../../adapters/kernel/embedded/ip-packet.js';
import { alone, sa, shape } from './lone-station.js';
import {
  AES_SHA1,
  connect,
  EAST,
  freshKey,
  negotiate,
  NO_LIMITS,
  Station,
  TUNNEL,
  WEST,
} from './two-kernels.js';

const PACKET = udpPacket('10.1.0.1', '10.2.0.1', 1000, 2000, new Uint8Array(100));
/** What the cipher sees of it: 128 bytes, padding and trailer to the next block. */
const PROTECTED = 144;

describe('lifetimes', () => {
  it('in seconds: one soft EXPIRE, then the hard one and the end', async () => {
    const connection = await connect([TUNNEL]);
    const { clock, west } = connection;
    const lifetimes = { ...NO_LIMITS, softSeconds: 80, hardSeconds: 100 };
    const { outbound } = await negotiate(connection, TUNNEL, { lifetimes });
    const ofOutbound = (): string[] =>
      west.expiries.flatMap(({ sa: { spi }, limit }) => (spi === outbound ? [limit] : []));
    clock.advance(79_999);
    assert.deepEqual(ofOutbound(), []);
    clock.advance(1);
    assert.deepEqual(ofOutbound(), ['soft']);
    assert.equal(west.kernel.output(PACKET), 'sent', 'a dying SA still works');
    clock.advance(19_999);
    assert.deepEqual(ofOutbound(), ['soft']);
    clock.advance(1);
    assert.deepEqual(ofOutbound(), ['soft', 'hard']);
    assert.deepEqual(west.kernel.sas(), []);
    assert.equal(west.kernel.output(PACKET), 'held');
    assert.deepEqual(west.expiries.map(({ sa: { destination } }) => destination).toSorted(), [
      WEST,
      WEST,
      EAST,
      EAST,
    ]);
  });

  it('in seconds: with one limit only', async () => {
    const connection = await connect([TUNNEL]);
    await negotiate(connection, TUNNEL, { lifetimes: { ...NO_LIMITS, hardSeconds: 10 } });
    connection.clock.advance(10_000);
    assert.deepEqual(
      connection.west.expiries.map(({ limit }) => limit),
      ['hard', 'hard'],
    );
    await negotiate(connection, TUNNEL, { lifetimes: { ...NO_LIMITS, softSeconds: 10 } });
    connection.clock.advance(10_000);
    assert.deepEqual(
      connection.west.expiries.map(({ limit }) => limit),
      ['hard', 'hard', 'soft', 'soft'],
    );
    assert.equal(connection.west.kernel.sas().length, 2);
    assert.equal(connection.clock.pending, 0);
  });

  it('are measured by what `usage` tells, for each direction', async () => {
    const connection = await connect([TUNNEL]);
    const { west, east } = connection;
    const { outbound, inbound } = await negotiate(connection, TUNNEL);
    const used = { destination: EAST, protocol: 50, spi: outbound } as const;
    assert.deepEqual(await west.kernel.usage(used), { bytes: 0 });
    for (let packet = 0; packet < 3; packet++) assert.equal(west.kernel.output(PACKET), 'sent');
    assert.deepEqual(await west.kernel.usage(used), { bytes: 3 * PROTECTED });
    assert.deepEqual(await east.kernel.usage(used), { bytes: 3 * PROTECTED });
    assert.deepEqual(await west.kernel.usage({ ...used, destination: WEST, spi: inbound }), { bytes: 0 });
    assert.equal(await west.kernel.usage({ ...used, spi: 1 }), undefined);
    const larval = await west.kernel.getSpi(EAST, WEST, 50);
    assert.equal(await west.kernel.usage({ ...used, destination: WEST, spi: larval }), undefined);
  });

  it('in bytes, at both ends, soft once', async () => {
    const connection = await connect([TUNNEL]);
    const { west, east } = connection;
    const lifetimes = { ...NO_LIMITS, softBytes: 2 * PROTECTED, hardBytes: 4 * PROTECTED };
    const { outbound } = await negotiate(connection, TUNNEL, { lifetimes });
    const expected = { sa: { destination: EAST, protocol: 50, spi: outbound } };
    west.kernel.output(PACKET);
    assert.deepEqual(west.expiries, []);
    for (let packet = 0; packet < 3; packet++) assert.equal(west.kernel.output(PACKET), 'sent');
    assert.deepEqual(west.expiries, [{ ...expected, limit: 'soft' }]);
    assert.deepEqual(east.expiries, [{ ...expected, limit: 'soft' }]);
    assert.equal(west.kernel.output(PACKET), 'held', 'the packet waits for the next SA');
    assert.deepEqual(west.expiries.slice(-1), [{ ...expected, limit: 'hard' }]);
    assert.equal(west.acquires.length, 1);
    assert.equal(east.delivered.length, 4);
  });

  it('in bytes, enforced by the receiver too', async () => {
    const connection = await connect([TUNNEL]);
    const { west, east } = connection;
    const key = freshKey(AES_SHA1);
    const spi = await east.kernel.getSpi(WEST, EAST, 50);
    const lifetimes = { ...NO_LIMITS, hardBytes: PROTECTED };
    await east.kernel.update(
      east.sa(
        {
          ...shape(spi),
          selectors: { ...TUNNEL.selectors, local: TUNNEL.selectors.remote, remote: TUNNEL.selectors.local },
          direction: 'inbound',
          lifetimes,
        },
        AES_SHA1,
        key,
      ),
    );
    await west.kernel.add(west.sa(shape(spi), AES_SHA1, key));
    west.kernel.output(PACKET);
    west.kernel.output(PACKET);
    west.kernel.output(PACKET);
    assert.equal(east.delivered.length, 1);
    assert.deepEqual(east.drops, ['byte-limit', 'unknown-spi']);
    assert.deepEqual(
      east.expiries.map(({ limit }) => limit),
      ['hard'],
    );
  });

  it('let the listener delete the SA from within a soft EXPIRE', async () => {
    const clock = new VirtualClock();
    const station = new Station(clock, [TUNNEL]);
    await station.kernel.open({
      acquire: () => undefined,
      expire: ({ sa: identity }) => {
        void station.kernel.delete(identity);
      },
      deleted: () => undefined,
      flushed: () => undefined,
    });
    await station.kernel.add(sa(station, { lifetimes: { ...NO_LIMITS, softBytes: 1 } }));
    assert.equal(station.kernel.output(PACKET), 'sent');
    assert.deepEqual(station.kernel.sas(), []);
    await station.kernel.add(sa(station, { lifetimes: { ...NO_LIMITS, softSeconds: 1, hardSeconds: 2 } }));
    clock.advance(5000);
    assert.deepEqual(station.kernel.sas(), []);
    assert.equal(clock.pending, 0);
  });
});

describe('ten thousand SAs', () => {
  it('share one timer and leave nothing behind', async () => {
    const { clock, station } = await alone();
    const lifetimes = { ...NO_LIMITS, softSeconds: 80, hardSeconds: 100 };
    for (let spi = 0x1_0000; spi < 0x1_0000 + 10_000; spi++) {
      const one = sa(station, { spi, lifetimes });
      await station.kernel.add(one);
      if (one.encryption !== undefined && one.integrity !== undefined) {
        station.keys.erase(one.encryption.key, one.integrity.key);
      }
    }
    assert.equal(clock.pending, 1);
    clock.advance(100_000);
    assert.equal(station.expiries.length, 20_000);
    assert.deepEqual(station.kernel.sas(), []);
    assert.equal(clock.pending, 0);
  });
});

describe('sequence numbers', () => {
  it('never cycle: after the last one the SA is gone', () => {
    const clock = new VirtualClock();
    const station = new Station(clock, []);
    const expiries: SaExpiry[] = [];
    const sadb = new Sadb({
      clock,
      random: { bytes: (length) => new Uint8Array(length) },
      keys: station.keys,
      slots: new KeySlots(),
      larvalSeconds: 60,
      expired: (expiry) => expiries.push(expiry),
      trace: undefined,
    });
    sadb.add(sa(station));
    const packet = parseIpPacket(PACKET);
    assert.ok(packet !== undefined);
    const record = sadb.outbound({ local: WEST, remote: EAST }, 'tunnel', trafficOf(packet, 'outbound'));
    assert.ok(record !== undefined);
    record.sequence = 2 ** 32 - 2;
    assert.equal(sadb.admits(record, 16), true);
    record.sequence += 1;
    assert.equal(sadb.admits(record, 16), false);
    assert.deepEqual(expiries, [{ sa: { destination: EAST, protocol: 50, spi: 0x2000 }, limit: 'hard' }]);
    assert.deepEqual(sadb.list(), []);
  });
});
