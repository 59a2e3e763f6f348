/** Rules and pre-shared keys change while two daemons talk. */
import assert from 'node:assert/strict';
import { administrationOf } from '../daemon/administration-of.js';
import { assertClean, assertEstablished, failedCodes, failures, isBusy } from './outcome.js';
import { runUntil, type SimulatedDaemon } from './simulated-daemon.js';
import {
  configText,
  gatewayPlan,
  otherPolicy,
  packetToWest,
  type Pair,
  presharedText,
  startPair,
  tunnelPacket,
  tunnelPolicy,
} from './two-gateways.js';

const WINDOW_MS = 40_000;
const OTHER_KEY = 'ffeeddccbbaa99887766554433221100';
const TEN_MINUTES_MS = 600_000;

async function up({ clock, east }: Pair) {
  const asked = east.engine.up('10.1.0.5', '10.2.0.9', 17);
  await runUntil(clock, () => false, WINDOW_MS);
  return asked;
}

async function idle({ clock }: Pair, ms: number): Promise<void> {
  await runUntil(clock, () => false, ms);
}

function lastFailure({ events }: SimulatedDaemon) {
  const ended = events.findLast((event) => event.type === 'negotiation.ended' && event.failure !== undefined);
  assert.ok(ended?.type === 'negotiation.ended' && ended.failure !== undefined);
  return ended.failure;
}

function added(result: { readonly ok: boolean }): void {
  assert.deepEqual(result, { ok: true, value: undefined });
}

describe('a rule that is added at run time', () => {
  it('makes a tunnel at once, on both ends', async () => {
    const pair = await startPair(
      1,
      { ...gatewayPlan('east'), config: '' },
      { ...gatewayPlan('west'), config: '' },
    );
    const before = await up(pair);
    assert.equal(before.ok ? undefined : before.error.code, 'no-rule');
    for (const end of ['east', 'west'] as const)
      added(administrationOf(pair[end]).administration.addRule(configText(end), 'added'));
    assert.equal((await up(pair)).ok, true, failures(pair));
    assertEstablished(pair, 1, 'after the rules were added');
  });
});

describe('a rule that is deleted at run time', () => {
  it('leaves the live SAs, and the next negotiation fails and says why', async () => {
    const pair = await startPair(2, gatewayPlan('east'), gatewayPlan('west'));
    assert.equal((await up(pair)).ok, true);
    const { administration } = administrationOf(pair.east);
    assert.equal(administration.deleteRule('peer'), true);
    pair.east.kernel.output(packetToWest('still'));
    await idle(pair, 1000);
    assert.equal(pair.west.delivered.length, 1, 'the tunnel stands');
    const result = await up(pair);
    assert.equal(result.ok ? undefined : result.error.code, 'no-rule');
    assertEstablished(pair, 1, 'nothing is taken away');
    added(administration.addRule(configText('east'), 'again'));
    assert.equal((await up(pair)).ok, true);
  });

  it('refuses what the peer begins under its Phase 1 SA, with the reason on both ends', async () => {
    const plan = (end: 'east' | 'west') =>
      gatewayPlan(end, { policies: [tunnelPolicy(end), otherPolicy(end)] });
    const pair = await startPair(3, plan('east'), plan('west'));
    assert.equal((await up(pair)).ok, true);
    assert.equal(administrationOf(pair.west).administration.deleteRule('peer'), true);
    pair.east.kernel.output(tunnelPacket('east', 'other'));
    await idle(pair, WINDOW_MS);
    assert.match(lastFailure(pair.west).explanation, /rule "peer" .* no longer there/);
    assert.ok(failedCodes(pair.west).includes('no-rule'));
    assert.ok(failedCodes(pair.east).includes('peer-refused'), failures(pair));
    assertEstablished(pair, 1, 'the tunnel that stood stands');
  });

  it('is not renewed under, and the log names the rule', async () => {
    const words = { globals: 'p1_lifetime_secs 600 p2_lifetime_secs 100' };
    const pair = await startPair(4, gatewayPlan('east', { words }), gatewayPlan('west', { words }));
    pair.east.kernel.output(packetToWest());
    await idle(pair, 10_000);
    assertEstablished(pair, 1, 'before');
    for (const end of [pair.east, pair.west])
      assert.equal(administrationOf(end).administration.deleteRule('peer'), true);
    for (let time = 10; time < 85; time += 5) {
      pair.east.kernel.output(packetToWest());
      await idle(pair, 5000);
    }
    assert.equal(pair.west.delivered.length, 16, 'it carries packets to its end');
    await idle(pair, 30_000);
    assert.ok(failedCodes(pair.east).includes('no-rule'), failures(pair));
    const why = pair.east.events.flatMap((event) =>
      event.type === 'negotiation.ended' && event.failure?.code === 'no-rule' ? [event.failure] : [],
    );
    assert.match(why[0]?.explanation ?? '', /rule "peer" .* no longer there/);
    assert.deepEqual([pair.east.engine.table.phase2Count, pair.west.engine.table.phase2Count], [0, 0]);
    await idle(pair, 600_000);
    assert.deepEqual([pair.east.engine.table.phase1Count, pair.west.engine.table.phase1Count], [0, 0]);
    assertClean(pair, 'in the end');
  });
});

