import assert from 'node:assert/strict';
import * as informational from '../../services/exchange/informational.js';
import type { Payload } from '../../services/isakmp/payload.js';
import { NOTIFY } from '../../services/isakmp/registries/notify-types.js';
import { PROTOCOL } from '../../services/isakmp/registries/protocols.js';
import { isQuickMode } from '../machines/mishaps.js';
import { notifyAbout, onlyPhase1, openMessage, protectedMessage } from '../sim/informational-message.js';
import { assertEmpty, assertEstablished, failedCodes, isBusy } from '../sim/outcome.js';
import { runUntil } from '../sim/simulated-daemon.js';
import {
  configText,
  EAST,
  gatewayPlan,
  packetToWest,
  type Pair,
  startPair,
  WEST,
} from '../sim/two-gateways.js';

const WINDOW_MS = 40_000;

async function establishedPair(seed: number): Promise<Pair> {
  const pair = await startPair(seed, gatewayPlan('east'), gatewayPlan('west'));
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => false, WINDOW_MS);
  return pair;
}

/** Hands a datagram to west as if east had sent it. */
function toWest({ west }: Pair, bytes: Uint8Array): void {
  west.engine.receive({
    local: { address: WEST, port: 500 },
    remote: { address: EAST, port: 500 },
    bytes,
  });
}

/** The SPIs of east's only pair. */
function spisOf({ east }: Pair): { readonly inbound: number; readonly outbound: number } {
  const [entry] = east.engine.table.phase2();
  const [pair] = entry?.pairs ?? [];
  assert.ok(pair);
  return { inbound: pair.inboundSpi, outbound: pair.outboundSpi };
}

function assertUntouched(pair: Pair): void {
  assertEstablished(pair, 1, 'the tunnel stands');
  assert.equal(pair.west.engine.table.phase1Count, 1);
}

describe('a protected Informational', () => {
  it('deletes the pair whose SA the sender receives on', async () => {
    const pair = await establishedPair(1);
    toWest(pair, protectedMessage(pair.east, [informational.deletePhase2(50, [spisOf(pair).inbound])], 7));
    assert.equal(pair.west.engine.table.phase2Count, 0);
    assert.equal(pair.west.kernel.sas().length, 0);
    assert.equal(pair.west.engine.table.phase1Count, 1);
    assert.equal(onlyPhase1(pair.west).quickModesDeleted, 2);
  });

  it('deletes nothing by the SPI of an SA that we receive on, or by one that nobody knows', async () => {
    const pair = await establishedPair(2);
    const spis = [spisOf(pair).outbound, 0x12345678];
    toWest(pair, protectedMessage(pair.east, [informational.deletePhase2(50, spis)], 7));
    assertUntouched(pair);
  });

  it('deletes nothing of another protocol', async () => {
    const pair = await establishedPair(3);
    const esp = informational.deletePhase2(50, [spisOf(pair).inbound]);
    toWest(pair, protectedMessage(pair.east, [{ ...esp, protocol: PROTOCOL.ah }], 7));
    assertUntouched(pair);
  });

  it('deletes the Phase 1 SA it runs under, and no other; IPsec SAs live on', async () => {
    const pair = await establishedPair(4);
    const { sa } = onlyPhase1(pair.east);
    const other = informational.deletePhase1({ ...sa, responderCookie: '0123456789abcdef' });
    toWest(pair, protectedMessage(pair.east, [other], 7));
    assertUntouched(pair);
    toWest(pair, protectedMessage(pair.east, [informational.deletePhase1(sa)], 8));
    assert.equal(pair.west.engine.table.phase1Count, 0);
    assert.equal(pair.west.engine.table.phase2Count, 1);
    assert.equal(pair.west.keys.size, pair.west.keysAtStart);
  });

  it('with INITIAL-CONTACT leaves what was made under this very SA', async () => {
    const pair = await establishedPair(5);
    toWest(pair, protectedMessage(pair.east, [notifyAbout(NOTIFY.initialContact)], 7));
    assertUntouched(pair);
  });

  it('counts for nothing when its HASH is wrong, missing or not the first payload', async () => {
    const pair = await establishedPair(6);
    const remove = [informational.deletePhase2(50, [spisOf(pair).inbound])];
    const wrong = (payloads: readonly Payload[]): readonly Payload[] =>
      payloads.map((payload) =>
        payload.kind === 'HASH' ? { ...payload, data: payload.data.map((byte) => byte ^ 1) } : payload,
      );
    toWest(pair, protectedMessage(pair.east, remove, 7, wrong));
    assert.equal(onlyPhase1(pair.west).errors.hash, 1);
    toWest(
      pair,
      protectedMessage(pair.east, remove, 8, (payloads) => payloads.slice(1)),
    );
    toWest(
      pair,
      protectedMessage(pair.east, remove, 9, (payloads) => payloads.toReversed()),
    );
    assert.equal(onlyPhase1(pair.west).errors.other, 2);
    assert.equal(pair.west.engine.drops.total, 3);
    assertUntouched(pair);
  });

  it('counts for nothing when it cannot be decrypted', async () => {
    const pair = await establishedPair(7);
    const bytes = protectedMessage(pair.east, [informational.deletePhase2(50, [spisOf(pair).inbound])], 7);
    toWest(
      pair,
      bytes.map((byte, index) => (index >= 28 ? byte ^ 0x5a : byte)),
    );
    assert.equal(onlyPhase1(pair.west).errors.decrypt, 1);
    assertUntouched(pair);
  });

  it('counts once, however often it comes', async () => {
    const pair = await establishedPair(8);
    const bytes = protectedMessage(pair.east, [notifyAbout(NOTIFY.initialContact)], 7);
    for (let copy = 0; copy < 5; copy++) toWest(pair, Uint8Array.from(bytes));
    const notifies = pair.west.events.filter(
      (event) => event.type === 'notify.received' && event.notify === 'INITIAL-CONTACT',
    );
    assert.equal(notifies.length, 1);
    assert.equal(pair.west.engine.drops.total, 4);
  });

  it('from another address is none of this SA', async () => {
    const pair = await establishedPair(9);
    const bytes = protectedMessage(pair.east, [informational.deletePhase2(50, [spisOf(pair).inbound])], 7);
    const stranger = { address: '203.0.113.9', port: 500 };
    pair.west.engine.receive({ local: { address: WEST, port: 500 }, remote: stranger, bytes });
    assertUntouched(pair);
    assert.equal(pair.west.engine.drops.total, 1);
  });
});

