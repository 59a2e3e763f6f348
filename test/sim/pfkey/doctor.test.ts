/** `ikeadm doctor` over simulated kernels of Linux: each thing that can be stale is found, and mended without a flush. */
import assert from 'node:assert/strict';
import { linuxPfkeyKernel } from '../../../adapters/kernel/pfkey/pfkey-kernels.js';
import { doctorAdministration } from '../../../daemon/doctor.js';
import type { Diagnosis } from '../../../services/admin/doctor.js';
import { runUntil } from '../simulated-daemon.js';
import { WEST } from '../two-gateways.js';
import { finished, type KeyGateway, type KeyPair, startKeyPair } from './key-gateways.js';
import { packetBetween, SimulatedLinuxKernel } from './simulated-linux-kernel.js';

type Pair = KeyPair<SimulatedLinuxKernel>;
type Gateway = KeyGateway<SimulatedLinuxKernel>;

const TO_WEST = packetBetween('10.1.0.5', '10.2.0.9');

async function established(): Promise<Pair> {
  const pair = await startKeyPair({
    system: (clock, dice) => new SimulatedLinuxKernel(clock, dice),
    kernel: linuxPfkeyKernel,
  });
  const { time, east } = pair;
  assert.equal(east.system.output(TO_WEST, 100), 'acquired');
  assert.ok(await runUntil(time, () => east.system.output(TO_WEST, 100) === 'sent', 20_000));
  await runUntil(time, () => false, 200);
  return pair;
}

async function examined({ time }: Pair, { engine, memory }: Gateway, fix = false): Promise<Diagnosis> {
  const found = await finished(time, doctorAdministration(engine, memory).examine(fix));
  assert.ok(found.ok, found.ok ? '' : found.error);
  return found.value;
}

function brief({ findings }: Diagnosis): readonly string[] {
  return findings.map(({ code, stale, repair }) => `${code}, ${stale}, ${repair}`);
}

function believed({ engine }: Gateway): number {
  return engine.table.phase2Count;
}

/** Out of the kernel behind its own back: nothing is told. */
function vanish({ system }: Gateway, destination: string): void {
  const at = system.sas.findIndex((sa) => sa.destination === destination);
  assert.ok(at >= 0);
  system.sas.splice(at, 1);
}

