/** Fuzz target: captured messages, spoiled, through header, payloads, verify, message rules and back to bytes. */
import assert from 'node:assert/strict';
import type { AuthMethod } from '../../services/algorithms.js';
import { type Bytes, concat } from '../../services/bytes.js';
import { decodeHeader, encodeHeader, HEADER_LENGTH, verifyHeader } from '../../services/isakmp/header.js';
import {
  checkMessage,
  type ExchangeName,
  type MessagePlace,
  sealedPayloads,
} from '../../services/isakmp/message-rules.js';
import { decodePayloads, encodePayloads } from '../../services/isakmp/message.js';
import { type DecodedPayload, encodeBody, verifyPayload } from '../../services/isakmp/payload.js';
import { CAPTURES } from '../services/isakmp/capture.js';
import { Dice } from '../sim/dice.js';
import { mutateDatagram } from './byte-mutations.js';
import { caseSeed, type Finding, type FuzzReport, type FuzzTarget, MOST_FINDINGS, Tally } from './target.js';

/** Every captured message in the clear: header and payloads, decrypted where they were encrypted. */
const CORPUS: readonly Bytes[] = CAPTURES.flatMap(({ messages }) =>
  messages.map(({ datagram, encrypted }) => {
    if (encrypted === undefined) return datagram;
    const head = datagram.slice(0, HEADER_LENGTH);
    head[19] = 0;
    const end = encrypted.plaintext.length - encrypted.padding;
    const whole = concat(head, encrypted.plaintext.subarray(0, end));
    new DataView(whole.buffer).setUint32(24, whole.length);
    return whole;
  }),
);

const EXCHANGES: readonly ExchangeName[] = ['main-mode', 'aggressive-mode', 'quick-mode', 'informational'];
const METHODS: readonly (AuthMethod | undefined)[] = [
  undefined,
  'preshared',
  'rsa_sig',
  'dss_sig',
  'rsa_encrypt',
];
const PLACES: readonly MessagePlace[] = EXCHANGES.flatMap((exchange) =>
  [0, 1, 2, 3, 4, 5, 6].map((number) => ({ exchange, number, method: undefined, protected: number > 4 })),
);

export const codec: FuzzTarget = {
  name: 'codec',
  fullCount: 1_000_000,
  run({ seed, count }): Promise<FuzzReport> {
    const findings: Finding[] = [];
    const tally = new Tally();
    for (let at = 0; at < count && findings.length < MOST_FINDINGS; at++) {
      const dice = new Dice(caseSeed(seed, at));
      const input = mutateDatagram(dice, dice.pick(CORPUS), dice.pick(CORPUS));
      try {
        tally.add(readAndWrite(dice, input));
      } catch (error) {
        findings.push({ target: 'codec', seed, at, input, error });
      }
    }
    return Promise.resolve({ findings, reached: tally.counts() });
  },
};

/** Throws when anything is amiss; tells how far the datagram got. */
function readAndWrite(dice: Dice, datagram: Bytes): string {
  const header = decodeHeader(datagram);
  if (!header.ok) return 'header refused';
  assert.deepEqual(encodeHeader(header.value), datagram.subarray(0, HEADER_LENGTH));
  const headerFault = verifyHeader(header.value);
  if (headerFault !== undefined) return 'header verified as wrong';
  const body = datagram.subarray(HEADER_LENGTH);
  const decoded = decodePayloads(header.value.nextPayload, body);
  if (!decoded.ok) {
    assert.ok(decoded.error.explanation.length > 0);
    return `payloads refused: ${decoded.error.code}`;
  }
  const { payloads, consumed } = decoded.value;
  assert.ok(consumed <= body.length);
  const obeys = PLACES.filter((place) => {
    sealedPayloads(place);
    return checkMessage({ ...place, method: dice.pick(METHODS) }, payloads) === undefined;
  });
  if (!payloads.every((payload) => verifyPayload(payload) === undefined))
    return 'a payload verified as wrong';
  writeAgain(payloads, header.value.nextPayload, body.subarray(0, consumed));
  return obeys.length > 0 ? 'well formed and obeys the rules of some message' : 'well formed';
}

/** What verifies is written as it came, up to what the encoder decides: lengths and Next Payload fields. */
function writeAgain(payloads: readonly DecodedPayload[], first: number, came: Bytes): void {
  const written = encodePayloads(payloads);
  assert.equal(written.first, first);
  assert.equal(written.bytes.length, came.length);
  for (const payload of payloads) assert.deepEqual(encodeBody(payload), payload.raw);
  const again = decodePayloads(written.first, written.bytes);
  assert.ok(again.ok, 'what was written cannot be read');
  assert.deepEqual(again.value.payloads, payloads);
  assert.deepEqual(encodePayloads(again.value.payloads).bytes, written.bytes);
}
