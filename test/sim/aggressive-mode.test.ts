/** Aggressive Mode with pre-shared keys, between two production engines in virtual time. */
import assert from 'node:assert/strict';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { headerOf } from '../machines/mishaps.js';
import { assertClean, assertEstablished, failedCodes } from './outcome.js';
import { type DaemonPlan, runUntil, startSimulated } from './simulated-daemon.js';
import {
  EAST,
  gatewayPlan,
  otherPolicy,
  packetToWest,
  type Pair,
  startPair,
  tunnelPacket,
  tunnelPolicy,
  WEST,
} from './two-gateways.js';

const WINDOW_MS = 60_000;
/** Longer than expire_timer: a responder waits for message 3 until then. */
const EXPIRY_MS = 400_000;
const XFORM = 'auth_method preshared oakley_group 2 auth_alg sha1 encr_alg aes(128..128)';
const KEY = '0123456789abcdef0123456789abcdef';

interface End {
  /** Lines of the rule besides label, addresses and transform. */
  readonly rule: string;
  /** Entries of ike.preshared. */
  readonly keys?: string;
  readonly xforms?: readonly string[];
}

const BY_ADDRESS = (local: string, remote: string, key = KEY): string =>
  `{ localidtype IP localid ${local} remoteidtype IP remoteid ${remote} key ${key} }`;
const BY_NAME = (type: string, local: string, remote: string, key = KEY): string =>
  `{ localidtype ${type} localid ${local} remoteidtype ${type} remoteid ${remote} ike_mode aggressive key ${key} }`;

function plan(end: 'east' | 'west', { rule, keys, xforms = [XFORM] }: End): DaemonPlan {
  const [local, remote] = end === 'east' ? [EAST, WEST] : [WEST, EAST];
  const transforms = xforms.map((xform) => `p1_xform { ${xform} }`).join(' ');
  return gatewayPlan(end, {
    config: `{ label "peer" local_addr ${local} remote_addr ${remote} ${rule} ${transforms} }`,
    preshared: `${keys ?? BY_ADDRESS(local, remote)}\n`,
  });
}

async function meet(east: End, west: End, seed = 1, prepare?: (pair: Pair) => void): Promise<Pair> {
  const pair = await startPair(seed, plan('east', east), plan('west', west));
  prepare?.(pair);
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS);
  await runUntil(pair.clock, () => false, WINDOW_MS);
  return pair;
}

const AGGRESSIVE: End = { rule: 'ike_mode aggressive' };

function exchanges({ network }: Pair): readonly number[] {
  return network.sent.map((datagram) => headerOf(datagram).exchangeType);
}