describe('the doctor', () => {
  it('finds nothing where nothing is wrong, and leaves the SAs of others alone', async () => {
    const pair = await established();
    const [own] = pair.east.system.sas;
    assert.ok(own);
    pair.east.system.sas.push({ ...own, spi: 0x2222, timers: [] });
    const { healthy, ours, foreign, peersAsked } = await examined(pair, pair.east, true);
    assert.deepEqual([healthy, ours, foreign.map(({ spi }) => spi), peersAsked], [true, 2, [0x2222], 1]);
    assert.equal(pair.east.system.sas.length, 3);
    assert.ok(!pair.east.system.asked.includes('FLUSH'));
  });

  it('finds what the kernel lost, deletes the rest of it here and at the peer, and is well then', async () => {
    const pair = await established();
    vanish(pair.east, WEST);
    const first = await examined(pair, pair.east);
    assert.deepEqual(brief(first), ['gone-from-kernel, this host, proposed']);
    assert.equal(first.healthy, false);
    assert.equal(believed(pair.east), 1);
    const second = await examined(pair, pair.east, true);
    assert.deepEqual([brief(second), second.healthy], [['gone-from-kernel, this host, done'], true]);
    await runUntil(pair.time, () => false, 30_000);
    assert.deepEqual([believed(pair.east), believed(pair.west)], [0, 0]);
    assert.deepEqual([pair.east.system.sas, pair.west.system.sas], [[], []]);
    assert.equal((await examined(pair, pair.east)).healthy, true);
  });

  it('finds one of ours that was given up and is still in the kernel, and deletes that one', async () => {
    const pair = await established();
    const [own] = pair.east.memory.list();
    const [sa] = pair.east.system.sas;
    assert.ok(own && sa);
    pair.east.memory.made({ ...own, spi: 0x3333, bundle: [{ protocol: 50, spi: 0x3333 }] });
    pair.east.system.sas.push({
      ...sa,
      spi: 0x3333,
      destination: own.destination,
      source: own.source,
      timers: [],
    });
    assert.deepEqual(brief(await examined(pair, pair.east)), ['left-in-kernel, the kernel, proposed']);
    assert.deepEqual(brief(await examined(pair, pair.east, true)), ['left-in-kernel, the kernel, done']);
    assert.equal(pair.east.system.sas.length, 2);
    assert.equal((await examined(pair, pair.east)).healthy, true);
  });

  it('forgets what stands in the file alone', async () => {
    const pair = await established();
    const [own] = pair.east.memory.list();
    assert.ok(own);
    pair.east.memory.made({ ...own, spi: 0x3333, bundle: [{ protocol: 50, spi: 0x3333 }] });
    assert.deepEqual(brief(await examined(pair, pair.east, true)), ['only-in-file, the file, done']);
    assert.equal(pair.east.memory.list().length, 2);
  });

  it('finds a peer that has lost all, within seconds; with --fix gives up what stood with it', async () => {
    const pair = await established();
    pair.west.crash();
    pair.west.system.sas.splice(0);
    const begun = pair.time.now();
    const first = await examined(pair, pair.east);
    assert.deepEqual(brief(first), ['peer-silent, this host, proposed']);
    assert.ok(pair.time.now() - begun <= 10_000);
    assert.equal(believed(pair.east), 1);
    const second = await examined(pair, pair.east, true);
    assert.deepEqual(brief(second), ['peer-silent, this host, done']);
    await runUntil(pair.time, () => false, 1000);
    assert.deepEqual([believed(pair.east), pair.east.system.sas.length], [0, 0]);
    assert.equal((await examined(pair, pair.east)).healthy, true);
  });

  it('says of adopted SAs that their peer cannot be asked yet, and finds nothing stale', async () => {
    const pair = await established();
    pair.east.crash();
    const east = await pair.again(pair.east, 'east');
    const { healthy, unasked, ours } = await examined(pair, east);
    assert.deepEqual([healthy, ours, unasked.map(({ peer }) => peer)], [true, 2, [WEST]]);
  });

  it('finds what could not be adopted because the kernel did not answer at the start, and adopts it then', async () => {
    const pair = await established();
    const before = pair.east.system.sas.map(({ spi }) => spi);
    pair.east.crash();
    pair.east.system.unanswered.add('DUMP');
    const east = await pair.again(pair.east, 'east');
    assert.equal(believed(east), 0);
    const notes = east.events.flatMap((event) => (event.type === 'kernel.note' ? [event.note] : []));
    assert.match(notes.join(), /SAs of an earlier run cannot be adopted.*"ikeadm doctor --fix" tries again/);
    const deaf = await finished(pair.time, doctorAdministration(east.engine, east.memory).examine(true));
    assert.match(deaf.ok ? '' : deaf.error, /^The kernel does not say what SAs it holds: /);
    assert.equal(east.memory.earlier().length, 2, 'they stay remembered');
    east.system.unanswered.clear();
    const first = await examined(pair, east);
    assert.deepEqual(brief(first), ['not-adopted, the kernel, proposed']);
    assert.deepEqual([first.healthy, first.ours, first.foreign], [false, 2, []]);
    assert.deepEqual(
      first.findings.flatMap(({ sas }) => sas.map(({ spi }) => spi)),
      before,
    );
    assert.equal(believed(east), 0, 'looking changes nothing');
    const second = await examined(pair, east, true);
    assert.deepEqual([brief(second), second.healthy], [['not-adopted, the kernel, done'], true]);
    assert.equal(believed(east), 1);
    assert.deepEqual(brief(await examined(pair, east)), []);
    assert.deepEqual(
      east.system.sas.map(({ spi }) => spi),
      before,
    );
  });
});