describe('a pre-shared key that is replaced at run time', () => {
  it('leaves a negotiation under way its own, and the old bytes are wiped behind it', async () => {
    const pair = await startPair(
      5,
      gatewayPlan('east', { cryptoMs: 400 }),
      gatewayPlan('west', { cryptoMs: 400 }),
    );
    const keysAtRest = [pair.east.keys.size, pair.west.keys.size];
    pair.east.kernel.output(packetToWest());
    const chosen = ({ engine }: SimulatedDaemon) => [...engine.phase1.live()][0]?.record.presharedKey?.key;
    await runUntil(pair.clock, () => chosen(pair.west) !== undefined, WINDOW_MS);
    const old = chosen(pair.west);
    assert.ok(old !== undefined && isBusy(pair.west));
    for (const end of ['east', 'west'] as const) {
      const { administration } = administrationOf(pair[end]);
      const read = await administration.readPreshared({ text: presharedText(end, OTHER_KEY), source: 'new' });
      added(read);
    }
    await idle(pair, WINDOW_MS);
    assertEstablished({ ...pair, ...withOneMore(pair) }, 1, failures(pair));
    await idle(pair, TEN_MINUTES_MS);
    assert.throws(() => pair.west.keys.bytes(old), /erased/);
    assertEstablished(pair, 1, 'ten minutes later');
    assert.deepEqual(keysAtRest, [pair.east.keysAtStart, pair.west.keysAtStart]);
  });

  it('is wiped at once where nothing is under way', async () => {
    const pair = await startPair(6, gatewayPlan('east'), gatewayPlan('west'));
    const [entry] = pair.east.engine.settings.presharedKeys;
    assert.ok(entry);
    const { administration } = administrationOf(pair.east);
    added(await administration.readPreshared({ text: presharedText('east', OTHER_KEY), source: 'new' }));
    assert.throws(() => pair.east.keys.bytes(entry.key), /erased/);
    assert.equal(pair.east.keys.size, pair.east.keysAtStart);
    const result = await up(pair);
    assert.equal(result.ok, false, 'west has the old key');
    await idle(pair, TEN_MINUTES_MS);
    added(
      await administrationOf(pair.west).administration.readPreshared({
        text: presharedText('west', OTHER_KEY),
        source: 'new',
      }),
    );
    assert.equal((await up(pair)).ok, true);
    assertEstablished(pair, 1, 'with the new key');
  });

  it('is gone for the next negotiation when it is deleted', async () => {
    const pair = await startPair(7, gatewayPlan('east'), gatewayPlan('west'));
    const { administration } = administrationOf(pair.east);
    assert.equal(administration.deletePreshared({ local: '192.0.2.1', remote: '192.0.2.2' }), 1);
    assert.equal(pair.east.keys.size, pair.east.keysAtStart - 1);
    const result = await up(pair);
    assert.equal(result.ok ? undefined : result.error.code, 'no-preshared-key');
    added(administration.addPreshared(presharedText('east'), 'added'));
    assert.equal((await up(pair)).ok, true);
    assertEstablished(pair, 1, 'with the key that was added');
  });
});

describe('rules that are read at run time', () => {
  it('replace all, or with a mistake nothing', async () => {
    const pair = await startPair(8, gatewayPlan('east'), gatewayPlan('west'));
    const { administration } = administrationOf(pair.east);
    const before = pair.east.engine.settings;
    const broken = await administration.readRules({
      text: `${configText('east')}{ label "x" }`,
      source: 'new',
    });
    assert.equal(broken.ok ? undefined : broken.error.name, 'DATA_INVALID');
    assert.equal(pair.east.engine.settings, before, 'not even replaced by the same');
    assert.equal((await up(pair)).ok, true);
    const text = configText('east', { globals: 'p2_lifetime_secs 1000 retry_limit 2' }).replace(
      '"peer"',
      '"new"',
    );
    added(await administration.readRules({ text, source: 'new' }));
    assert.equal(pair.east.engine.settings.config.globals.retryLimit, 2);
    assert.equal((await up(pair)).ok, true);
    const rules = [...pair.east.engine.table.phase1()].map(({ sa }) => sa.rule.label);
    assert.deepEqual(rules, ['peer', 'new'], 'another rule, another Phase 1 SA');
  });
});

/** While an old key waits for its end, each end holds one more. */
function withOneMore({ east, west }: Pair): Pick<Pair, 'east' | 'west'> {
  const more = (daemon: SimulatedDaemon): SimulatedDaemon => ({
    ...daemon,
    keysAtStart: daemon.keysAtStart + 1,
  });
  return { east: more(east), west: more(west) };
}
