/** Two daemons whose SAs are in illumos kernels, over the illumos dialect, in virtual time. */
import assert from 'node:assert/strict';
import { illumosPfkeyKernel } from '../../../adapters/kernel/pfkey/pfkey-kernels.js';
import type { IpsecPolicy } from '../../../services/ports/kernel.js';
import { runUntil } from '../simulated-daemon.js';
import { AES128_SHA1, EAST, tunnelPolicy, WEST } from '../two-gateways.js';
import { finished, type KeyPair, startKeyPair } from './key-gateways.js';
import { SimulatedIllumosKernel } from './simulated-illumos-kernel.js';
import { packetBetween } from './simulated-linux-kernel.js';
import { later } from '../later.js';

type Pair = KeyPair<SimulatedIllumosKernel>;

const TO_WEST = packetBetween('10.1.0.5', '10.2.0.9');
const TO_EAST = packetBetween('10.2.0.9', '10.1.0.5');

interface Changes {
  readonly globals?: string;
  readonly policy?: (end: 'east' | 'west') => IpsecPolicy;
  readonly cookie?: number;
  readonly cookieInside?: boolean;
}

function start({
  globals = '',
  policy = tunnelPolicy,
  cookie = 0,
  cookieInside,
}: Changes = {}): Promise<Pair> {
  return startKeyPair({
    system: (clock, dice, end) => {
      const local = end === 'east' ? EAST : WEST;
      const system = new SimulatedIllumosKernel(clock, dice, local, [{ policy: policy(end), cookie }]);
      system.cookieInside = cookieInside ?? false;
      return system;
    },
    kernel: (parts) =>
      illumosPfkeyKernel({ ...parts, labelOf: (number) => (number === 7 ? 'peer' : undefined) }),
    globals,
    policies: () => [],
  });
}

async function establish({ time, east }: Pair, packet = TO_WEST): Promise<void> {
  assert.equal(east.system.output(packet, 100), 'acquired');
  assert.ok(
    await runUntil(time, () => east.system.output(packet, 100) === 'sent', 20_000),
    east.notes.join(),
  );
  await runUntil(time, () => false, 200);
}

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

function mature({ system }: Pair['east']): number {
  return system.sas.filter(({ state }) => state !== 0).length;
}

