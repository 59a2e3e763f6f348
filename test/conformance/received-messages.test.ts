/** What RFC 2408 and 2409 demand of who receives a message that does not belong where it comes. */
import assert from 'node:assert/strict';
import { concat } from '../../services/bytes.js';
import { encodeHeader, FLAG, HEADER_LENGTH, type IsakmpHeader } from '../../services/isakmp/header.js';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { headerOf, precedeOnce } from '../machines/mishaps.js';
import { assertEstablished } from '../sim/outcome.js';
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

describe('a message 5 of Main Mode', () => {
  it('is not taken in the clear', async () => {
    const sent = await undisturbed(isMessage(5), (datagram) => changed(datagram, { flags: 0 }));
    assert.equal(sent, 10);
  });

  it('that does not decrypt to payloads leaves the IV where it was', async () => {
    const garbled = ({ bytes }: SentDatagram): Uint8Array =>
      bytes.map((byte, index) => (index < HEADER_LENGTH ? byte : byte ^ 0x5a));
    assert.equal(await undisturbed(isMessage(5), garbled), 10);
  });
});
