/** Which Quick Mode datagrams begin a negotiation, and how many may be under way. */
import assert from 'node:assert/strict';
import { concat } from '../../services/bytes.js';
import {
  decodeHeader,
  encodeHeader,
  HEADER_LENGTH,
  type IsakmpHeader,
} from '../../services/isakmp/header.js';
import { isQuickMode } from '../machines/mishaps.js';
import { onlyPhase1 } from '../sim/informational-message.js';
import { assertEstablished, failedCodes } from '../sim/outcome.js';
import { runUntil } from '../sim/simulated-daemon.js';
import {
  AES128_SHA1,
  EAST,
  gatewayPlan,
  packetToWest,
  type Pair,
  startPair,
  tunnelPolicy,
  WEST,
} from '../sim/two-gateways.js';

const WINDOW_MS = 40_000;

/** Established, and the message 1 of a Quick Mode that west has not seen. */
async function withRequest(seed: number): Promise<{ readonly pair: Pair; readonly request: Uint8Array }> {
  const pair = await startPair(seed, gatewayPlan('east'), gatewayPlan('west'));
  pair.network.filter = (datagram) => (isQuickMode(datagram) ? 'drop' : 'pass');
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.network.sent.some(isQuickMode), WINDOW_MS);
  const request = pair.network.sent.find(isQuickMode);
  assert.ok(request);
  return { pair, request: request.bytes };
}

function toWest({ west }: Pair, bytes: Uint8Array, changes: Partial<IsakmpHeader> = {}): void {
  const header = decodeHeader(bytes);
  assert.ok(header.ok);
  west.engine.receive({
    local: { address: WEST, port: 500 },
    remote: { address: EAST, port: 500 },
    bytes: concat(encodeHeader({ ...header.value, ...changes }), bytes.subarray(HEADER_LENGTH)),
  });
}

describe('message 1 of a Quick Mode', () => {
  const refused: readonly (readonly [
    string,
    Partial<IsakmpHeader>,
    'decrypt' | 'hash' | 'other' | undefined,
  ])[] = [
    ['in the clear', { flags: 0 }, 'other'],
    ['under another message ID', { messageId: 0x1234 }, 'decrypt'],
    ['without a message ID', { messageId: 0 }, undefined],
    ['under an SA that nobody knows', { responderCookie: '0123456789abcdef' }, undefined],
  ];
  for (const [what, changes, error] of refused) {
    it(`${what} is dropped, and begins nothing`, async () => {
      const { pair, request } = await withRequest(1);
      toWest(pair, request, changes);
      assert.equal(pair.west.engine.drops.total, 1);
      assert.equal([...pair.west.engine.phase2.live()].length, 0);
      const { errors } = onlyPhase1(pair.west);
      for (const kind of ['decrypt', 'hash', 'other'] as const)
        assert.equal(errors[kind], kind === error ? 1 : 0, kind);
    });
  }

  it('cannot be used again once its negotiation is over', async () => {
    const { pair, request } = await withRequest(2);
    toWest(pair, request);
    await runUntil(pair.clock, () => false, 2 * WINDOW_MS);
    assert.equal([...pair.west.engine.phase2.live()].length, 0);
    const before = pair.west.events.filter(({ type }) => type === 'negotiation.started').length;
    toWest(pair, request);
    assert.equal(pair.west.events.filter(({ type }) => type === 'negotiation.started').length, before);
    assert.equal(onlyPhase1(pair.west).errors.other, 1);
  });

  it('begins none when 64 of this peer are under way', async () => {
    const { pair } = await withRequest(3);
    // Nothing of west gets through, so that all of them wait.
    pair.network.filter = (datagram) =>
      isQuickMode(datagram) && datagram.from.address === WEST ? 'drop' : 'pass';
    for (let count = 0; count < 80; count++) void pair.east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(pair.clock, () => false, 400);
    assert.equal([...pair.west.engine.phase2.live()].length, 64);
    pair.network.filter = () => 'pass';
    await runUntil(pair.clock, () => false, 100_000);
    // What had been refused came again when there was room.
    assertEstablished(pair, 81, 'in the end');
  });
});

describe('a Quick Mode that the two ends want differently', () => {
  async function refusedBy(seed: number, west: Parameters<typeof gatewayPlan>[1], east = {}): Promise<Pair> {
    const pair = await startPair(seed, gatewayPlan('east', east), gatewayPlan('west', west));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assertEstablished(pair, 0, 'nothing');
    return pair;
  }

  it('without the PFS that the rule of the responder requires is refused at both ends', async () => {
    const pair = await refusedBy(10, { words: { pfs: 2 } });
    assert.deepEqual(failedCodes(pair.west), ['pfs-mismatch']);
    assert.deepEqual(new Set(failedCodes(pair.east)), new Set(['peer-refused']));
  });

  it('for traffic that no policy of the responder covers is refused at both ends', async () => {
    const pair = await refusedBy(11, { policies: [] });
    assert.deepEqual(failedCodes(pair.west), ['no-policy']);
    assert.deepEqual(new Set(failedCodes(pair.east)), new Set(['peer-refused']));
  });

  it('with algorithms that the responder does not accept is refused, with the comparison for its operator alone', async () => {
    const other = tunnelPolicy('west', [{ ...AES128_SHA1, integrity: 'hmac-md5-96' }]);
    const pair = await refusedBy(12, { policies: [other] });
    const [ended] = pair.west.events.filter(
      (event) => event.type === 'negotiation.ended' && event.failure !== undefined,
    );
    assert.ok(ended?.type === 'negotiation.ended');
    assert.equal(ended.failure?.code, 'no-common-phase2-proposal');
    const [nearest] = ended.failure.comparisons ?? [];
    assert.ok(nearest?.attributes.some(({ agrees }) => !agrees));
    assert.deepEqual(new Set(failedCodes(pair.east)), new Set(['peer-refused']));
  });

  it('takes PFS that it does not ask for', async () => {
    const pair = await startPair(13, gatewayPlan('east', { words: { pfs: 2 } }), gatewayPlan('west'));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, WINDOW_MS);
    assertEstablished(pair, 1, 'with PFS');
  });
});
