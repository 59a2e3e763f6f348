/** Which Main Mode datagrams begin a negotiation, and which do not. */
import assert from 'node:assert/strict';
import {
  decodeHeader,
  encodeHeader,
  FLAG,
  HEADER_LENGTH,
  type IsakmpHeader,
} from '../../services/isakmp/header.js';
import { concat } from '../../services/bytes.js';
import { runUntil, settle, startSimulated, type SimulatedDaemon } from '../sim/simulated-daemon.js';
import { SimulatedNetwork } from '../sim/simulated-network.js';
import { Dice } from '../sim/dice.js';
import { EAST, gatewayPlan, packetToWest, startPair, WEST } from '../sim/two-gateways.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const AT_WEST = { address: WEST, port: 500 };

/** A west that nobody else is there for, and the message 1 that east would send it. */
async function lonelyWest(): Promise<{
  readonly west: SimulatedDaemon;
  readonly network: SimulatedNetwork;
  readonly clock: VirtualClock;
  readonly offer: Uint8Array;
}> {
  const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
  pair.east.kernel.output(packetToWest());
  await settle();
  const [offer] = pair.network.sent;
  assert.ok(offer);
  const clock = new VirtualClock();
  const network = new SimulatedNetwork(clock, new Dice(1));
  const west = await startSimulated(gatewayPlan('west'), network, clock, 3, new Map());
  return { west, network, clock, offer: offer.bytes };
}

function withHeader(bytes: Uint8Array, changes: Partial<IsakmpHeader>): Uint8Array {
  const header = decodeHeader(bytes);
  assert.ok(header.ok);
  return concat(encodeHeader({ ...header.value, ...changes }), bytes.subarray(HEADER_LENGTH));
}

function live({ engine }: SimulatedDaemon): number {
  return [...engine.phase1.live()].length;
}

describe('a Main Mode datagram of no negotiation that is known', () => {
  const refused: readonly (readonly [string, Partial<IsakmpHeader>])[] = [
    ['with cookies of its own', { responderCookie: '0123456789abcdef' }],
    ['that is encrypted', { flags: FLAG.encryption }],
    ['without the cookie of an initiator', { initiatorCookie: '0000000000000000' }],
    ['with a message ID', { messageId: 1 }],
    ['with flags that do not exist', { flags: 0x80 }],
    ['of another version', { majorVersion: 2 }],
    ['of an exchange that is not spoken here', { exchangeType: 4 }],
  ];
  for (const [what, changes] of refused) {
    it(`${what} is dropped`, async () => {
      const { west, network, offer } = await lonelyWest();
      west.engine.receive({
        local: AT_WEST,
        remote: { address: EAST, port: 500 },
        bytes: withHeader(offer, changes),
      });
      assert.equal(live(west), 0);
      assert.equal(west.engine.drops.total, 1);
      assert.equal(network.sent.length, 0);
    });
  }

  it('with a good offer begins one, and only one however often it comes', async () => {
    const { west, network, offer, clock } = await lonelyWest();
    for (let copy = 0; copy < 5; copy++) {
      west.engine.receive({ local: AT_WEST, remote: { address: EAST, port: 500 }, bytes: offer });
      await runUntil(clock, () => false, 50);
    }
    assert.equal(live(west), 1);
    assert.ok(network.sent.length <= 2, 'answers are limited');
  });

  it('begins no more than its share when one source sends many, and does again when they have expired', async () => {
    const { west, network, offer, clock } = await lonelyWest();
    const SHARE = 128;
    const MOST_AT_ONCE = 500;
    for (let count = 1; count <= 10 * SHARE; count++) {
      const initiatorCookie = count.toString(16).padStart(16, '0');
      west.engine.receive({
        local: AT_WEST,
        remote: { address: EAST, port: 500 },
        bytes: withHeader(offer, { initiatorCookie }),
      });
    }
    assert.equal(live(west), SHARE);
    assert.equal(network.sent.length, MOST_AT_ONCE);
    // Those that were put out for others, and those that did not even begin.
    assert.equal(west.engine.drops.total, 9 * SHARE);
    await runUntil(clock, () => false, 400_000);
    assert.equal(live(west), 0);
    assert.equal(clock.pending, 0);
    west.engine.receive({ local: AT_WEST, remote: { address: EAST, port: 500 }, bytes: offer });
    assert.equal(live(west), 1);
  });

  it('from an address that no rule covers costs one failure a second', async () => {
    const { west, network, offer, clock } = await lonelyWest();
    for (let count = 1; count <= 100; count++) {
      const initiatorCookie = count.toString(16).padStart(16, '0');
      west.engine.receive({
        local: AT_WEST,
        remote: { address: '198.51.100.1', port: 500 },
        bytes: withHeader(offer, { initiatorCookie }),
      });
      await runUntil(clock, () => false, 50);
    }
    const started = west.events.filter(({ type }) => type === 'negotiation.started').length;
    assert.equal(started, 5);
    assert.equal(network.sent.length, 0);
    assert.equal(west.engine.drops.total, 95);
  });
});

describe('a Main Mode under way', () => {
  it('takes nothing that comes from another address', async () => {
    const pair = await startPair(7, gatewayPlan('east'), gatewayPlan('west'));
    pair.network.filter = ({ from, to, bytes }) => {
      // Somebody on the path sees each message and sends it on from elsewhere first.
      const daemon = to.address === EAST ? pair.east : pair.west;
      if (from.address === EAST || from.address === WEST)
        daemon.engine.receive({ local: to, remote: { address: '203.0.113.5', port: 500 }, bytes });
      return 'pass';
    };
    pair.east.kernel.output(packetToWest());
    assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000));
    assert.equal(pair.network.sent.length, 9);
  });
});
