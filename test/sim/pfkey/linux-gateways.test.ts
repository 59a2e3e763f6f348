/** Two daemons whose SAs are in Linux kernels, over PF_KEY, in virtual time. */
import assert from 'node:assert/strict';
import { linuxPfkeyKernel } from '../../../adapters/kernel/pfkey/pfkey-kernels.js';
import { isOwnRequestId } from '../../../adapters/kernel/linux/request-ids.js';
import type { IpsecPolicy } from '../../../services/ports/kernel.js';
import { runUntil } from '../simulated-daemon.js';
import { AES128_SHA1, EAST, tunnelPolicy, WEST } from '../two-gateways.js';
import { finished, type KeyGateway, type KeyPair, startKeyPair } from './key-gateways.js';
import { packetBetween, SimulatedLinuxKernel } from './simulated-linux-kernel.js';

type Pair = KeyPair<SimulatedLinuxKernel>;
type Gateway = KeyGateway<SimulatedLinuxKernel>;

function start(globals?: string, policies?: (end: 'east' | 'west') => readonly IpsecPolicy[]): Promise<Pair> {
  return startKeyPair({
    system: (clock, dice) => new SimulatedLinuxKernel(clock, dice),
    kernel: linuxPfkeyKernel,
    ...(globals === undefined ? {} : { globals }),
    ...(policies === undefined ? {} : { policies }),
  });
}

const TO_WEST = packetBetween('10.1.0.5', '10.2.0.9');
const TO_EAST = packetBetween('10.2.0.9', '10.1.0.5');

/** Until SAs are there. */
async function establish({ time, east }: Pair, packet = TO_WEST): Promise<void> {
  assert.equal(east.system.output(packet, 100), 'acquired');
  assert.ok(await runUntil(time, () => east.system.output(packet, 100) === 'sent', 20_000), outcome(east));
  // The responder adds its outbound SA after message 3.
  await runUntil(time, () => false, 200);
}

function outcome({ events, notes }: Gateway): string {
  const failures = events.flatMap((event) =>
    event.type === 'negotiation.ended' && event.failure !== undefined ? [event.failure.explanation] : [],
  );
  return [...failures, ...notes].join(' | ');
}

/** Nothing that a kernel would have refused was sent, and no defect showed. */
function assertProper({ east, west }: Pair): void {
  for (const { system, events } of [east, west]) {
    assert.deepEqual(system.faults, []);
    assert.ok(!system.asked.includes('FLUSH'));
    assert.deepEqual(
      events.filter(({ type }) => type === 'internal.error'),
      [],
    );
  }
}

/** A packet each way every second. */
async function converse({ time, east, west }: Pair, seconds: number): Promise<number> {
  let lost = 0;
  for (let second = 0; second < seconds; second++) {
    if (east.system.output(TO_WEST, 100) !== 'sent') lost += 1;
    if (west.system.output(TO_EAST, 100) !== 'sent') lost += 1;
    await runUntil(time, () => false, 1000);
  }
  return lost;
}

/** An operator's tool deletes the SA to that address. */
function deleteByHand({ system }: Gateway, to: string): void {
  const sa = system.sas.find(({ destination }) => destination === to);
  assert.ok(sa !== undefined);
  const named = new Set<string>(['SA', 'ADDRESS_SRC', 'ADDRESS_DST']);
  system.operator({
    kind: 'DELETE',
    saType: 3,
    extensions: sa.extensions.filter(({ kind }) => named.has(kind)),
  });
}

function mature({ system }: Gateway): number {
  return system.sas.filter(({ state }) => state !== 0).length;
}

