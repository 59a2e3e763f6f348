/** What RFC 2408 and 2409 demand of who receives a message that does not belong where it comes. */
import assert from 'node:assert/strict';
import { deletePhase1 } from '../../services/exchange/informational.js';
import type { Payload } from '../../services/isakmp/payload.js';
import { NOTIFY } from '../../services/isakmp/registries/notify-types.js';
import { PROTOCOL } from '../../services/isakmp/registries/protocols.js';
import { onlyPhase1, protectedMessage } from '../sim/informational-message.js';
import { concat } from '../../services/bytes.js';
import { encodeHeader, FLAG, HEADER_LENGTH, type IsakmpHeader } from '../../services/isakmp/header.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { garbled, headerOf, precedeOnce } from '../machines/mishaps.js';
import { perform, scenarios } from '../machines/scenarios.js';
import { assertEstablished, failedCodes } from '../sim/outcome.js';
import { runUntil } from '../sim/simulated-daemon.js';
import type { SentDatagram } from '../sim/simulated-network.js';
import { EAST, gatewayPlan, packetToWest, startPair, WEST } from '../sim/two-gateways.js';

function changed(datagram: SentDatagram, changes: Partial<IsakmpHeader>): Uint8Array {
  const header = { ...headerOf(datagram), ...changes };
  return concat(encodeHeader(header), datagram.bytes.subarray(HEADER_LENGTH));
}

/** Each message of a run is preceded by a changed copy of itself; the run must not notice. */
async function undisturbed(
  wanted: (datagram: SentDatagram) => boolean,
  change: (datagram: SentDatagram) => Uint8Array,
): Promise<number> {
  const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
  precedeOnce(pair.network, wanted, change);
  pair.east.kernel.output(packetToWest());
  await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000);
  assertEstablished(pair, 1, 'undisturbed');
  return pair.network.sent.length;
}

const isMessage =
  (number: number) =>
  (datagram: SentDatagram): boolean => {
    const header = headerOf(datagram);
    const third = datagram.from.address === EAST && header.exchangeType === EXCHANGE.mainMode;
    const encrypted = (header.flags & FLAG.encryption) !== 0;
    return third && !/^0+$/.test(header.responderCookie) && encrypted === (number === 5);
  };

describe('a message with the cookies of a Main Mode', () => {
  for (const [name, exchangeType] of [
    ['Base', 1],
    ['Authentication Only', 3],
    ['Aggressive Mode', EXCHANGE.aggressive],
    ['New Group Mode', 33],
  ] as const) {
    it(`does not go on with it as one of ${name}`, async () => {
      for (const number of [3, 5]) {
        const sent = await undisturbed(isMessage(number), (datagram) => changed(datagram, { exchangeType }));
        assert.equal(sent, 10, 'nine, the one that was put in, and no answer to it');
      }
    });
  }
});

/** The encrypted messages of a run, in order. */
const ENCRYPTED = ['Main Mode 5', 'Main Mode 6', 'Quick Mode 1', 'Quick Mode 2', 'Quick Mode 3'];

function nthEncrypted(nth: number): (datagram: SentDatagram) => boolean {
  let count = 0;
  return (datagram) => (headerOf(datagram).flags & FLAG.encryption) !== 0 && count++ === nth;
}

describe('an encrypted message', () => {
  ENCRYPTED.forEach((name, nth) => {
    it(`${name} is not taken in the clear`, async () => {
      const sent = await undisturbed(nthEncrypted(nth), (datagram) => changed(datagram, { flags: 0 }));
      assert.equal(sent, 10);
    });

    it(`${name} that makes no sense leaves the IV where it was`, async () => {
      assert.equal(await undisturbed(nthEncrypted(nth), garbled), 10);
    });
  });
});

/** Stories in which a peer, or somebody between the two, says what must not be accepted: who refuses it, and as what. */
const REFUSALS: readonly (readonly [string, 'east' | 'west', string])[] = [
  ['the choice was not offered', 'east', 'bad-phase1-choice'],
  ['the public value of the responder is bad', 'east', 'bad-public-value'],
  ['the public value of the initiator is bad', 'west', 'bad-public-value'],
  ['the proof of the responder is bad', 'east', 'bad-proof'],
  ['the proof of the initiator is bad', 'west', 'bad-proof'],
  ['different pre-shared keys', 'west', 'wrong-preshared-key'],
];

describe('a Main Mode', () => {
  for (const [name, end, code] of REFUSALS) {
    it(`fails with ${code} at ${end} when ${name}`, async () => {
      const scenario = scenarios().find((one) => one.name === name);
      assert.ok(scenario);
      const pair = await perform(scenario);
      assert.equal(failedCodes(pair[end])[0], code);
      const [first] = pair[end].events.filter(({ type }) => type === 'negotiation.ended');
      assert.ok(first?.type === 'negotiation.ended' && first.negotiation === 'p1-1');
    });
  }
});

describe('a protected Informational', () => {
  const about = { kind: 'NOTIFY', protocol: PROTOCOL.esp, data: new Uint8Array(0) } as const;
  const refused = (notifyType: number) => ({ ...about, doi: 1, spi: new Uint8Array(0), notifyType });
  const wrong: readonly (readonly [string, Payload])[] = [
    ['a notify of another DOI', { ...refused(NOTIFY.noProposalChosen), doi: 2 }],
    ['a notify about an unknown protocol', { ...refused(NOTIFY.noProposalChosen), protocol: 9 }],
    ['a notify with an SPI of 3 bytes', { ...refused(NOTIFY.noProposalChosen), spi: new Uint8Array(3) }],
    ['a notify of type 0', refused(0)],
  ];
  for (const [what, payload] of wrong) {
    it(`with ${what} is discarded`, async () => {
      const pair = await startPair(3, gatewayPlan('east'), gatewayPlan('west'));
      pair.east.kernel.output(packetToWest());
      assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000));
      pair.network.filter = () => 'drop';
      void pair.west.engine.up('10.2.0.9', '10.1.0.5', 17);
      await runUntil(pair.clock, () => false, 100);
      const bytes = protectedMessage(pair.east, [payload], 7);
      pair.west.engine.receive({
        local: { address: WEST, port: 500 },
        remote: { address: EAST, port: 500 },
        bytes,
      });
      assert.equal([...pair.west.engine.phase2.live()].length, 1, 'it ended the Quick Mode');
      assert.ok(pair.west.events.every(({ type }) => type !== 'notify.received'));
      assert.equal(pair.west.engine.drops.total, 1);
    });
  }

  it('with a Delete of another DOI, or for no known protocol, is discarded', async () => {
    const pair = await startPair(4, gatewayPlan('east'), gatewayPlan('west'));
    pair.east.kernel.output(packetToWest());
    assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000));
    const farewell = deletePhase1(onlyPhase1(pair.east).sa);
    [
      { ...farewell, doi: 2 },
      { ...farewell, protocol: 9 },
    ].forEach((payload, index) => {
      const bytes = protectedMessage(pair.east, [payload], 7 + index);
      pair.west.engine.receive({
        local: { address: WEST, port: 500 },
        remote: { address: EAST, port: 500 },
        bytes,
      });
    });
    assert.equal(pair.west.engine.table.phase1Count, 1);
    assert.equal(pair.west.engine.drops.total, 2);
  });
});
