/** `kill -9` of a daemon whose SAs are in a real kernel: traffic goes on, the next run adopts and replaces them; the doctor. */
import assert from 'node:assert/strict';
import { scenario } from '../interop/lab/scenario.js';
import { eventually, succeed } from '../interop/lab/shell.js';
import { behindItsBack } from './lab/behind-its-back.js';
import { useBench, type Bench } from './lab/bench.js';
import { doctor, type Examined } from './lab/doctor.js';
import { spis, type HeldSa } from './lab/held-sas.js';
import { KERNELS } from './lab/kernels.js';
import type { PingStream } from './lab/ping-stream.js';

/** Somebody's own, between the same hosts. */
const FOREIGN_SPI = '00001234';
const FOREIGN_KEYS = [
  'auth',
  'hmac(sha1)',
  `0x${'5a'.repeat(20)}`,
  'enc',
  'cbc(aes)',
  `0x${'a5'.repeat(16)}`,
];

function ours({ network }: Bench): string {
  return network.ours[0];
}

function idOf({
  source,
  destination,
  protocol,
  spi,
}: Omit<HeldSa, 'mode' | 'algorithms' | 'ports'>): string[] {
  return ['src', source, 'dst', destination, 'proto', protocol, 'spi', `0x${spi}`];
}

function foreignId({ scenario: { place } }: Bench): string[] {
  const [source, destination] = [place.ours.own[4], place.peers.seenAs[4]];
  return idOf({ source, destination, protocol: 'esp', spi: FOREIGN_SPI });
}

async function addForeign(bench: Bench): Promise<void> {
  const add = ['xfrm', 'state', 'add', ...foreignId(bench), 'mode', 'tunnel', ...FOREIGN_KEYS];
  await succeed('ip', ['-n', ours(bench), ...add]);
}

/** All that the kernel says of it: when it was added and used, too. */
function foreignSa(bench: Bench): Promise<string> {
  return succeed('ip', ['-n', ours(bench), '-s', 'xfrm', 'state', 'get', ...foreignId(bench)]);
}

async function own(bench: Bench): Promise<readonly HeldSa[]> {
  return (await bench.held('ours')).filter(({ spi }) => spi !== FOREIGN_SPI);
}

async function pingsPass(stream: PingStream, count: number): Promise<void> {
  const enough = stream.answered().length + count;
  await eventually(`${String(count)} more pings`, 20, () => stream.answered().length >= enough || undefined);
}

const HEALTHY: Examined = { status: 0, ours: 2, foreign: [Number(`0x${FOREIGN_SPI}`)], findings: [] };

for (const kernel of KERNELS) {
  for (const peer of ['charon', 'in.iked'] as const) {
    describe(`--kernel ${kernel}: a daemon that is killed, with ${peer}`, () => {
      const bench = useBench({ kernel, peer, scenario: scenario({}) });
      let stream: PingStream;
      let before: readonly string[];
      let foreign: string;

      it('its SAs stay in the kernel and carry traffic while it is dead', async () => {
        await bench().untilPing();
        before = spis(await bench().untilHeld('ours', 2));
        await addForeign(bench());
        foreign = await foreignSa(bench());
        stream = bench().pingStream(0.1);
        await pingsPass(stream, 3);
        await bench().daemon.kill();
        await pingsPass(stream, 10);
        assert.deepEqual(spis(await own(bench())), before);
      });

      it('started again it adopts them, replaces them, and deletes them at both ends; no ping is lost', async () => {
        const acquires = bench().acquires();
        const daemon = await bench().revive();
        assert.match(daemon.log(), /in\.iked did not end well before: of its SAs 2 carry traffic as before/);
        for (const end of ['ours', 'peers'] as const) {
          await eventually(`new SAs alone at ${end}`, 60, async () => {
            const held = spis(await bench().held(end)).filter((spi) => spi !== FOREIGN_SPI);
            return (held.length === 2 && !held.some((spi) => before.includes(spi))) || undefined;
          });
        }
        await pingsPass(stream, 10);
        const { answered, lost, twice } = await stream.stop();
        assert.deepEqual({ lost, twice }, { lost: [], twice: 0 }, `of ${String(answered)}`);
        assert.equal(bench().acquires(), acquires, 'no packet had to ask');
        assert.equal(spis(await own(bench())).join(), spis(await bench().held('peers')).join());
      });

      it('the doctor finds nothing stale then, and names the SA of somebody else', async () => {
        assert.deepEqual(await doctor(bench()), HEALTHY);
      });

      it('of an SA that is deleted by hand the daemon is told, and the doctor finds nothing', async () => {
        const [sa] = await own(bench());
        assert.ok(sa);
        await succeed('ip', ['-n', ours(bench()), 'xfrm', 'state', 'delete', ...idOf(sa)]);
        await bench().untilHeld('ours', 1);
        await bench().untilHeld('peers', 0);
        assert.deepEqual(await doctor(bench()), { ...HEALTHY, ours: 0 });
        await bench().untilPing();
      });

      it('one that is deleted behind its back the doctor finds and, with --fix, mends', async () => {
        const inbound = (await own(bench())).find(
          ({ destination }) => destination === bench().scenario.place.ours.own[4],
        );
        assert.ok(inbound);
        const untold = await behindItsBack(bench().daemon.pid, async () => {
          await succeed('ip', ['-n', ours(bench()), 'xfrm', 'state', 'delete', ...idOf(inbound)]);
        });
        assert.ok(untold > 0, 'the kernel told it');
        assert.equal(await bench().pings(2, 0.1, 1), 0);
        const found = { ...HEALTHY, ours: 1 };
        const finding = (repair: string): readonly string[] => [
          `gone-from-kernel, ${repair}: ${inbound.spi}`,
        ];
        assert.deepEqual(await doctor(bench()), { ...found, status: 1, findings: finding('proposed') });
        assert.deepEqual(await doctor(bench(), '--fix'), { ...found, findings: finding('done') });
        await bench().untilHeld('ours', 1);
        await bench().untilHeld('peers', 0);
        await bench().untilPing();
        assert.deepEqual(await doctor(bench()), HEALTHY);
      });

      it('nobody has touched the SA of somebody else, and it outlives the daemon', async () => {
        assert.equal(await bench().daemon.stop(), 'ended');
        assert.deepEqual(spis(await bench().held('ours')), [FOREIGN_SPI]);
        assert.equal(await foreignSa(bench()), foreign);
      });
    });
  }
}
