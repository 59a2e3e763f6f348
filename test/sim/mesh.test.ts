/** Ten daemons in one process, each with a tunnel to each other one. */
import assert from 'node:assert/strict';
import { udpPacket } from '../../adapters/kernel/embedded/ip-packet.js';
import { prefixRange } from '../../services/net/address.js';
import type { IpsecPolicy } from '../../services/ports/kernel.js';
import { Dice } from './dice.js';
import { isBusy, liveSas } from './outcome.js';
import { type DaemonPlan, runUntil, type SimulatedDaemon, startSimulated } from './simulated-daemon.js';
import { SimulatedNetwork } from './simulated-network.js';
import { AES128_SHA1 } from './two-gateways.js';
import { VirtualClock } from './virtual-clock.js';

const COUNT = 10;
const NUMBERS = Array.from({ length: COUNT }, (_, index) => index + 1);
const TRANSFORM = 'p1_xform { auth_method preshared oakley_group 19 auth_alg sha1 encr_alg aes(128..128) }';

const outer = (number: number): string => `192.0.2.${String(number)}`;
const inner = (number: number): string => `10.${String(number)}.0.1`;
const others = (number: number): readonly number[] => NUMBERS.filter((other) => other !== number);

function policy(here: number, there: number): IpsecPolicy {
  const side = (number: number) => ({ addresses: prefixRange(inner(number), 16), port: 0 });
  return {
    selectors: { local: side(here), remote: side(there), protocol: 0 },
    mode: 'tunnel',
    outer: { local: outer(here), remote: outer(there) },
    proposals: [[AES128_SHA1]],
    ruleLabel: undefined,
  };
}

function plan(here: number): DaemonPlan {
  const rule = (there: number): string =>
    `{ label "${outer(there)}" local_addr ${outer(here)} remote_addr ${outer(there)} p2_pfs 0 ${TRANSFORM} }\n`;
  const key = (there: number): string => {
    const [low, high] = [Math.min(here, there), Math.max(here, there)];
    const digits = `${low.toString(16)}${high.toString(16)}`.padStart(32, '0');
    return `{ localid ${outer(here)} remoteid ${outer(there)} key ${digits} }\n`;
  };
  return {
    address: outer(here),
    config: `retry_limit 20 retry_timer_max 5 expire_timer 600\n${others(here).map(rule).join('')}`,
    preshared: others(here).map(key).join(''),
    policies: others(here).map((there) => policy(here, there)),
    cryptoMs: 100,
  };
}

describe(`${String(COUNT)} daemons, each with each`, () => {
  it('all begin at once in bad weather, and end with the same SAs on both ends of every pair', async function () {
    this.timeout(120_000);
    const clock = new VirtualClock();
    const network = new SimulatedNetwork(clock, new Dice(10));
    network.weather = { loss: 0.2, duplication: 0.1, delayMs: 10, jitterMs: 500 };
    const peers = new Map<string, SimulatedDaemon>();
    const daemons = new Map<number, SimulatedDaemon>();
    for (const number of NUMBERS)
      daemons.set(number, await startSimulated(plan(number), network, clock, number, peers));
    for (const [here, daemon] of daemons) {
      for (const there of others(here)) {
        const greeting = new TextEncoder().encode(`from ${String(here)} to ${String(there)}`);
        daemon.kernel.output(udpPacket(inner(here), inner(there), 4000, 4001, greeting));
      }
    }
    await runUntil(clock, () => false, 1_300_000);
    const holders = new Map<string, number>();
    for (const [number, daemon] of daemons) {
      assert.equal(isBusy(daemon), false, outer(number));
      assert.equal(daemon.delivered.length, COUNT - 1, `${outer(number)} was greeted by all`);
      for (const there of others(number)) {
        const pairs = [...daemon.engine.table.phase2Between(outer(number), outer(there))];
        assert.ok(pairs.length > 0, `no SA from ${outer(number)} to ${outer(there)}`);
      }
      for (const sa of liveSas(daemon)) holders.set(sa, (holders.get(sa) ?? 0) + 1);
      assert.equal(daemon.keys.size, daemon.keysAtStart + daemon.engine.table.phase1Count * 5, outer(number));
    }
    // Each SA, by SPI and keys, is held by the two ends it is between.
    assert.deepEqual(
      [...holders].filter(([, count]) => count !== 2),
      [],
    );
    for (const daemon of daemons.values()) void daemon.engine.sayGoodbye();
    network.weather = { loss: 0, duplication: 0, delayMs: 5, jitterMs: 0 };
    await runUntil(clock, () => false, 1_300_000);
    assert.equal(clock.pending, 0, 'timers are left');
    for (const daemon of daemons.values()) assert.equal(daemon.keys.size, daemon.keysAtStart);
  });
});
