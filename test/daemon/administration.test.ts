import assert from 'node:assert/strict';
import { PRIVILEGE } from '../../services/admin/privilege-levels.js';
import { err } from '../../services/result.js';
import { FileInMemory } from '../services/admin/file-in-memory.js';
import { onlyPhase1 } from '../sim/informational-message.js';
import { assertEmpty } from '../sim/outcome.js';
import { administrationOf } from './administration-of.js';
import { runUntil, settle } from '../sim/simulated-daemon.js';
import { EAST, gatewayPlan, packetToWest, type Pair, startPair, WEST } from '../sim/two-gateways.js';

const WINDOW_MS = 40_000;

/** With `count` Phase 1 SAs at east, made one after the other. */
async function pairWith(count: number): Promise<Pair> {
  const pair = await startPair(count, gatewayPlan('east'), gatewayPlan('west'));
  for (let made = 0; made < count; made++) {
    const before = [...pair.east.engine.table.phase1()];
    // Out of sight, so that the next question needs a new one.
    for (const entry of before) pair.east.engine.table.removePhase1(entry);
    const answer = pair.east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(pair.clock, () => false, 1000);
    assert.equal((await answer).ok, true);
    for (const entry of before) pair.east.engine.table.addPhase1(entry);
  }
  return pair;
}

