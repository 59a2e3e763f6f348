/**
 * A gateway and many hosts: SAs with each of them are held, renewed for as long as they are used, and deleted. `IKECHART_SAS=100000`
 * is the full count (for hours, under `NODE_OPTIONS=--max-old-space-size=8192`); by default a five-thousandth runs.
 */
import assert from 'node:assert/strict';
import { udpPacket } from '../../adapters/kernel/embedded/ip-packet.js';
import { prefixRange, single } from '../../services/net/address.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import { Dice } from './dice.js';
import { type DaemonPlan, runUntil, type SimulatedDaemon, startSimulated } from './simulated-daemon.js';
import { SimulatedNetwork } from './simulated-network.js';
import { AES128_SHA1, EAST } from './two-gateways.js';
import { VirtualClock } from './virtual-clock.js';

const COUNT = Number(process.env.IKECHART_SAS ?? 20);
const LIFETIME_SECONDS = 600;
/**
 * All SAs are made in so many seconds, 500 in one at the most: all hosts are one daemon here, whose kernel holds first packets of so
 * many, and no more, until there are SAs.
 */
const MAKING_SECONDS = Math.max(60, COUNT / 500);
const HOSTS = '10.0.0.0/8';

const host = (n: number): string => `10.${String(n >> 16)}.${String((n >> 8) & 0xff)}.${String(n & 0xff)}`;

function plan(end: 'gateway' | 'hosts'): DaemonPlan {
  const [local, remote] = end === 'gateway' ? [EAST, HOSTS] : [HOSTS, EAST];
  const [gateway, hosts] = [single(EAST), prefixRange('10.0.0.0', 8)];
  const [here, there] = end === 'gateway' ? [gateway, hosts] : [hosts, gateway];
  const policy: IpsecPolicy = {
    selectors: { local: { addresses: here, port: 0 }, remote: { addresses: there, port: 0 }, protocol: 0 },
    mode: 'transport',
    outer: { local: EAST, remote: EAST },
    proposals: [[AES128_SHA1]],
    ruleLabel: undefined,
  };
  const type = (address: string): string => (address === HOSTS ? 'prefix' : 'ip');
  return {
    address: end === 'gateway' ? EAST : host(0),
    ...(end === 'gateway' ? {} : { moreAddresses: Array.from({ length: COUNT }, (_, n) => host(n + 1)) }),
    config: `p1_lifetime_secs ${String(LIFETIME_SECONDS * 2)} p2_lifetime_secs ${String(LIFETIME_SECONDS)}
      { label "hosts" local_addr ${local} remote_addr ${remote} p2_pfs 0
        p1_xform { auth_method preshared oakley_group 19 auth_alg sha1 encr_alg aes(128..128) } }`,
    preshared: `{ localidtype ${type(local)} localid ${local} remoteidtype ${type(remote)} remoteid ${remote}
      key 0123456789abcdef0123456789abcdef }`,
    policies: [policy],
  };
}

/** What nobody looks at is not kept: of a hundred thousand SAs it is gigabytes. */
function forget({ events, trace, delivered }: SimulatedDaemon): void {
  events.length = 0;
  trace.length = 0;
  delivered.length = 0;
}

describe(`${String(COUNT)} hosts at a gateway`, function () {
  this.timeout(COUNT * 1000);

  it('have SAs that are renewed without losing a packet, not all at once, and go at one word', async () => {
    const clock = new VirtualClock();
    const network = new SimulatedNetwork(clock, new Dice(1));
    const peers = new Map<string, SimulatedDaemon>();
    const gateway = await startSimulated(plan('gateway'), network, clock, 1, peers);
    const hosts = await startSimulated(plan('hosts'), network, clock, 2, peers);
    const count = { packets: 0, arrived: 0, made: 0, madeByTime: new Map<number, number>() };
    gateway.stream.subscribe(({ type, at }) => {
      if (type !== 'phase2.installed') return;
      const second = Math.floor(at / 1000);
      count.made += 1;
      count.madeByTime.set(second, (count.madeByTime.get(second) ?? 0) + 1);
    });
    /** A packet of each host, spread over the seconds. */
    const speak = async (seconds: number): Promise<void> => {
      const begun = clock.now();
      for (let n = 1; n <= COUNT; n++) {
        await runUntil(clock, () => false, begun + (n * seconds * 1000) / COUNT - clock.now());
        hosts.kernel.output(udpPacket(host(n), EAST, 4000, 4001, new Uint8Array(1)));
        count.packets += 1;
        count.arrived += gateway.delivered.length;
        network.sent.length = 0;
        for (const daemon of [gateway, hosts]) forget(daemon);
      }
    };

    await speak(MAKING_SECONDS);
    await runUntil(clock, () => false, 5000);
    assert.equal(gateway.engine.table.phase1Count, COUNT);
    assert.equal(gateway.engine.table.phase2Count, COUNT);
    count.madeByTime.clear();
    const before = count.made;

    // Two lifetimes of Phase 2, one of Phase 1.
    while (clock.now() < LIFETIME_SECONDS * 2200) await speak(MAKING_SECONDS);
    await runUntil(clock, () => false, 5000);
    count.arrived += gateway.delivered.length;
    assert.equal(count.arrived, count.packets, 'packets were lost');
    assert.ok(count.made - before >= 2 * COUNT, 'each was renewed twice');
    assert.ok(gateway.engine.table.phase1Count >= COUNT, 'Phase 1 SAs were renewed too');
    // In any second, twice as many as were made in one, at the most; few SAs come in lumps.
    const most = Math.max(...count.madeByTime.values());
    assert.ok(most <= (2 * COUNT) / MAKING_SECONDS + 8, `${String(most)} in one second`);
    for (const { kernel } of [gateway, hosts])
      assert.deepEqual(kernel.statistics.dropped, { outbound: {}, inbound: {} });

    void gateway.engine.peers.sayGoodbye('the gateway stops');
    await runUntil(clock, () => false, 60_000);
    for (const { engine, kernel, keys, keysAtStart } of [gateway, hosts]) {
      assert.deepEqual([engine.table.phase1Count, engine.table.phase2Count], [0, 0]);
      assert.deepEqual(kernel.sas(), []);
      assert.equal(keys.size, keysAtStart);
    }
  });
});
