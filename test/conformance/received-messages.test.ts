/** What RFC 2408 and 2409 demand of who receives a message that does not belong where it comes. */
import assert from 'node:assert/strict';
import { concat } from '../../services/bytes.js';
import { encodeHeader, FLAG, HEADER_LENGTH, type IsakmpHeader } from '../../services/isakmp/header.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { garbled, headerOf, precedeOnce } from '../machines/mishaps.js';
import { perform, scenarios } from '../machines/scenarios.js';
import { assertEstablished, failedCodes } from '../sim/outcome.js';
import { runUntil } from '../sim/simulated-daemon.js';
import type { SentDatagram } from '../sim/simulated-network.js';
import { EAST, gatewayPlan, packetToWest, startPair } from '../sim/two-gateways.js';

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
