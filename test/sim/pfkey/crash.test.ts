/** A daemon is killed and comes back, while its SAs are in a Linux kernel: they are adopted, replaced, told of, or forgotten. */
import assert from 'node:assert/strict';
import { linuxPfkeyKernel } from '../../../adapters/kernel/pfkey/pfkey-kernels.js';
import { JOURNAL_HEADER } from '../../../services/state/sa-journal.js';
import { runUntil } from '../simulated-daemon.js';
import { EAST, WEST } from '../two-gateways.js';
import { FAIR } from '../simulated-network.js';
import { finished, type KeyGateway, type KeyPair, startKeyPair } from './key-gateways.js';
import { packetBetween, SimulatedLinuxKernel } from './simulated-linux-kernel.js';

type Pair = KeyPair<SimulatedLinuxKernel>;
type Gateway = KeyGateway<SimulatedLinuxKernel>;

const TO_WEST = packetBetween('10.1.0.5', '10.2.0.9');
const TO_EAST = packetBetween('10.2.0.9', '10.1.0.5');

async function established(globals?: string): Promise<Pair> {
  const pair = await startKeyPair({
    system: (clock, dice) => new SimulatedLinuxKernel(clock, dice),
    kernel: linuxPfkeyKernel,
    ...(globals === undefined ? {} : { globals }),
  });
  const { time, east } = pair;
  assert.equal(east.system.output(TO_WEST, 100), 'acquired');
  assert.ok(await runUntil(time, () => east.system.output(TO_WEST, 100) === 'sent', 20_000));
  await runUntil(time, () => false, 200);
  return pair;
}

/** SPIs in the kernel, in order. */
function spis({ system }: Gateway): readonly number[] {
  return system.sas
    .filter(({ state }) => state !== 0)
    .map(({ spi }) => spi)
    .sort((a, b) => a - b);
}

/** What the daemon believes to have. */
function believed({ engine }: Gateway): readonly number[] {
  return [...engine.table.phase2()]
    .flatMap(({ pairs }) => pairs.flatMap(({ inboundSpi, outboundSpi }) => [inboundSpi, outboundSpi]))
    .sort((a, b) => a - b);
}

function statesOf({ engine }: Gateway): readonly string[] {
  return [...engine.table.phase2()].flatMap((entry) =>
    (engine.peers.ipsecSas.standsAt(entry) ?? []).map(({ state }) => state),
  );
}

function remembered({ memory }: Gateway): readonly number[] {
  return memory
    .list()
    .map(({ spi }) => spi)
    .sort((a, b) => a - b);
}

function assertProper(...gateways: readonly Gateway[]): void {
  for (const { system, events } of gateways) {
    assert.deepEqual(system.faults, []);
    assert.ok(!system.asked.includes('FLUSH'));
    assert.deepEqual(
      events.filter(({ type }) => type === 'internal.error'),
      [],
    );
  }
}

/** A packet each way every second; how many found no SA. */
async function converse(time: Pair['time'], east: Gateway, west: Gateway, seconds: number): Promise<number> {
  let lost = 0;
  for (let second = 0; second < seconds; second++) {
    if (east.system.output(TO_WEST, 100) !== 'sent') lost += 1;
    if (west.system.output(TO_EAST, 100) !== 'sent') lost += 1;
    await runUntil(time, () => false, 1000);
  }
  return lost;
}

function noteOf({ events }: Gateway): string {
  return events.flatMap((event) => (event.type === 'kernel.note' ? [event.note] : [])).join('\n');
}

