/** What rides on a Quick Mode: the commit bit and CONNECTED, RESPONDER-LIFETIME, and what is asked for too much. */
import assert from 'node:assert/strict';
import { firstOf } from '../../services/exchange/payloads-of.js';
import type { Payload } from '../../services/isakmp/payload.js';
import type { IdPayload } from '../../services/isakmp/payloads/identification.js';
import { NOTIFY } from '../../services/isakmp/registries/notify-types.js';
import { basic, espProposal, phase1Pair, phase2Sa, reactionToRequest } from '../conformance/scripted-peer.js';
import { committing, isQuickMode, replaceOnce } from '../machines/mishaps.js';
import { notifyAbout, openMessage, protectedMessage } from '../sim/informational-message.js';
import { assertEstablished } from '../sim/outcome.js';
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

function toEast({ east }: Pair, bytes: Uint8Array): void {
  const [local, remote] = [EAST, WEST].map((address) => ({ address, port: 500 }));
  assert.ok(local !== undefined && remote !== undefined);
  east.engine.receive({ local, remote, bytes });
}

/** East has sent message 3 of a Quick Mode whose message 2 had the commit bit. */
async function waitingPair(seed: number): Promise<Pair> {
  const pair = await startPair(seed, gatewayPlan('east'), gatewayPlan('west'));
  replaceOnce(pair.network, (d) => d.from.address === WEST && isQuickMode(d), committing);
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.engine.table.phase2Count === 1, WINDOW_MS);
  assert.equal(pair.east.engine.table.phase2Count, 0, 'east waits');
  assert.equal(pair.east.kernel.sas().length, 1, 'and sends nothing under the new SAs');
  return pair;
}

describe('the commit bit of a peer', () => {
  const accepted: readonly (readonly [string, (pair: Pair, own: number, spi: number) => Uint8Array])[] = [
    [
      'under the message ID of the Quick Mode',
      ({ west }, own) => protectedMessage(west, [notifyAbout(NOTIFY.connected)], own),
    ],
    [
      'under another, with an SPI of it',
      ({ west }, _own, spi) => protectedMessage(west, [notifyAbout(NOTIFY.connected, spi)], 7),
    ],
    [
      'under another, where no other Quick Mode waits',
      ({ west }) => protectedMessage(west, [notifyAbout(NOTIFY.connected)], 7),
    ],
  ];
  for (const [how, message] of accepted) {
    it(`is satisfied by CONNECTED ${how}`, async () => {
      const pair = await waitingPair(1);
      const [negotiation] = pair.east.engine.phase2.live();
      assert.ok(negotiation);
      const { messageId, agreed } = negotiation.record;
      toEast(pair, message(pair, messageId, agreed[0]?.outboundSpi ?? 0));
      await runUntil(pair.clock, () => pair.east.engine.table.phase2Count > 0, 1);
      assertEstablished(pair, 1, 'at once');
    });
  }

  it('is not satisfied by what is not authenticated, nor by another SPI', async () => {
    const pair = await waitingPair(2);
    toEast(pair, openMessage(pair.west, [notifyAbout(NOTIFY.connected)]));
    toEast(pair, protectedMessage(pair.west, [notifyAbout(NOTIFY.connected, 0x7777)], 8));
    assert.equal(pair.east.engine.table.phase2Count, 0);
  });

  it('costs one retry window at most', async () => {
    const pair = await waitingPair(3);
    await runUntil(pair.clock, () => false, 31_000);
    assert.equal(pair.east.engine.table.phase2Count, 0);
    await runUntil(pair.clock, () => false, 1000);
    assertEstablished(pair, 1, 'after it');
  });

  it('does not keep a duplicate of message 2 from its answer', async () => {
    const pair = await startPair(4, gatewayPlan('east'), gatewayPlan('west'));
    let thirds = 0;
    pair.network.filter = (datagram) => {
      if (!isQuickMode(datagram)) return 'pass';
      if (datagram.from.address === WEST) {
        const bytes = committing(datagram);
        if (Buffer.compare(bytes, datagram.bytes) === 0) return 'pass';
        pair.network.send(datagram.from, datagram.to, bytes);
        return 'drop';
      }
      // The first copy of message 3 is lost: west repeats message 2, and east has to say 3 again.
      thirds += 1;
      return thirds === 2 ? 'drop' : 'pass';
    };
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.engine.table.phase2Count === 1, 10_000);
    assert.equal(pair.west.engine.table.phase2Count, 1);
  });
});

function lived(seconds: number, kilobytes?: number) {
  const more = kilobytes === undefined ? '' : ` p2_lifetime_kb ${String(kilobytes)}`;
  return (end: 'east' | 'west') => ({
    config: configText(end).replace('p2_pfs', `p2_lifetime_secs ${String(seconds)}${more} p2_pfs`),
  });
}