describe('two daemons over PF_KEY of illumos', function () {
  this.timeout(60_000);

  it('answer an extended ACQUIRE and an inverse one with a pair of tunnel SAs', async () => {
    const pair = await start();
    await establish(pair);
    assert.equal(pair.west.system.output(TO_EAST, 100), 'sent');
    assert.ok(pair.west.system.asked.includes('X_INVERSE_ACQUIRE'));
    const outbound = pair.east.system.sas.find(({ destination }) => destination === WEST);
    const kinds = outbound?.extensions.map(({ kind }) => kind) ?? [];
    for (const kind of ['X_PAIR', 'X_ADDRESS_INNER_SRC', 'X_ADDRESS_INNER_DST'] as const)
      assert.ok(kinds.includes(kind), kind);
    assertProper(pair);
  });

  for (const cookieInside of [false, true]) {
    it(`find the rule by the cookie ${cookieInside ? 'inside' : 'behind'} the proposal, and hand it back`, async () => {
      const pair = await start({ cookie: 7, cookieInside });
      await establish(pair);
      for (const { extensions } of pair.east.system.sas)
        assert.ok(extensions.some((extension) => extension.kind === 'X_KM_COOKIE' && extension.cookie === 7));
      assertProper(pair);
    });
  }

  it('fail an ACQUIRE whose cookie names no rule, with its own number, and say why', async () => {
    const pair = await start({ cookie: 8 });
    pair.east.system.output(TO_WEST, 100);
    await runUntil(pair.time, () => false, 100);
    assert.deepEqual(pair.east.system.failedAcquires, [0xffff_ffff]);
    assert.match(pair.east.notes.join(), /rule number 8/);
    assertProper(pair);
  });

  it('carry AES-GCM, whose salt is told apart from its key', async () => {
    const gcm = { protocol: 50, encryption: 'aes-gcm-16', keyBits: { low: 256, high: 256 } } as const;
    const policy = (end: 'east' | 'west') => tunnelPolicy(end, [{ ...gcm, integrity: undefined }]);
    const pair = await start({ policy });
    await establish(pair);
    const keys = pair.east.system.sas.flatMap(({ extensions }) =>
      extensions.flatMap((extension) => (extension.kind === 'KEY_ENCRYPT' ? [extension] : [])),
    );
    assert.deepEqual(
      keys.map(({ bits, saltBits }) => [bits, saltBits]),
      [
        [288, 32],
        [288, 32],
      ],
    );
    assertProper(pair);
  });

  it('in transport mode put the traffic into the addresses of the SA', async () => {
    const policy = (end: 'east' | 'west'): IpsecPolicy => {
      const base = tunnelPolicy(end);
      return {
        ...base,
        mode: 'transport',
        selectors: { ...packetBetween(base.outer.local, base.outer.remote), protocol: 17 },
      };
    };
    const pair = await start({ policy });
    await establish(pair, { ...packetBetween(EAST, WEST), protocol: 17 });
    const protocols = pair.east.system.sas.flatMap(({ extensions }) =>
      extensions.flatMap((extension) => (extension.kind === 'ADDRESS_SRC' ? [extension.protocol] : [])),
    );
    assert.deepEqual(protocols, [17, 17]);
    assertProper(pair);
  });

  it('make AH and ESP of one combination together', async () => {
    const policy = (end: 'east' | 'west'): IpsecPolicy => ({
      ...tunnelPolicy(end),
      proposals: [[{ protocol: 51, integrity: 'hmac-sha1-96' }, AES128_SHA1]],
    });
    const pair = await start({ policy });
    await establish(pair);
    assert.equal(mature(pair.east), 4);
    assertProper(pair);
  });

  it('renew, lose nothing, and let the SAs go when nobody uses them', async () => {
    const pair = await start({ globals: 'p2_lifetime_secs 100' });
    await establish(pair);
    for (let second = 0; second < 300; second++) {
      assert.equal(pair.east.system.output(TO_WEST, 100), 'sent');
      await runUntil(pair.time, () => false, 1000);
    }
    await runUntil(pair.time, () => false, 400_000);
    assert.deepEqual([mature(pair.east), mature(pair.west)], [0, 0]);
    assertProper(pair);
  });

  it('obey a flush, a foreign delete and an overrun', async () => {
    const pair = await start();
    await establish(pair);
    pair.east.system.operator({ kind: 'FLUSH', saType: 0, extensions: [] });
    await runUntil(pair.time, () => false, 1000);
    assert.equal([...pair.east.engine.table.phase2()].length, 0);
    await establish(pair);
    pair.east.system.lose(1);
    pair.east.system.operator({ kind: 'FLUSH', saType: 0, extensions: [] });
    await runUntil(pair.time, () => false, 30_000);
    assert.equal([...pair.east.engine.table.phase2()].length, 0);
    assertProper(pair);
  });

  it('take their SAs out one by one at the end', async () => {
    const pair = await start();
    await establish(pair);
    await finished(pair.time, pair.east.kernel.close());
    assert.deepEqual(pair.east.system.sas, []);
    assertProper(pair);
  });

  it('do not take policies, which are for ipsecconf(8)', async () => {
    const pair = await start();
    await assert.rejects(pair.east.kernel.replacePolicies([tunnelPolicy('east')]), /ipsecconf\(8\)/);
  });

  it('say what the kernel says: the diagnostic in words', async () => {
    const pair = await start();
    const sa = { destination: WEST, protocol: 50, spi: 0x1234 } as const;
    assert.equal(await finished(pair.time, pair.east.kernel.usage(sa)), undefined);
    const unknown = pair.east.kernel.update({
      ...sa,
      source: EAST,
      direction: 'outbound',
      mode: 'tunnel',
      selectors: tunnelPolicy('east').selectors,
      encryption: { algorithm: 'aes-cbc', key: pair.east.keys.put(new Uint8Array(16)) },
      integrity: undefined,
      lifetimes: {
        softSeconds: undefined,
        hardSeconds: undefined,
        softBytes: undefined,
        hardBytes: undefined,
      },
      pairSpi: 0,
      bundle: [{ protocol: 50, spi: 0x1234 }],
      encapsulation: undefined,
    });
    await assert.rejects(
      finished(
        pair.time,
        later(() => unknown),
      ),
      /no such SA \(ESRCH\); the SA is not there/,
    );
  });
});
