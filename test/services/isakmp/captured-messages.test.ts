/** Every payload of the captured negotiations, read and written again. */
import assert from 'node:assert/strict';
import { type Bytes, concat } from '../../../services/bytes.js';
import { decodeHeader, HEADER_LENGTH, type IsakmpHeader } from '../../../services/isakmp/header.js';
import { checkMessage } from '../../../services/isakmp/message-rules.js';
import { decodePayloads, encodeMessage, encodePayloads } from '../../../services/isakmp/message.js';
import {
  type DecodedPayload,
  encodeBody,
  payloadName,
  payloadType,
  verifyPayload,
} from '../../../services/isakmp/payload.js';
import { CAPTURES, type CapturedMessage } from './capture.js';

function headerOf(message: CapturedMessage): IsakmpHeader {
  const decoded = decodeHeader(message.datagram);
  assert(decoded.ok);
  return decoded.value;
}

/** The chain of payloads in the clear, with its padding. */
function clearBody(message: CapturedMessage): Bytes {
  return message.encrypted?.plaintext ?? message.datagram.subarray(HEADER_LENGTH);
}

function payloadsOf(message: CapturedMessage): readonly DecodedPayload[] {
  const decoded = decodePayloads(headerOf(message).nextPayload, clearBody(message));
  assert(decoded.ok, decoded.ok ? '' : decoded.error.explanation);
  return decoded.value.payloads;
}

const EVERY_PAYLOAD = CAPTURES.flatMap((capture) => capture.messages.flatMap(payloadsOf));

describe('captured messages', () => {
  it('hold a payload of every kind that has a codec', () => {
    assert.deepEqual([...new Set(EVERY_PAYLOAD.map(payloadName))].sort(), [
      'CERT',
      'CERTREQ',
      'DELETE',
      'HASH',
      'ID',
      'KE',
      'NAT-D',
      'NONCE',
      'NOTIFY',
      'SA',
      'SIG',
      'VENDOR',
    ]);
  });

  for (const capture of CAPTURES) {
    describe(capture.name, () => {
      for (const [index, message] of capture.messages.entries()) {
        const title = `${message.exchange} ${String(message.number)} (datagram ${String(index + 1)})`;

        it(`${title}: reads as an independent decoder does`, () => {
          assert.deepEqual(payloadsOf(message).map(payloadType), message.payloads);
        });

        it(`${title}: is written again byte for byte`, () => {
          const header = headerOf(message);
          const payloads = payloadsOf(message);
          const body = clearBody(message);
          const { first, bytes } = encodePayloads(payloads);
          assert.equal(first, header.nextPayload);
          const padding = message.encrypted?.padding ?? 0;
          assert.deepEqual(bytes, body.slice(0, body.length - padding));
          for (const payload of payloads) assert.deepEqual(encodeBody(payload), payload.raw);
          if (message.encrypted === undefined)
            assert.deepEqual(encodeMessage(header, payloads), message.datagram);
        });

        it(`${title}: obeys verify and the message rules`, () => {
          const payloads = payloadsOf(message);
          for (const payload of payloads) assert.equal(verifyPayload(payload), undefined);
          const phase1 = message.exchange === 'main-mode' || message.exchange === 'aggressive-mode';
          const method = capture.preSharedKey === undefined ? 'rsa_sig' : 'preshared';
          const place = {
            exchange: message.exchange,
            number: message.number,
            method: phase1 ? method : undefined,
            protected: message.encrypted !== undefined,
          } as const;
          assert.equal(checkMessage(place, payloads), undefined);
        });

        it(`${title}: is an error when cut at any offset`, () => {
          const { nextPayload } = headerOf(message);
          const whole = clearBody(message);
          const end = whole.length - (message.encrypted?.padding ?? 0);
          for (let length = 0; length < end; length++) {
            assert(!decodePayloads(nextPayload, whole.subarray(0, length)).ok, `cut to ${String(length)}`);
          }
        });
      }
    });
  }

  it('leave the padding of an encrypted body to the caller', () => {
    for (const message of CAPTURES.flatMap(({ messages }) => messages)) {
      const body = clearBody(message);
      const decoded = decodePayloads(headerOf(message).nextPayload, body);
      assert(decoded.ok);
      assert.equal(body.length - decoded.value.consumed, message.encrypted?.padding ?? 0);
    }
  });

  it('give the same payloads from a slice of a larger buffer', () => {
    for (const message of CAPTURES.flatMap(({ messages }) => messages)) {
      const body = clearBody(message);
      const larger = Buffer.from(concat(Uint8Array.of(1, 2, 3), body, Uint8Array.of(4)));
      const decoded = decodePayloads(headerOf(message).nextPayload, larger.subarray(3, 3 + body.length));
      assert(decoded.ok);
      assert.deepEqual(decoded.value.payloads, payloadsOf(message));
    }
  });
});