describe('two daemons over PF_KEY of Linux', function () {
  this.timeout(60_000);

  it('make SAs when a packet asks, under the request id of their policy', async () => {
    const pair = await start();
    await establish(pair);
    for (const { system } of [pair.east, pair.west]) {
      const ids = system.sas.map(({ extensions }) =>
        extensions.flatMap((extension) => (extension.kind === 'X_SA2' ? [extension] : [])),
      );
      assert.equal(ids.length, 2);
      assert.ok(ids.flat().every(({ requestId, mode }) => isOwnRequestId(requestId) && mode === 2));
    }
    assert.equal(pair.west.system.output(TO_EAST, 100), 'sent');
    assertProper(pair);
  });

  it('renew them by the soft limits of the kernel, and lose no packet over it', async () => {
    const pair = await start('p2_lifetime_secs 100');
    await establish(pair);
    assert.equal(await converse(pair, 400), 0);
    await runUntil(pair.time, () => false, 5000);
    assert.ok(pair.east.events.filter(({ type }) => type === 'phase2.installed').length >= 4);
    assert.ok(mature(pair.east) <= 4, String(mature(pair.east)));
    assertProper(pair);
  });

  it('let them go at the hard limit when nobody uses them, and ask again for the next packet', async () => {
    const pair = await start('p2_lifetime_secs 100');
    await establish(pair);
    // Its own first packets count as use, for one renewal.
    await runUntil(pair.time, () => false, 400_000);
    assert.deepEqual([mature(pair.east), mature(pair.west)], [0, 0]);
    assert.equal([...pair.east.engine.table.phase2()].length, 0);
    await establish(pair);
    assertProper(pair);
  });

  it('take them out one by one at a Delete of the peer, and at their own end', async () => {
    const pair = await start();
    await establish(pair);
    void pair.west.engine.sayGoodbye();
    await runUntil(pair.time, () => mature(pair.east) === 0, 5000);
    assert.deepEqual([mature(pair.east), mature(pair.west)], [0, 0]);
    await finished(pair.time, pair.east.kernel.close());
    assert.deepEqual(pair.east.system.spd, []);
    assert.deepEqual(pair.east.system.sas, []);
    assertProper(pair);
  });

  it('forget them when the kernel is flushed, and make new ones', async () => {
    const pair = await start();
    await establish(pair);
    pair.east.system.operator({ kind: 'FLUSH', saType: 0, extensions: [] });
    await runUntil(pair.time, () => false, 1000);
    assert.equal([...pair.east.engine.table.phase2()].length, 0);
    await establish(pair);
    assert.ok(!pair.west.system.faults.length);
  });

  it('tell the peer when somebody deletes one of them', async () => {
    const pair = await start();
    await establish(pair);
    deleteByHand(pair.east, WEST);
    await runUntil(pair.time, () => mature(pair.west) === 0, 5000);
    // What the peer sent before it knew still gets in, as at every Delete of ours.
    assert.deepEqual([mature(pair.east), mature(pair.west)], [1, 0]);
    await runUntil(pair.time, () => false, 30_000);
    assert.deepEqual([mature(pair.east), mature(pair.west)], [0, 0]);
    assert.equal([...pair.east.engine.table.phase2()].length, 0);
    assertProper(pair);
  });

  it('repeat the Delete of what somebody took out of the kernel until it arrives', async () => {
    const pair = await start();
    await establish(pair);
    const { network, east, west, time } = pair;
    let lost = 0;
    network.filter = () => (lost++ < 2 ? 'drop' : 'pass');
    deleteByHand(east, WEST);
    await runUntil(time, () => mature(west) === 0, 10_000);
    assert.equal(mature(west), 0);
    assert.ok(lost > 2);
    assertProper(pair);
  });

  it('make a Phase 1 SA to tell the peer of it where none is left', async () => {
    const pair = await start();
    await establish(pair);
    const { east, west, time } = pair;
    for (const entry of [...east.engine.table.phase1()]) east.engine.deletePhase1(entry, 'a test');
    await runUntil(time, () => false, 60_000);
    assert.deepEqual([mature(east), mature(west)], [2, 2]);
    deleteByHand(east, WEST);
    await runUntil(time, () => mature(west) === 0, 20_000);
    assert.equal(mature(west), 0, outcome(east));
    assertProper(pair);
  });

  it('learn by a dump what an overrun kept from them', async () => {
    const pair = await start();
    await establish(pair);
    const [first] = pair.east.system.sas;
    assert.ok(first !== undefined);
    // The news of the flush and one more are lost.
    pair.east.system.lose(2);
    pair.east.system.operator({ kind: 'FLUSH', saType: 0, extensions: [] });
    pair.east.system.operator({ kind: 'FLUSH', saType: 0, extensions: [] });
    await runUntil(pair.time, () => false, 30_000);
    assert.equal([...pair.east.engine.table.phase2()].length, 0);
    assert.ok(pair.east.system.asked.includes('DUMP'));
    assertProper(pair);
  });

  it('finish a Quick Mode whose answers from the kernel are lost', async () => {
    const pair = await start();
    pair.west.system.lose(1);
    await establish(pair);
    assertProper(pair);
  });

  it('fail an ACQUIRE that comes to nothing, and take the next one', async () => {
    const pair = await start('', (end) => (end === 'east' ? [tunnelPolicy('east')] : []));
    assert.equal(pair.east.system.output(TO_WEST, 100), 'acquired');
    await runUntil(pair.time, () => pair.east.system.failedAcquires.length > 0, 400_000);
    assert.deepEqual(pair.east.system.failedAcquires.at(0), 1);
    assertProper(pair);
  });

  it('ask nobody twice when the kernel asks again before the peer has answered', async () => {
    const pair = await start();
    pair.network.filter = () => 'drop';
    pair.east.system.output(TO_WEST, 100);
    await runUntil(pair.time, () => false, 31_000);
    assert.equal(pair.east.system.output(TO_WEST, 100), 'acquired');
    await runUntil(pair.time, () => false, 1000);
    assert.equal(pair.east.events.filter(({ type }) => type === 'kernel.acquire').length, 1);
    await runUntil(pair.time, () => pair.east.system.failedAcquires.length > 1, 400_000);
    assert.deepEqual(pair.east.system.failedAcquires, [1, 2]);
  });

  it('in transport mode make SAs for the two hosts of a policy for networks', async () => {
    const pair = await start('', (end) => [
      { ...tunnelPolicy(end), mode: 'transport', selectors: everything(end) },
    ]);
    await establish(pair, packetBetween(EAST, WEST));
    assertProper(pair);
  });

  it('make AH and ESP together, the tunnel by ESP alone', async () => {
    const pair = await start('', (end) => [
      {
        ...tunnelPolicy(end),
        proposals: [[{ protocol: 51, integrity: 'hmac-sha1-96' }, AES128_SHA1]],
      },
    ]);
    await establish(pair);
    assert.equal(mature(pair.east), 4);
    assertProper(pair);
  });
});

function everything(end: 'east' | 'west'): IpsecPolicy['selectors'] {
  const [local, remote] = end === 'east' ? [EAST, WEST] : [WEST, EAST];
  const net = (address: string) => ({
    addresses: { begin: address.replace(/\d+$/, '0'), end: address.replace(/\d+$/, '255') },
    port: 0,
  });
  return { local: net(local), remote: net(remote), protocol: 0 };
}