describe('the administration of an engine', () => {
  it('lists Phase 1 SAs by growing serials, also when some go meanwhile', async () => {
    const { east } = await pairWith(3);
    const { administration } = administrationOf(east);
    const first = administration.phase1From(1, false);
    assert.ok(first?.next !== undefined);
    const second = administration.phase1From(first.next, false);
    assert.ok(second);
    assert.notEqual(second.entry.initiatorCookie, first.entry.initiatorCookie);
    const { initiatorCookie, responderCookie } = second.entry;
    assert.equal(administration.deletePhase1({ initiatorCookie, responderCookie }), 1);
    const third = administration.phase1From(first.next, false);
    assert.ok(third);
    assert.equal(third.next, undefined);
    assert.notEqual(third.entry.initiatorCookie, second.entry.initiatorCookie);
    assert.equal(administration.phase1From(1000, false), undefined);
  });

  it('shows an SA as each of its ends sees it', async () => {
    const { east, west } = await pairWith(1);
    const match = { local: EAST, remote: WEST };
    const view = administrationOf(east).administration.findPhase1(match, false);
    const other = administrationOf(west).administration.findPhase1({ local: WEST, remote: EAST }, false);
    assert.ok(view && other);
    assert.equal(view.state, 'active');
    assert.deepEqual([view.isInitiator, other.isInitiator], [true, false]);
    assert.deepEqual(
      [view.initiatorCookie, view.responderCookie],
      [other.initiatorCookie, other.responderCookie],
    );
    assert.deepEqual(view.transform, {
      method: 'preshared',
      group: 2,
      hash: 'sha1',
      cipher: 'aes',
      keyBits: 128,
      prf: undefined,
      pfsGroup: 0,
    });
    assert.deepEqual(view.localIdentity, { type: 'prefix', text: `${EAST}/32` });
    assert.deepEqual(view.remoteIdentity, { type: 'prefix', text: `${WEST}/32` });
    assert.equal(view.usage.quickModeSasCreated, 2);
    assert.equal(view.keys, undefined);
  });

  it('gives copies of keys only when asked for, which its caller may wipe', async () => {
    const { east } = await pairWith(1);
    const { administration } = administrationOf(east);
    const { sa } = onlyPhase1(east);
    const [preshared, skeyid] = administration.findPhase1({ local: EAST, remote: WEST }, true)?.keys ?? [];
    const [{ key } = { key: undefined }] = east.engine.settings.presharedKeys;
    assert.ok(key !== undefined);
    assert.deepEqual(preshared, { type: 'preshared', bytes: Uint8Array.from(east.keys.bytes(key)) });
    assert.equal(skeyid?.type, 'skeyid');
    assert.deepEqual(skeyid.bytes, Uint8Array.from(east.keys.bytes(sa.keys.skeyid)));
    skeyid.bytes.fill(0);
    assert.ok(east.keys.bytes(sa.keys.skeyid).some((byte) => byte !== 0));
  });

  it('does not show a pre-shared key that is configured no more', async () => {
    const { east } = await pairWith(1);
    const { administration } = administrationOf(east);
    const types = (): readonly string[] =>
      (administration.findPhase1({ local: EAST, remote: WEST }, true)?.keys ?? []).map(({ type }) => type);
    const others = ['skeyid', 'skeyid_d', 'skeyid_a', 'skeyid_e', 'encryption', 'iv'];
    assert.deepEqual(types(), ['preshared', ...others]);
    const match = { local: EAST, remote: WEST };
    assert.equal(administration.deletePreshared(match), 1);
    assert.deepEqual(types(), others);
  });

  it('tells that the peer is being asked whether it lives, and how that ended last', async () => {
    const { east, clock, network } = await pairWith(1);
    const { administration } = administrationOf(east);
    const entry = onlyPhase1(east);
    const asking = (): unknown =>
      administration.findPhase1({ local: EAST, remote: WEST }, false)?.deadPeerDetection;
    const now = (): number => Math.floor(clock.wallTime() / 1000);
    assert.deepEqual(asking(), { state: 'idle', at: 0 });
    east.engine.peers.isakmpSas.worry(entry);
    assert.deepEqual(asking(), { state: 'probing', at: 0 });
    const asked = now();
    await runUntil(clock, () => false, 20);
    assert.deepEqual(asking(), { state: 'alive', at: asked });
    network.filter = () => 'drop';
    east.engine.peers.isakmpSas.worry(entry);
    await runUntil(clock, () => false, 5000);
    assert.deepEqual(asking(), { state: 'probing', at: 0 });
    await runUntil(clock, () => asking() === undefined, WINDOW_MS);
    assert.equal(asking(), undefined, 'one that has failed is gone');
  });

  it('shows how far a negotiation is, at both ends', async () => {
    const pair = await startPair(10, gatewayPlan('east'), gatewayPlan('west'));
    const { administration: east } = administrationOf(pair.east);
    const { administration: west } = administrationOf(pair.west);
    const seen = { east: new Set<string>(), west: new Set<string>() };
    pair.east.kernel.output(packetToWest());
    for (let steps = 0; steps < 30; steps++) {
      await settle();
      for (const [end, administration] of [
        ['east', east],
        ['west', west],
      ] as const) {
        const listed = administration.phase1From(1, true);
        if (listed !== undefined) seen[end].add(listed.entry.state);
      }
      pair.clock.advance(2);
    }
    assert.deepEqual([...seen.east], ['sentSa', 'sentKeyExchange', 'sentLast', 'active']);
    assert.deepEqual([...seen.west], ['sentSa', 'sentKeyExchange', 'active']);
  });

  it('deletes negotiations that are under way, and tells who waits for them', async () => {
    const pair = await startPair(11, gatewayPlan('east'), gatewayPlan('west'));
    pair.network.filter = () => 'drop';
    const { administration } = administrationOf(pair.east);
    const asked = administration.up({ source: '10.1.0.5', destination: '10.2.0.9', protocol: 17 });
    await settle();
    assert.equal(administration.deletePhase1({ local: EAST, remote: WEST }), 1);
    const outcome = await asked;
    assert.ok(outcome.outcome === 'failed');
    assert.equal(outcome.failure.code, 'operator-deleted');
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assertEmpty(pair, 'after the deletion');
  });

  it('flushes all Phase 1 SAs, telling the peer; IPsec SAs stay', async () => {
    const pair = await pairWith(2);
    const { administration } = administrationOf(pair.east);
    assert.equal(administration.flushPhase1(), 2);
    assert.equal(administration.flushPhase1(), 0);
    await runUntil(pair.clock, () => false, 1000);
    assert.equal(pair.west.engine.table.phase1Count, 0);
    assert.notEqual(pair.east.engine.table.phase2Count, 0);
    // The Deletes are repeated, and need the keys for it.
    await runUntil(pair.clock, () => false, 20_000);
    assert.equal(pair.east.keys.size, pair.east.keysAtStart);
  });

  it('deletes nothing that does not fit', async () => {
    const { east } = await pairWith(1);
    const { administration } = administrationOf(east);
    assert.equal(administration.deletePhase1({ local: EAST, remote: '192.0.2.77' }), 0);
    assert.equal(
      administration.deletePhase1({ initiatorCookie: '0'.repeat(16), responderCookie: '0'.repeat(16) }),
      0,
    );
    assert.equal(east.engine.table.phase1Count, 1);
  });

  it('answers a question for SAs with their SPIs and how long it took', async () => {
    const pair = await startPair(12, gatewayPlan('east'), gatewayPlan('west'));
    const { administration } = administrationOf(pair.east);
    const asked = administration.up({ source: '10.1.0.5', destination: '10.2.0.9', protocol: 17 });
    await runUntil(pair.clock, () => false, 1000);
    const outcome = await asked;
    assert.ok(outcome.outcome === 'established');
    assert.equal(outcome.rule, 'peer');
    assert.equal(outcome.phase1.initiatorCookie, onlyPhase1(pair.east).sa.initiatorCookie);
    // Eight messages of 5 ms each: the ninth only has to leave.
    assert.equal(outcome.milliseconds, 40);
    const [entry] = pair.east.engine.table.phase2();
    assert.deepEqual(
      outcome.pairs,
      entry?.pairs.map((spis) => ({ ...spis, protocol: 'ESP' })),
    );
  });

  it('counts attempts, successes and failures by role', async () => {
    const pair = await pairWith(2);
    pair.network.filter = () => 'drop';
    void pair.east.engine.sayGoodbye();
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, WINDOW_MS);
    const { administration: east } = administrationOf(pair.east);
    const { administration: west } = administrationOf(pair.west);
    assert.deepEqual(east.statistics(), {
      initiatorCurrent: 0,
      responderCurrent: 0,
      initiatorTotal: 2,
      responderTotal: 0,
      initiatorAttempts: 3,
      responderAttempts: 0,
      initiatorNoResponse: 1,
      initiatorRefused: 0,
      responderFailed: 0,
      library: '/lib/pkcs11.so',
    });
    const { responderCurrent, responderTotal, responderAttempts } = west.statistics();
    assert.deepEqual([responderCurrent, responderTotal, responderAttempts], [2, 2, 2]);
  });

  it('shows the defaults built in beside those in use', async () => {
    const { east } = await startPair(13, gatewayPlan('east'), gatewayPlan('west'));
    const { builtIn, inUse } = administrationOf(east).administration.defaults();
    assert.equal(builtIn.rule_p1_lifetime_secs, 1234);
    assert.equal(inUse.rule_p1_lifetime_secs, east.engine.settings.config.globals.phase1LifetimeSeconds);
    assert.deepEqual([inUse.rule_ike_port, inUse.rule_natt_port], [500, 4500]);
  });

  it('takes a debug level only where there is somewhere to write', async () => {
    const { east } = await startPair(14, gatewayPlan('east'), gatewayPlan('west'));
    const { administration, debug } = administrationOf(east);
    assert.deepEqual(administration.setDebugLevel(3, undefined), err({ name: 'NO_DESC' }));
    const file = new FileInMemory();
    file.readOnly = true;
    assert.deepEqual(administration.setDebugLevel(3, file), err({ name: 'SYS_ERR', errno: 9 }));
    assert.equal(administration.debugLevel(), 0);
    file.readOnly = false;
    assert.equal(administration.setDebugLevel(3, file).ok, true);
    assert.equal(debug.descriptor, file.kept);
    assert.equal(administration.setDebugLevel(5, undefined).ok, true);
    assert.equal(administration.debugLevel(), 5);
  });

  it('remembers the privilege it is lowered to', async () => {
    const { east } = await startPair(15, gatewayPlan('east'), gatewayPlan('west'));
    const { administration } = administrationOf(east);
    assert.equal(administration.privilege(), PRIVILEGE.keymat);
    administration.lowerPrivilege(PRIVILEGE.base);
    assert.equal(administration.privilege(), PRIVILEGE.base);
  });
});