describe('lifetimes', () => {
  const hardLimits = ({ kernel }: Pair['east']) =>
    kernel.sas().map(({ complete }) => [complete?.lifetimes.hardSeconds, complete?.lifetimes.hardBytes]);

  it('that the responder wants shorter are said in message 2, and kept by both ends', async () => {
    const pair = await startPair(
      5,
      gatewayPlan('east', lived(7200)('east')),
      gatewayPlan('west', lived(1200, 5000)('west')),
    );
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, 10_000);
    assertEstablished(pair, 1, 'with a shorter life');
    const shorter = Array(2).fill([1200, 5000 * 1024]);
    assert.deepEqual(hardLimits(pair.west), shorter);
    assert.deepEqual(hardLimits(pair.east), shorter);
  });

  it('that the responder would let be longer stay what was offered, and nothing is said', async () => {
    const pair = await startPair(
      6,
      gatewayPlan('east', lived(1200)('east')),
      gatewayPlan('west', lived(7200)('west')),
    );
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => false, 10_000);
    assert.deepEqual(hardLimits(pair.west), Array(2).fill([1200, undefined]));
    assert.deepEqual(hardLimits(pair.east), Array(2).fill([1200, undefined]));
    const answers = pair.west.events.flatMap((event) =>
      event.type === 'message.sent' && event.message.exchange === 'Quick Mode'
        ? [event.message.payloads]
        : [],
    );
    assert.ok(answers.every((payloads) => !payloads.includes('NOTIFY')));
  });
});

/** AES-CBC of 128 bits with HMAC-SHA1 in a tunnel: what the gateways of the simulation agree on. */
const OFFER = phase2Sa(
  espProposal(1, [{ number: 1, id: 12, attributes: [basic(4, 1), basic(5, 2), basic(6, 128)] }]),
);
const NONCE: Payload = { kind: 'NONCE', data: new Uint8Array(16).fill(3) };
const id = (idType: number, data: readonly number[], more: Partial<IdPayload> = {}): Payload => ({
  kind: 'ID',
  idType,
  protocol: 0,
  port: 0,
  data: Uint8Array.from(data),
  ...more,
});
const EAST_NET = [10, 1, 0, 0, 255, 255, 0, 0];
const WEST_NET = [10, 2, 0, 0, 255, 255, 0, 0];
const V6 = (last: number): readonly number[] => [0x20, 0x01, 0x0d, 0xb8, ...Array<number>(11).fill(0), last];
const text = (words: string): readonly number[] => [...Buffer.from(words)];

describe('a Quick Mode that asks for too much', () => {
  it('with several SA payloads is refused by an authenticated notify, and says so to the operator', async () => {
    const pair = await phase1Pair();
    const ids = [id(4, EAST_NET), id(4, WEST_NET)];
    const reaction = await reactionToRequest(pair, [OFFER, OFFER, NONCE, ...ids]);
    assert.equal(reaction.answer, undefined);
    assert.deepEqual(reaction.notifies, ['BAD-PROPOSAL-SYNTAX']);
    assert.ok(reaction.reported.includes('several-sa-payloads'));
    const single = await reactionToRequest(pair, [OFFER, NONCE, ...ids], 8);
    assert.ok(single.answer !== undefined && firstOf(single.answer, 'SA') !== undefined);
  });

  const good: readonly (readonly [string, Payload, Payload])[] = [
    ['subnets', id(4, EAST_NET), id(4, WEST_NET)],
    ['an address and a subnet', id(1, [10, 1, 0, 5]), id(4, WEST_NET)],
    ['ranges', id(7, [10, 1, 0, 1, 10, 1, 0, 9]), id(7, [10, 2, 0, 1, 10, 2, 0, 9])],
    ['a protocol and ports', id(4, EAST_NET, { protocol: 6 }), id(4, WEST_NET, { protocol: 6, port: 80 })],
  ];
  for (const [what, initiator, responder] of good) {
    it(`gets ${what}, and they are repeated to it`, async () => {
      const { answer, reported } = await reactionToRequest(await phase1Pair(), [
        OFFER,
        NONCE,
        initiator,
        responder,
      ]);
      assert.ok(answer, reported.join());
      const repeated = answer.flatMap((payload) => (payload.kind === 'ID' ? [payload] : []));
      assert.deepEqual(
        repeated.map(({ kind, idType, protocol, port, data }) => ({ kind, idType, protocol, port, data })),
        [initiator, responder],
      );
    });
  }

  const bad: readonly (readonly [string, Payload, Payload])[] = [
    ['a name', id(2, text('gw.example.net')), id(4, WEST_NET)],
    ['a mailbox', id(3, text('a@example.net')), id(4, WEST_NET)],
    ['a distinguished name', id(9, [0x30, 0]), id(4, WEST_NET)],
    ['a general name', id(10, [0x30, 0]), id(4, WEST_NET)],
    ['a key ID', id(11, [1, 2, 3]), id(4, WEST_NET)],
    ['two families', id(5, V6(1)), id(4, WEST_NET)],
    ['two protocols', id(4, EAST_NET, { protocol: 6 }), id(4, WEST_NET, { protocol: 17 })],
  ];
  for (const [what, initiator, responder] of bad) {
    it(`is refused with a reason: ${what}`, async () => {
      const reaction = await reactionToRequest(await phase1Pair(), [OFFER, NONCE, initiator, responder]);
      assert.equal(reaction.answer, undefined);
      assert.deepEqual(reaction.notifies, ['INVALID-ID-INFORMATION']);
      assert.ok(reaction.reported.includes('bad-identity'));
    });
  }

  it('for IPv6 is read, and refused only for want of a policy', async () => {
    const ranges = [id(6, [...V6(0), ...Array<number>(16).fill(0xff)]), id(8, [...V6(1), ...V6(9)])];
    const reaction = await reactionToRequest(await phase1Pair(), [OFFER, NONCE, ...ranges]);
    assert.ok(reaction.reported.includes('no-policy'));
  });
});