describe('a daemon that was killed', function () {
  this.timeout(60_000);

  it('has every SA of its kernel in its file, before and after', async () => {
    const pair = await established();
    for (const gateway of [pair.east, pair.west]) {
      assert.equal(spis(gateway).length, 2);
      assert.deepEqual(remembered(gateway), spis(gateway));
    }
    await finished(pair.time, pair.east.kernel.close());
    assert.equal(pair.east.file.text, undefined);
  });

  it('adopts them, loses no packet, replaces them, and both ends end with the same', async () => {
    const pair = await established();
    const { time, west } = pair;
    const before = spis(pair.east);
    pair.east.crash();
    assert.deepEqual(spis(pair.east), before);
    const east = await pair.again(pair.east, 'east');
    assert.deepEqual(believed(east), before);
    assert.deepEqual(statesOf(east), ['adopted']);
    assert.deepEqual(remembered(east), before);
    assert.match(noteOf(east), /of its SAs 2 carry traffic as before/);
    assert.equal(await converse(time, east, west, 120), 0);
    assert.equal(believed(east).length, 2);
    assert.ok(!believed(east).some((spi) => before.includes(spi)), 'new ones have taken their place');
    for (const gateway of [east, west]) {
      assert.deepEqual(spis(gateway), believed(gateway));
      assert.deepEqual(remembered(gateway), believed(gateway));
    }
    assert.deepEqual(believed(east), believed(west));
    assertProper(east, west);
  });

  it('lets them go when their time is over, though no peer answers', async () => {
    const pair = await established('p2_lifetime_secs 100');
    pair.east.crash();
    pair.network.filter = () => 'drop';
    const east = await pair.again(pair.east, 'east');
    assert.equal(believed(east).length, 2);
    await runUntil(pair.time, () => false, 100_000);
    assert.deepEqual([believed(east), spis(east), remembered(east)], [[], [], []]);
    assertProper(east);
  });

  it('gives them up when packets leave and nothing comes back, and begins anew with INITIAL-CONTACT', async () => {
    const pair = await established();
    pair.east.crash();
    pair.west.crash();
    for (const sa of [...pair.west.system.sas])
      pair.west.system.sas.splice(pair.west.system.sas.indexOf(sa), 1);
    pair.network.filter = () => 'drop';
    const east = await pair.again(pair.east, 'east');
    for (let second = 0; second < 200 && believed(east).length > 0; second++) {
      east.system.output(TO_WEST, 100);
      await runUntil(pair.time, () => false, 1000);
    }
    assert.deepEqual([believed(east), spis(east)], [[], []]);
  });

  it('forgets what is gone from the kernel', async () => {
    const pair = await established();
    pair.east.crash();
    pair.east.system.operator({ kind: 'FLUSH', saType: 0, extensions: [] });
    const east = await pair.again(pair.east, 'east');
    assert.deepEqual([believed(east), remembered(east)], [[], []]);
    assert.match(noteOf(east), /2 are gone from the kernel and forgotten/);
    assert.equal(east.file.text, JOURNAL_HEADER);
    assertProper(east);
  });

  it('deletes the half of a pair that lost the other', async () => {
    const pair = await established();
    pair.east.crash();
    const { sas } = pair.east.system;
    const outbound = sas.findIndex(({ destination }) => destination === WEST);
    sas.splice(outbound, 1);
    const east = await pair.again(pair.east, 'east');
    assert.deepEqual([believed(east), spis(east)], [[], []]);
    assertProper(east);
  });

  it('never touches what is not in the file, nor another SA in the place of one that is', async () => {
    const pair = await established();
    const [own] = pair.east.system.sas;
    assert.ok(own);
    const foreign = { ...own, spi: 0x2222, timers: [] };
    pair.east.crash();
    pair.east.system.sas.push(foreign);
    // Somebody's own SA under the very name of ours, made an hour later.
    await runUntil(pair.time, () => false, 3000);
    const [first] = pair.east.system.sas.splice(0, 1);
    assert.ok(first);
    pair.east.system.sas.push({ ...first, addedAt: first.addedAt - 3_600_000, timers: [] });
    const east = await pair.again(pair.east, 'east');
    assert.deepEqual(believed(east), []);
    assert.deepEqual(
      east.system.sas.map(({ spi }) => spi).sort((a, b) => a - b),
      [foreign.spi, first.spi].sort((a, b) => a - b),
    );
    await finished(pair.time, east.kernel.close());
    assert.equal(east.system.sas.length, 2);
  });

  it('deletes them where the rule went meanwhile', async () => {
    const pair = await established();
    pair.east.crash();
    pair.east.file.text = pair.east.file.text?.replaceAll(/"rule":"[^"]*"/g, '"rule":"another"');
    const east = await pair.again(pair.east, 'east');
    assert.deepEqual([believed(east), spis(east), remembered(east)], [[], [], []]);
    assert.match(noteOf(east), /2 without a partner, a rule or a policy were deleted/);
    assertProper(east);
  });

  it('goes on without what a spoiled file lost, says so, and keeps the file', async () => {
    const pair = await established();
    pair.east.crash();
    pair.east.file.text = `\u0000\u0001 nonsense\n${pair.east.file.text ?? ''}`;
    const east = await pair.again(pair.east, 'east');
    assert.match(noteOf(east), /\/var\/run\/ike_sas cannot be used.*kept as \/var\/run\/ike_sas\.spoiled/);
    assert.ok(east.file.aside?.includes('nonsense'));
    assert.equal(spis(east).length, 2);
    assert.deepEqual(believed(east), []);
    assertProper(east);
  });

  it('answers a peer that comes back itself, and keeps no old SA beside the new ones', async () => {
    const pair = await established();
    const { time } = pair;
    pair.east.crash();
    pair.west.crash();
    const [east, west] = [await pair.again(pair.east, 'east'), await pair.again(pair.west, 'west')];
    assert.deepEqual([statesOf(east), statesOf(west)], [['adopted'], ['adopted']]);
    assert.equal(await converse(time, east, west, 150), 0);
    for (const gateway of [east, west]) {
      assert.deepEqual(spis(gateway), believed(gateway));
      assert.deepEqual(remembered(gateway), believed(gateway));
    }
    assert.deepEqual(believed(east), believed(west));
    assertProper(east, west);
  });

  it('whenever it was killed, ends with the SAs that its peer has, or none', async () => {
    for (let at = 5; at <= 605; at += 60) {
      const pair = await startKeyPair({
        system: (clock, dice) => new SimulatedLinuxKernel(clock, dice),
        kernel: linuxPfkeyKernel,
      });
      pair.network.weather = { ...FAIR, delayMs: 50 };
      const { time, west } = pair;
      pair.east.system.output(TO_WEST, 100);
      await runUntil(time, () => false, at);
      pair.east.crash();
      const east = await pair.again(pair.east, 'east');
      await converse(time, east, west, 180);
      const where = `killed after ${String(at)} ms`;
      assert.deepEqual(spis(east), spis(west), where);
      assert.deepEqual(believed(east), spis(east), where);
      assert.deepEqual(believed(west), spis(west), where);
      assert.deepEqual(remembered(east), spis(east), where);
      assert.equal(await converse(time, east, west, 5), 0, where);
      assertProper(east, west);
    }
  });

  it('tells the peer when somebody takes one of the adopted out of the kernel', async () => {
    const pair = await established('p2_lifetime_secs 3600');
    pair.east.crash();
    const east = await pair.again(pair.east, 'east');
    const sa = east.system.sas.find(({ destination }) => destination === EAST);
    assert.ok(sa);
    const named = new Set<string>(['SA', 'ADDRESS_SRC', 'ADDRESS_DST']);
    const extensions = sa.extensions.filter(({ kind }) => named.has(kind));
    east.system.operator({ kind: 'DELETE', saType: 3, extensions });
    await runUntil(pair.time, () => spis(pair.west).length === 0, 60_000);
    await runUntil(pair.time, () => false, 60_000);
    assert.deepEqual([spis(east), spis(pair.west)], [[], []]);
    assertProper(east, pair.west);
  });
});
