/** SAs that the SADB keeps although their packets are not carried, bundles, and SAs in UDP whose peer moves. */
import assert from 'node:assert/strict';
import type { EspCipher, IntegrityAlgorithm } from '../../../../services/algorithms.js';
import type { KernelSa } from '../../../../services/ports/kernel.js';
import { KernelError } from '../../../../services/ports/kernel.js';
import { alone, sa } from './lone-station.js';
import {
  AES_SHA1,
  connect,
  EAST,
  HOSTS,
  negotiate,
  NO_LIMITS,
  PACKET,
  type Station,
  tunnel,
  TUNNEL,
  WEST,
} from './two-kernels.js';
import { later } from '../../../sim/later.js';

interface Kept {
  readonly encryption: EspCipher;
  readonly keyLength: number;
  readonly integrity: IntegrityAlgorithm | undefined;
  /** What the trace calls it, and under which key. */
  readonly trace: Readonly<Record<string, string>>;
}

const KEPT: readonly Kept[] = [
  {
    encryption: 'des',
    keyLength: 8,
    integrity: 'hmac-md5-96',
    trace: { enc: 'cbc(des)', auth: 'hmac(md5)' },
  },
  {
    encryption: 'blowfish',
    keyLength: 56,
    integrity: 'hmac-sha2-512-256',
    trace: { enc: 'cbc(blowfish)', auth: 'hmac(sha512)' },
  },
  {
    encryption: 'aes-ctr',
    keyLength: 36,
    integrity: 'hmac-sha1-96',
    trace: { enc: 'rfc3686(ctr(aes))', auth: 'hmac(sha1)' },
  },
  { encryption: 'aes-gcm-16', keyLength: 20, integrity: undefined, trace: { aead: 'rfc4106(gcm(aes))' } },
];

const ALL_TRAFFIC = { mode: 'tunnel', selectors: TUNNEL.selectors, lifetimes: NO_LIMITS } as const;

function ahSa(at: Station, changes: Partial<KernelSa> = {}): KernelSa {
  return sa(at, { protocol: 51, encryption: undefined, ...changes });
}

describe('SAs whose packets are not carried', () => {
  for (const { trace, ...suite } of KEPT) {
    it(`are kept and traced with their keys: ${suite.encryption}`, async () => {
      const { station } = await alone();
      const made = sa(station, {}, suite);
      const key = made.encryption && Buffer.from(station.keys.bytes(made.encryption.key)).toString('hex');
      await station.kernel.add(made);
      const [line] = station.trace.map(
        (text) => JSON.parse(text) as Record<string, { alg: string; key: string }>,
      );
      for (const [field, name] of Object.entries(trace)) assert.equal(line?.[field]?.alg, name);
      assert.equal((line?.enc ?? line?.aead)?.key, key);
      assert.equal(station.kernel.sas()[0]?.complete?.encryption, suite.encryption);
    });
  }

  it('lose their packets with one sentence, told once', async () => {
    const { station } = await alone();
    const own = { source: WEST, destination: EAST, ...ALL_TRAFFIC };
    await station.kernel.add(
      sa(station, own, { encryption: 'blowfish', keyLength: 16, integrity: 'hmac-sha1-96' }),
    );
    for (let count = 0; count < 2; count++) {
      assert.deepEqual(station.kernel.output(PACKET), { dropped: 'not-carried' });
    }
    const told = station.observed.filter(({ type }) => type === 'sa.not-carried');
    assert.equal(told.length, 1);
    assert.ok(told[0]?.type === 'sa.not-carried');
    assert.match(told[0].explanation, /^Packets of the SA 0x00002000 .*blowfish.*\.$/);
    assert.deepEqual(station.acquires, [], 'an SA is there: nobody is asked for another');
  });

  it('carry SHA-256 cut to 96 bits all the same', async () => {
    const suite = { ...AES_SHA1, integrity: 'hmac-sha2-256-96' } as const;
    const connection = await connect([TUNNEL]);
    await negotiate(connection, TUNNEL, { suite });
    assert.equal(connection.west.kernel.output(PACKET), 'sent');
    assert.equal(connection.east.delivered.length, 1);
    // RFC 3602 and 96 bits of ICV behind the padded packet.
    const { length } = connection.west.wire[0]?.esp ?? new Uint8Array(0);
    assert.equal((length - 8 - 16 - 12) % 16, 0);
  });
});

