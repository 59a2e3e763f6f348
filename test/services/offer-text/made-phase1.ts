/** Phase 1s, and Quick Modes under them, as a capture has them: encrypted by node:crypto, apart from what reads them. */
import { createCipheriv, createHash } from 'node:crypto';
import type { HashAlgorithm } from '../../../services/algorithms.js';
import { concat, u32 } from '../../../services/bytes.js';
import { FLAG, HEADER_LENGTH } from '../../../services/isakmp/header.js';
import { encodeMessage, encodePadded, encodeSealed, firstType } from '../../../services/isakmp/message.js';
import type { Payload } from '../../../services/isakmp/payload.js';
import type { Transform } from '../../../services/isakmp/payloads/transform.js';
import { EXCHANGE } from '../../../services/isakmp/registries/exchange-types.js';
import { PROTOCOL } from '../../../services/isakmp/registries/protocols.js';
import type { Datagram } from '../../../services/offer-text/captured-datagrams.js';
import { transformOf } from '../../../services/offer-text/offer.js';
import { CIPHER_NUMBER, HASH_NUMBER } from '../../../services/proposal/phase1-suite.js';

export interface MadePhase1 {
  readonly cookies: readonly [initiator: string, responder: string];
  readonly mode: 'mainMode' | 'aggressive';
  readonly cipher: '3des' | 'aes';
  readonly hash: HashAlgorithm;
  /** What the Key Length attribute says. */
  readonly keyBits?: number;
  readonly key: Uint8Array;
  readonly initiator: string;
  readonly responder: string;
}

type End = 'initiator' | 'responder';

const KE: Payload = { kind: 'KE', data: new Uint8Array(128).fill(7) };

function sa(protocol: number, spi: Uint8Array, transform: Transform): Payload {
  return {
    ...{ kind: 'SA', doi: 1, situation: 1 },
    proposals: [{ number: 1, protocol, spi, transforms: [transform] }],
  };
}

function datagram(phase1: MadePhase1, from: End, bytes: Uint8Array): Datagram {
  const to = from === 'initiator' ? 'responder' : 'initiator';
  return { from: { address: phase1[from], port: 500 }, to: { address: phase1[to], port: 500 }, bytes };
}

function head({ cookies, mode }: MadePhase1, flags: number) {
  const [initiatorCookie, responderCookie] = cookies;
  return { initiatorCookie, responderCookie, exchangeType: EXCHANGE[mode], flags, messageId: 0 };
}

/** With the transform that was chosen. */
export function message2(phase1: MadePhase1): Datagram {
  const { cipher, hash, keyBits } = phase1;
  const transform = transformOf(1, {
    ...{ cipher: CIPHER_NUMBER[cipher], hash: HASH_NUMBER[hash], keyBits },
    ...{ method: 1, group: 2, lifetimeSeconds: undefined },
  });
  const payloads = [sa(PROTOCOL.isakmp, new Uint8Array(0), transform)];
  return datagram(phase1, 'responder', encodeMessage(head(phase1, 0), payloads));
}

/** In the clear, and without SA: as 3 and 4 of Main Mode. */
export function keyExchange(phase1: MadePhase1, from: End): Datagram {
  return datagram(phase1, from, encodeMessage(head(phase1, 0), [KE]));
}

/** Nobody opens it: only its end matters. */
export function sealed(phase1: MadePhase1, from: End, fill: number): Datagram {
  const body = Uint8Array.from({ length: 64 }, (_, at) => fill + at);
  return datagram(phase1, from, encodeSealed(head(phase1, FLAG.encryption), 5, body));
}

/** Message 1, which offers one ESP SA whose SPI is the message ID; the IV is made from the end of `last`. */
export function quickMode(phase1: MadePhase1, from: End, messageId: number, last: Datagram): Datagram {
  const payloads: readonly Payload[] = [
    { kind: 'HASH', data: new Uint8Array(20).fill(3) },
    sa(PROTOCOL.esp, u32(messageId), transformOf(1, ESP_TERMS)),
  ];
  const { cipher, key } = phase1;
  const block = cipher === 'aes' ? 16 : 8;
  const iv = createHash(phase1.hash)
    .update(concat(last.bytes.slice(-block), u32(messageId)))
    .digest()
    .subarray(0, block);
  const name = cipher === 'aes' ? `aes-${String(key.length * 8)}-cbc` : 'des-ede3-cbc';
  const body = createCipheriv(name, key, iv).setAutoPadding(false).update(encodePadded(payloads, block));
  const header = { ...head(phase1, FLAG.encryption), exchangeType: EXCHANGE.quickMode, messageId };
  return datagram(phase1, from, encodeSealed(header, firstType(payloads), body));
}

/** Their numbers mean nothing here. */
const ESP_TERMS = { cipher: 1, keyBits: 128, hash: 2, method: 1, group: 2, lifetimeSeconds: undefined };

/** The SPI that a Quick Mode offers in the clear; undefined when it is encrypted. */
export function spiIn({ bytes }: Datagram): number | undefined {
  if (((bytes[19] ?? 0) & FLAG.encryption) !== 0) return undefined;
  // HASH, then SA with one proposal: each up to its SPI.
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(HEADER_LENGTH + 24 + 12 + 8);
}
