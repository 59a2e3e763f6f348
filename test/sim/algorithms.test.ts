/** Whole negotiations with each algorithm that Phase 1 has. */
import assert from 'node:assert/strict';
import { headerOf, replaceOnce } from '../machines/mishaps.js';
import { decodePayloads, encodeMessage } from '../../services/isakmp/message.js';
import { HEADER_LENGTH } from '../../services/isakmp/header.js';
import { OAKLEY_ATTRIBUTE } from '../../services/isakmp/registries/phase1-attributes.js';
import { basic } from '../../services/proposal/phase1-suite.js';
import { assertEstablished } from './outcome.js';
import { runUntil } from './simulated-daemon.js';
import type { SentDatagram } from './simulated-network.js';
import { gatewayPlan, packetToWest, type Pair, startPair } from './two-gateways.js';

const WINDOW_MS = 60_000;

async function pairWith(transform: string, pfs = 0): Promise<Pair> {
  const words = { transform: `auth_method preshared ${transform}`, pfs };
  return startPair(7, gatewayPlan('east', { words }), gatewayPlan('west', { words }));
}

/** The same message 1, every transform of which has one attribute more. */
function withKeyLength(datagram: SentDatagram, bits: number): Uint8Array {
  const header = headerOf(datagram);
  const chain = decodePayloads(header.nextPayload, datagram.bytes.subarray(HEADER_LENGTH));
  assert.ok(chain.ok);
  const payloads = chain.value.payloads.map((payload) =>
    payload.kind === 'SA'
      ? {
          ...payload,
          proposals: payload.proposals.map((proposal) => ({
            ...proposal,
            transforms: proposal.transforms.map((transform) => ({
              ...transform,
              attributes: [...transform.attributes, basic(OAKLEY_ATTRIBUTE.keyLength, bits)],
            })),
          })),
        }
      : payload,
  );
  return encodeMessage(header, payloads);
}

describe('Phase 1 with', () => {
  for (const cipher of ['des', '3des', 'blowfish', 'aes(192)']) {
    for (const hash of ['md5', 'sha1', 'sha512']) {
      it(`${cipher} and ${hash} brings up a tunnel`, async () => {
        const pair = await pairWith(`oakley_group 2 auth_alg ${hash} encr_alg ${cipher}`);
        pair.east.kernel.output(packetToWest());
        assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS));
        assertEstablished(pair, 1, cipher);
        const [entry] = pair.west.engine.table.phase1();
        assert.equal(entry?.sa.suite.cipher, cipher.replace(/\(.*/, ''));
      });
    }
  }

  for (const group of [1, 5, 14, 19, 22, 23, 24, 25, 26]) {
    it(`group ${String(group)} brings up a tunnel, in both phases`, async () => {
      const pair = await pairWith(`oakley_group ${String(group)} auth_alg sha256 encr_alg aes(128)`, group);
      pair.east.kernel.output(packetToWest());
      assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS));
      assertEstablished(pair, 1, `group ${String(group)}`);
    });
  }

  it('a Key Length for 3DES takes the offer and notes what it ignores', async () => {
    const pair = await pairWith('oakley_group 2 auth_alg sha1 encr_alg 3des');
    replaceOnce(
      pair.network,
      () => true,
      (datagram) => withKeyLength(datagram, 192),
    );
    pair.east.kernel.output(packetToWest());
    const notes = () =>
      pair.west.events.flatMap((event) => (event.type === 'negotiation.note' ? [event.note] : []));
    await runUntil(pair.clock, () => notes().length > 0, 400);
    assert.equal(notes().length, 1);
    assert.match(notes()[0] ?? '', /Key Length of 192 bits is ignored: 3DES-CBC/);
    assert.ok(pair.west.events.every(({ type }) => type !== 'negotiation.ended'));
  });
});
