import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSadbTrace } from '../../../../adapters/kernel/embedded/sadb-trace-file.js';
import { u32 } from '../../../../services/bytes.js';
import { VirtualClock } from '../../../sim/virtual-clock.js';
import { connect, EAST, negotiate, NO_LIMITS, Station, TUNNEL, WEST } from './two-kernels.js';

describe('SADB trace', () => {
  it('has one line per change, in the shape of a netlink recorder', async () => {
    const clock = new VirtualClock(1_700_000_000_250);
    const station = await new Station(clock, [TUNNEL], { random: { bytes: () => u32(0xc0ffee) } }).open();
    const spi = await station.kernel.getSpi(EAST, WEST, 50);
    assert.deepEqual(station.trace, []);
    const bytes = (length: number, first: number): Uint8Array =>
      Uint8Array.from({ length }, (_, i) => first + i);
    const keys = { encryption: bytes(24, 0x10), integrity: bytes(16, 0xa0) };
    const lifetimes = { ...NO_LIMITS, softSeconds: 24_000, hardSeconds: 28_800 };
    await station.kernel.update(
      station.sa(
        {
          ...{ source: EAST, destination: WEST, protocol: 50, spi, pairSpi: 0x2000 },
          ...{ bundle: [{ protocol: 50, spi }], encapsulation: undefined },
          ...{ direction: 'inbound', mode: 'tunnel', selectors: TUNNEL.selectors, lifetimes },
        },
        { encryption: '3des', keyLength: 24, integrity: 'hmac-md5-96' },
        keys,
      ),
    );
    await station.kernel.delete({ destination: WEST, protocol: 50, spi });
    assert.deepEqual(
      station.trace.map((line): unknown => JSON.parse(line)),
      [
        {
          t: 1_700_000_000.25,
          op: 'update',
          src: EAST,
          dst: WEST,
          proto: 50,
          spi: '00c0ffee',
          mode: 'tunnel',
          soft_s: 24_000,
          hard_s: 28_800,
          enc: { alg: 'cbc(des3_ede)', key: '101112131415161718191a1b1c1d1e1f2021222324252627', icv: 0 },
          auth: { alg: 'hmac(md5)', key: 'a0a1a2a3a4a5a6a7a8a9aaabacadaeaf', icv: 96 },
        },
        { t: 1_700_000_000.25, op: 'delete', dst: WEST, proto: 50, spi: '00c0ffee' },
      ],
    );
  });

  it('has equal keys at both ends, by SPI, and a line for each way to go', async () => {
    const connection = await connect([TUNNEL]);
    const { clock, west, east } = connection;
    await negotiate(connection, TUNNEL, { lifetimes: { ...NO_LIMITS, hardSeconds: 60 } });
    const keyed = ({ trace }: Station): string[] =>
      trace.map((line) => line.replace(/"op":"\w+"/, '').replace(/"t":[\d.]+/, '')).toSorted();
    assert.equal(west.trace.length, 2);
    assert.deepEqual(keyed(west), keyed(east));
    clock.advance(60_000);
    assert.equal(west.trace.filter((line) => line.includes('"op":"delete"')).length, 2);
    await negotiate(connection, { ...TUNNEL, mode: 'transport' });
    await east.kernel.close();
    assert.equal(east.trace.filter((line) => line.includes('"op":"delete"')).length, 4);
    assert.ok(east.trace.some((line) => line.includes('"mode":"transport"') && line.includes('"hard_s":0')));
  });
});

describe('the SADB trace file', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sadb-trace-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is its owner’s alone, also when it was there before', () => {
    for (const name of ['new', 'old']) {
      const path = join(folder, name);
      if (name === 'old') {
        writeFileSync(path, 'before\n');
        chmodSync(path, 0o644);
      }
      const trace = openSadbTrace(path);
      assert.ok(trace.ok);
      trace.value.write('{"op":"add"}');
      assert.equal(statSync(path).mode & 0o777, 0o600);
      assert.equal(readFileSync(path, 'utf8'), name === 'old' ? 'before\n{"op":"add"}\n' : '{"op":"add"}\n');
      trace.value.close();
    }
  });

  it('is refused behind a symbolic link, as a folder, and in a folder that is not there', () => {
    const target = join(folder, 'target');
    const link = join(folder, 'link');
    symlinkSync(target, link);
    for (const path of [link, folder, join(folder, 'missing', 'trace'), '/dev/null']) {
      const trace = openSadbTrace(path);
      assert.ok(!trace.ok);
      assert.ok(trace.error.includes(path));
    }
    assert.equal(existsSync(target), false);
  });
});
