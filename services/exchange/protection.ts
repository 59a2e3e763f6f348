/** Encrypting and decrypting the body of ISAKMP messages (RFC 2409 appendix B). */
import { PHASE1_BLOCK_LENGTH } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import { FLAG, HEADER_LENGTH, type IsakmpHeader } from '../isakmp/header.js';
import { decodePayloads, encodePadded, encodeSealed, firstType } from '../isakmp/message.js';
import type { DecodedPayload, Payload } from '../isakmp/payload.js';
import { lastBlock } from '../keymat/initialization-vectors.js';
import type { Crypto } from '../ports/crypto.js';
import type { KeyHandle } from '../ports/keys.js';
import type { Phase1Suite } from '../proposal/phase1-suite.js';
import { err, ok, type Result } from '../result.js';

export type HeaderFields = Pick<
  IsakmpHeader,
  'initiatorCookie' | 'responderCookie' | 'exchangeType' | 'messageId'
>;

/** What a chain of encrypted messages shares. */
export interface Protection {
  readonly suite: Phase1Suite;
  readonly key: KeyHandle;
  readonly iv: Bytes;
}

export interface Sealed {
  readonly bytes: Bytes;
  /** IV of the next message of the exchange. */
  readonly iv: Bytes;
}

export function sealMessage(
  crypto: Crypto,
  protection: Protection,
  header: HeaderFields,
  payloads: readonly Payload[],
): Sealed {
  const { cipher } = protection.suite;
  const plaintext = encodePadded(payloads, PHASE1_BLOCK_LENGTH[cipher]);
  const body = crypto.encrypt(cipher, protection.key, protection.iv, plaintext);
  const { initiatorCookie, responderCookie, exchangeType, messageId } = header;
  const head = { initiatorCookie, responderCookie, exchangeType, flags: FLAG.encryption, messageId };
  return { bytes: encodeSealed(head, firstType(payloads), body), iv: lastBlock(cipher, body) };
}

export interface Opened {
  readonly payloads: readonly DecodedPayload[];
  /** The payloads as they were hashed, without the padding. */
  readonly plaintext: Bytes;
  readonly iv: Bytes;
}

/** The error is a sentence for an operator; with a wrong key it is all we can know. */
export function openMessage(
  crypto: Crypto,
  protection: Protection,
  header: IsakmpHeader,
  datagram: Bytes,
): Result<Opened, string> {
  const body = datagram.subarray(HEADER_LENGTH);
  const { cipher } = protection.suite;
  if (body.length === 0 || body.length % PHASE1_BLOCK_LENGTH[cipher] !== 0) {
    return err(`its encrypted body of ${String(body.length)} bytes is no multiple of the cipher's block`);
  }
  const plaintext = crypto.decrypt(cipher, protection.key, protection.iv, body);
  const decoded = decodePayloads(header.nextPayload, plaintext);
  if (!decoded.ok) return err(`after decryption, ${decoded.error.explanation}`);
  return ok({
    payloads: decoded.value.payloads,
    plaintext: plaintext.subarray(0, decoded.value.consumed),
    iv: lastBlock(cipher, body),
  });
}