describe('AH beside ESP', () => {
  it('may have the same SPI, and each is found and deleted by its own protocol', async () => {
    const { station } = await alone();
    await station.kernel.add(sa(station));
    await station.kernel.add(ahSa(station));
    assert.deepEqual(
      station.kernel.sas().map(({ protocol, spi }) => [protocol, spi]),
      [
        [50, 0x2000],
        [51, 0x2000],
      ],
    );
    const [, line] = station.trace.map((text) => JSON.parse(text) as Record<string, unknown>);
    assert.equal(line?.proto, 51);
    assert.equal(line.enc, undefined);
    assert.equal((line.auth as { alg: string }).alg, 'hmac(sha1)');
    await station.kernel.delete({ destination: EAST, protocol: 50, spi: 0x2000 });
    assert.deepEqual(
      station.kernel.sas().map(({ protocol }) => protocol),
      [51],
    );
  });

  it('has SPIs reserved and completed of its own', async () => {
    const { station } = await alone();
    const spi = await station.kernel.getSpi(EAST, WEST, 51);
    const inbound = { source: EAST, destination: WEST, spi, direction: 'inbound' } as const;
    await assert.rejects(
      later(() => station.kernel.update(sa(station, inbound))),
      KernelError,
    );
    await station.kernel.update(ahSa(station, inbound));
  });

  it('is used only together with all that it was made with', async () => {
    const { station } = await alone();
    const bundle = [
      { protocol: 51, spi: 0x3000 },
      { protocol: 50, spi: 0x3001 },
    ] as const;
    await station.kernel.add(sa(station));
    await station.kernel.add(ahSa(station, { spi: 0x3000, bundle }));
    assert.equal(station.kernel.output(PACKET), 'sent', 'the older SA, while the bundle is half made');
    await station.kernel.add(sa(station, { spi: 0x3001, bundle }));
    assert.deepEqual(station.kernel.output(PACKET), { dropped: 'not-carried' });
    await station.kernel.delete({ destination: EAST, protocol: 51, spi: 0x3000 });
    assert.equal(station.kernel.output(PACKET), 'sent', 'the older SA again');
  });

  it('keeps what comes as ESP without it out', async () => {
    const { station: east } = await alone();
    const spi = await east.kernel.getSpi(WEST, EAST, 50);
    const bundle = [
      { protocol: 51, spi: 0x4000 },
      { protocol: 50, spi },
    ] as const;
    await east.kernel.update(sa(east, { spi, direction: 'inbound', bundle }));
    east.kernel.input(
      EAST,
      WEST,
      Uint8Array.from([...Buffer.from(spi.toString(16).padStart(8, '0'), 'hex'), 0, 0, 0, 1, 9, 9]),
    );
    assert.deepEqual(east.kernel.statistics.dropped.inbound, { 'not-carried': 1 });
  });
});

describe('an SA in UDP', () => {
  const encapsulation = {
    localPort: 4500,
    remotePort: 40_001,
    original: { local: undefined, remote: undefined },
  };

  it('sends to its own port, and says so in the trace', async () => {
    const { station } = await alone();
    await station.kernel.add(sa(station, { encapsulation }));
    await station.kernel.add(
      sa(station, { spi: 0x2001, direction: 'inbound', source: EAST, destination: WEST, encapsulation }),
    );
    assert.equal(station.kernel.output(PACKET), 'sent');
    assert.equal(station.wire[0]?.port, 40_001);
    assert.deepEqual(
      station.trace.map((text) => (JSON.parse(text) as { encap: unknown }).encap),
      [
        [2, 4500, 40_001],
        [2, 40_001, 4500],
      ],
    );
  });

  it('follows its peer to another port', async () => {
    const { station } = await alone();
    await station.kernel.add(sa(station, { encapsulation }));
    station.kernel.output(PACKET);
    await station.kernel.moveRemote(
      { destination: EAST, protocol: 50, spi: 0x2000 },
      { address: EAST, port: 50_002 },
    );
    station.kernel.output(PACKET);
    assert.deepEqual(
      station.wire.map(({ port }) => port),
      [40_001, 50_002],
    );
    // The sequence goes on: to the peer it is the same SA.
    assert.equal(station.wire[1]?.esp[7], 2);
  });

  it('follows its peer to another address, with its place in the traffic of transport mode', async () => {
    const NEW = '192.0.2.77';
    const { station } = await alone({ policies: [HOSTS] });
    const hosts = { ...HOSTS.selectors };
    const side = (address: string) => ({ addresses: { begin: address, end: address }, port: 0 });
    const selectors = { ...hosts, local: side(WEST), remote: side(EAST) };
    await station.kernel.add(sa(station, { encapsulation, mode: 'transport', selectors }));
    await station.kernel.moveRemote(
      { destination: EAST, protocol: 50, spi: 0x2000 },
      { address: NEW, port: 4500 },
    );
    const [moved] = station.kernel.sas();
    assert.equal(moved?.destination, NEW);
    assert.deepEqual(moved.complete?.selectors.remote, side(NEW));
    await station.kernel.delete({ destination: EAST, protocol: 50, spi: 0x2000 });
    assert.equal(station.kernel.sas().length, 1, 'the old identity names nothing');
    await station.kernel.delete({ destination: NEW, protocol: 50, spi: 0x2000 });
    assert.equal(station.kernel.sas().length, 0);
  });

  it('is the only kind that moves', async () => {
    const connection = await tunnel();
    const [outbound] = connection.west.kernel.sas().filter(({ destination }) => destination === EAST);
    assert.ok(outbound);
    const { destination, protocol, spi } = outbound;
    const there = { address: EAST, port: 4500 };
    await assert.rejects(
      connection.west.kernel.moveRemote({ destination, protocol, spi }, there),
      /not travel in UDP/,
    );
    await assert.rejects(
      connection.west.kernel.moveRemote({ destination, protocol, spi: 999 }, there),
      /could move/,
    );
  });
});