describe('Aggressive Mode with pre-shared keys', () => {
  it('builds a tunnel in six messages, by addresses', async () => {
    const pair = await meet(AGGRESSIVE, AGGRESSIVE);
    assertEstablished(pair, 1, 'by address');
    assert.equal(pair.west.delivered.length, 1);
    const { aggressive, quickMode } = EXCHANGE;
    assert.deepEqual(exchanges(pair), [
      ...[aggressive, aggressive, aggressive],
      ...[quickMode, quickMode, quickMode],
    ]);
  });

  for (const [type, east, west] of [
    ['fqdn', 'DNS=east.example', 'DNS=west.example'],
    ['user_fqdn', 'EMAIL=east@example.org', 'EMAIL=west@example.org'],
  ] as const) {
    it(`finds the key by names of type ${type}, as the rules say them`, async () => {
      const name = (selector: string): string => selector.replace(/^\w+=/, '');
      const pair = await meet(
        {
          rule: `ike_mode aggressive local_id_type ${type} local_id "${east}" remote_id "${west}"`,
          keys: BY_NAME(type, name(east), name(west)),
        },
        {
          rule: `ike_mode both local_id_type ${type} local_id "${west}" remote_id "${east}"`,
          keys: BY_NAME(type, name(west), name(east)),
        },
      );
      assertEstablished(pair, 1, type);
      const [sa] = [...pair.west.engine.table.phase1()];
      assert.equal(Buffer.from(sa?.sa.peerIdentity?.data ?? []).toString(), name(east));
    });
  }

  it('takes its own name from the entry of ike.preshared where the rule says none', async () => {
    const pair = await meet(
      { rule: 'ike_mode aggressive', keys: BY_NAME('fqdn', 'east.example', 'west.example') },
      { rule: 'ike_mode aggressive', keys: BY_NAME('fqdn', 'west.example', 'east.example') },
    );
    // East cannot know which key is meant for the address of west: it has no entry for it.
    assert.deepEqual(new Set(failedCodes(pair.east)), new Set(['no-preshared-key']));
    const mixed = (local: string, remote: string): string =>
      `{ localidtype fqdn localid ${local} remoteidtype IP remoteid ${remote} key ${KEY} }`;
    const named = await meet(
      { rule: 'ike_mode aggressive', keys: mixed('east.example', WEST) },
      { rule: 'ike_mode aggressive', keys: BY_ADDRESS(WEST, EAST) },
    );
    assertEstablished(named, 1, 'mixed');
    const [sa] = [...named.west.engine.table.phase1()];
    assert.equal(Buffer.from(sa?.sa.peerIdentity?.data ?? []).toString(), 'east.example');
  });

  it('is begun for a rule that allows only it, and Main Mode for one that allows both', async () => {
    const pair = await meet({ rule: 'ike_mode both' }, { rule: 'ike_mode both' });
    assertEstablished(pair, 1, 'both');
    assert.equal(exchanges(pair)[0], EXCHANGE.mainMode);
  });

  it('offers only transforms of the group of the first', async () => {
    const other = XFORM.replace('oakley_group 2', 'oakley_group 5');
    const pair = await meet(
      { rule: 'ike_mode aggressive', xforms: [XFORM, other, XFORM.replace('sha1', 'md5')] },
      { rule: 'ike_mode aggressive', xforms: [XFORM.replace('sha1', 'md5')] },
    );
    assertEstablished(pair, 1, 'second of the group');
    const refused = await meet(
      { rule: 'ike_mode aggressive', xforms: [XFORM, other] },
      { rule: 'ike_mode aggressive', xforms: [other] },
    );
    assert.ok(failedCodes(refused.west).includes('no-common-phase1-proposal'));
  });

  it('is refused in silence by a rule that does not ask for it', async () => {
    const pair = await meet(AGGRESSIVE, { rule: '' });
    assert.ok(failedCodes(pair.west).includes('wrong-mode'));
    assert.equal(
      pair.network.sent.every(({ from }) => from.address === EAST),
      true,
    );
    assertClean(pair, 'wrong mode');
    const reverse = await meet({ rule: '' }, AGGRESSIVE);
    assert.ok(failedCodes(reverse.west).includes('wrong-mode'));
  });

  it('tells the initiator of different keys, by the hash of the responder', async () => {
    const pair = await meet(AGGRESSIVE, {
      rule: 'ike_mode aggressive',
      keys: BY_ADDRESS(WEST, EAST, 'ffffffffffffffffffffffffffffffff'),
    });
    assert.ok(failedCodes(pair.east).includes('wrong-preshared-key'));
    await runUntil(pair.clock, () => false, EXPIRY_MS);
    assertClean(pair, 'wrong key');
  });

  it('refuses a name that remote_id does not allow', async () => {
    const pair = await meet(
      { rule: 'ike_mode aggressive local_id_type fqdn local_id "DNS=mallory.example"' },
      { rule: 'ike_mode aggressive remote_id "DNS=east.example"' },
    );
    assert.ok(failedCodes(pair.west).includes('identity-mismatch'));
    const initiator = await meet(
      { rule: 'ike_mode aggressive remote_id "DNS=west.example"' },
      { rule: 'ike_mode aggressive local_id_type fqdn local_id "DNS=mallory.example"' },
    );
    assert.ok(failedCodes(initiator.east).includes('identity-mismatch'));
    await runUntil(initiator.clock, () => false, EXPIRY_MS);
    assertClean(initiator, 'wrong name');
  });

  for (const lost of [1, 2, 3, 4, 5, 6]) {
    it(`survives the loss of message ${String(lost)}`, async () => {
      const pair = await meet(AGGRESSIVE, AGGRESSIVE, lost, ({ network }) => {
        let count = 0;
        network.filter = () => (++count === lost ? 'drop' : 'pass');
      });
      assertEstablished(pair, 1, `message ${String(lost)} lost`);
      assert.equal(pair.west.delivered.length, 1);
    });
  }

  it('repeats message 3 with its first Quick Mode for as long as it has to', async () => {
    const pair = await meet(AGGRESSIVE, AGGRESSIVE, 9, ({ network }) => {
      let dropped = 0;
      network.filter = (datagram) => {
        const { exchangeType } = headerOf(datagram);
        const third = exchangeType === EXCHANGE.aggressive && datagram.bytes[19] === 1;
        return third && ++dropped <= 4 ? 'drop' : 'pass';
      };
    });
    assertEstablished(pair, 1, 'message 3 lost four times');
  });

  describe('with a responder that has lost its SAs', () => {
    const aggressive = (end: 'east' | 'west'): DaemonPlan => ({
      ...plan(end, AGGRESSIVE),
      policies: [tunnelPolicy(end), otherPolicy(end)],
    });

    async function restarted(seed: number): Promise<Pair> {
      const before = await startPair(seed, aggressive('east'), aggressive('west'));
      const { clock, network, east } = before;
      east.kernel.output(packetToWest());
      await runUntil(clock, () => before.west.delivered.length > 0, WINDOW_MS);
      for (const entry of [...east.engine.table.phase1()])
        east.engine.deletePhase1(entry, 'an operator deleted it');
      await runUntil(clock, () => false, 1000);
      before.west.crash();
      const peers = new Map([[east.address, east]]);
      const west = await startSimulated(aggressive('west'), network, clock, seed + 90, peers);
      assert.equal(east.engine.table.phase2Count, 1);
      return { ...before, west };
    }

    it('says INITIAL-CONTACT in message 2 of the first Quick Mode', async () => {
      const pair = await restarted(21);
      const { clock, east, west } = pair;
      const riders: (readonly string[])[] = [];
      west.stream.subscribe((event) => {
        if (event.type === 'message.sent' && event.message.number === 2)
          riders.push(event.message.payloads.slice(-1));
      });
      east.kernel.output(tunnelPacket('east', 'other'));
      await runUntil(clock, () => west.engine.table.phase2Count > 0, WINDOW_MS);
      assert.deepEqual(riders, [['HASH'], ['NOTIFY']]);
      assert.equal(east.engine.table.phase2Count, 1, 'what it had lost is gone');
      await runUntil(clock, () => false, WINDOW_MS);
      assert.equal(exchanges(pair).slice(-1)[0], EXCHANGE.quickMode, 'it was read');
      assertEstablished(pair, 1, 'after the restart');
    });

    for (const lost of [0, 1, 2, 3, 4]) {
      it(`says INITIAL-CONTACT by itself without a Quick Mode, with ${String(lost)} of them lost`, async () => {
        const pair = await restarted(30 + lost);
        const { clock, network, east, west } = pair;
        let count = 0;
        network.filter = (datagram) => {
          const { exchangeType } = headerOf(datagram);
          if (exchangeType === EXCHANGE.quickMode) return 'drop';
          const said = exchangeType === EXCHANGE.informational && datagram.from.address === WEST;
          return said && ++count <= lost ? 'drop' : 'pass';
        };
        east.kernel.output(tunnelPacket('east', 'other'));
        await runUntil(clock, () => west.engine.table.phase1Count > 0, WINDOW_MS);
        await runUntil(clock, () => east.engine.table.phase2Count === 0, WINDOW_MS / 2);
        assert.equal(east.engine.table.phase2Count, 0);
        assert.ok(count > lost);
        network.filter = () => 'pass';
        await runUntil(clock, () => false, EXPIRY_MS);
        assertClean(pair, 'after the introduction');
        assert.equal(east.engine.table.phase2Count, west.engine.table.phase2Count);
      });
    }
  });
});
