/** HASH(1), HASH(2) and HASH(3) of Quick Mode (RFC 2409 5.5): put in front of what we send, checked on what we receive. */
import { type Bytes, NO_BYTES } from '../bytes.js';
import { encodePayloads } from '../isakmp/message.js';
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import { quickModeHash1, quickModeHash2, quickModeHash3 } from '../keymat/proofs.js';
import type { Crypto } from '../ports/crypto.js';
import { firstOf } from './payloads-of.js';
import type { Phase2Record } from './phase2-record.js';

/** All that any of the three hashes is made of. */
function inputOf(record: Phase2Record, rest: Bytes) {
  const { suite, keys } = record.phase1;
  const { initiatorNonce, responderNonce } = nonces(record);
  const { messageId } = record;
  return { hash: suite.hash, skeyidA: keys.skeyidA, messageId, rest, initiatorNonce, responderNonce };
}

export function nonces(record: Phase2Record): {
  readonly initiatorNonce: Bytes;
  readonly responderNonce: Bytes;
} {
  return record.role === 'initiator'
    ? { initiatorNonce: record.ownNonce, responderNonce: record.peerNonce }
    : { initiatorNonce: record.peerNonce, responderNonce: record.ownNonce };
}

/** What follows the HASH payload in a decrypted message, as it was sent. */
function afterHash(plaintext: Bytes): Bytes {
  const length = ((plaintext[2] ?? 0) << 8) | (plaintext[3] ?? 0);
  return plaintext.subarray(length);
}

/** Whether HASH(1), HASH(2) or HASH(3) of a received message is right. Nothing of the message is used when it is not. */
export function hashIsRight(
  record: Phase2Record,
  number: 1 | 2 | 3,
  payloads: readonly DecodedPayload[],
  plaintext: Bytes,
  crypto: Crypto,
): boolean {
  const hash = firstOf(payloads, 'HASH');
  if (hash === undefined || payloads[0] !== hash) return false;
  const input = inputOf(record, afterHash(plaintext));
  const expected =
    number === 1
      ? quickModeHash1(crypto, input)
      : number === 2
        ? quickModeHash2(crypto, input)
        : quickModeHash3(crypto, input);
  return crypto.equal(expected, hash.data);
}

/** Messages 1 and 2 with their HASH in front. */
export function withHash(
  record: Phase2Record,
  number: 1 | 2,
  rest: readonly Payload[],
  crypto: Crypto,
): readonly Payload[] {
  const input = inputOf(record, encodePayloads(rest).bytes);
  const data = number === 1 ? quickModeHash1(crypto, input) : quickModeHash2(crypto, input);
  return [{ kind: 'HASH', data }, ...rest];
}

/** Message 3 is its HASH alone. */
export function confirmationHash(record: Phase2Record, crypto: Crypto): Bytes {
  return quickModeHash3(crypto, inputOf(record, NO_BYTES));
}