describe('an Informational in the clear', () => {
  it('changes no SA, whatever it says', async () => {
    const pair = await establishedPair(20);
    const { sa } = onlyPhase1(pair.east);
    for (const payload of [
      informational.deletePhase2(50, [spisOf(pair).inbound]),
      informational.deletePhase1(sa),
      notifyAbout(NOTIFY.initialContact),
      notifyAbout(NOTIFY.invalidCookie),
    ]) {
      toWest(pair, openMessage(pair.east, [payload]));
    }
    assertUntouched(pair);
    assert.equal(pair.west.engine.drops.total, 4);
    // INVALID-COOKIE is a reason to ask the peer itself, and nothing is said to whoever sent it.
    assert.equal(pair.network.sent.length, 10, 'it was answered');
    assert.deepEqual(pair.network.sent.at(-1)?.to, { address: EAST, port: 500 });
    await runUntil(pair.clock, () => false, 1000);
    assertUntouched(pair);
  });
});

describe('an authenticated refusal', () => {
  /** Quick Modes that wait for message 2, which never comes. */
  async function waiting(seed: number, count: number): Promise<Pair> {
    const pair = await establishedPair(seed);
    pair.network.filter = (datagram) => (isQuickMode(datagram) ? 'drop' : 'pass');
    for (let asked = 0; asked < count; asked++) void pair.west.engine.up('10.2.0.9', '10.1.0.5', 17);
    await runUntil(pair.clock, () => false, 100);
    assert.equal([...pair.west.engine.phase2.live()].length, count);
    return pair;
  }

  it('without an SPI ends the only Quick Mode under way', async () => {
    const pair = await waiting(30, 1);
    toWest(pair, protectedMessage(pair.east, [notifyAbout(NOTIFY.noProposalChosen)], 7));
    await runUntil(pair.clock, () => false, 100);
    assert.equal(isBusy(pair.west), false);
    assert.deepEqual(new Set(failedCodes(pair.west)), new Set(['peer-refused']));
  });

  it('without an SPI ends none of two', async () => {
    const pair = await waiting(31, 2);
    toWest(pair, protectedMessage(pair.east, [notifyAbout(NOTIFY.noProposalChosen)], 7));
    assert.equal([...pair.west.engine.phase2.live()].length, 2);
  });

  it('with an SPI ends the Quick Mode that it is of', async () => {
    const pair = await waiting(32, 2);
    const [first, second] = [...pair.west.engine.phase2.live()];
    assert.ok(first && second);
    const refusal = notifyAbout(NOTIFY.noProposalChosen, second.record.reserved[0]?.spi ?? 0);
    toWest(pair, protectedMessage(pair.east, [refusal], 7));
    assert.deepEqual([...pair.west.engine.phase2.live()], [first]);
    assert.equal(second.ended, true);
  });

  it('that is a mere status ends nothing', async () => {
    const pair = await waiting(33, 1);
    toWest(pair, protectedMessage(pair.east, [notifyAbout(NOTIFY.responderLifetime)], 7));
    assert.equal(isBusy(pair.west), true);
  });
});

describe('our own Informationals', () => {
  it('warn a peer of an offer that no rule accepts once a second, with less than it sent', async () => {
    const words = { transform: 'auth_method preshared oakley_group 2 auth_alg md5 encr_alg 3des' };
    const plan = gatewayPlan('west', { config: configText('west', words) });
    const pair = await startPair(40, gatewayPlan('east'), plan);
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.network.sent.length > 0, WINDOW_MS);
    const [offer] = pair.network.sent;
    assert.ok(offer);
    // The same offer under other cookies: each of them another negotiation.
    for (let copy = 1; copy <= 50; copy++) {
      const bytes = offer.bytes.map((byte, index) => (index === 0 ? byte ^ copy : byte));
      toWest(pair, bytes);
      await runUntil(pair.clock, () => false, 50);
    }
    const warnings = pair.network.sent.filter(({ from }) => from.address === WEST);
    assert.ok(warnings.length >= 2 && warnings.length <= 4, `${String(warnings.length)} in 2.5 s`);
    assert.ok(warnings.every(({ bytes }) => bytes.length < offer.bytes.length));
  });

  it('delete many SAs in several messages', async () => {
    const pair = await establishedPair(41);
    for (let count = 0; count < 70; count++) void pair.east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assert.ok(pair.east.engine.table.phase2Count > 64);
    const before = pair.network.sent.length;
    void pair.east.engine.sayGoodbye();
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assertEmpty(pair, 'after the Deletes');
    const farewell = pair.network.sent.slice(before);
    assert.equal(farewell.filter(({ from }) => from.address === pair.east.address).length, 3);
    assert.ok(farewell.every(({ bytes }) => bytes.length < 512));
  });
});
