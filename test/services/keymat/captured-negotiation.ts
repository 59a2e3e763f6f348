/** Negotiations of strongSwan with itself under a pre-shared key, with the keys it derived: `test/services/isakmp/captures`. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import type { HashAlgorithm, Phase1Cipher } from '../../../services/algorithms.js';
import { fromHex } from '../../../services/bytes.js';

const CAPTURES = new URL('../isakmp/captures/', import.meta.url);

type Side = 'initiator' | 'responder';

export interface CapturedMessage {
  readonly from: Side;
  readonly exchange: string;
  readonly number: number;
  /** As on the wire, hex. */
  readonly datagram: string;
  /** Of encrypted messages: IV, and what was encrypted, padding included. */
  readonly iv?: string;
  readonly plaintext?: string;
}

export interface CapturedQuickMode {
  readonly messageId: string;
  readonly nonces: Readonly<Record<Side, string>>;
  readonly spis: Readonly<Record<Side, string>>;
  readonly protocol: number;
  /** With perfect forward secrecy. */
  readonly sharedSecret?: string;
  /** By whose SPI it is; the encryption key of AH is empty. */
  readonly keys: Readonly<Record<Side, { readonly encryption: string; readonly integrity: string }>>;
}

export interface CapturedNegotiation {
  readonly preSharedKey: string;
  readonly phase1: {
    readonly cipher: Phase1Cipher;
    readonly hash: HashAlgorithm;
    readonly sharedSecret: string;
    readonly skeyid: string;
    readonly skeyidD: string;
    readonly skeyidA: string;
    readonly skeyidE: string;
    readonly encryptionKey: string;
    readonly nonces: Readonly<Record<Side, string>>;
  };
  readonly quickModes: readonly CapturedQuickMode[];
  readonly messages: readonly CapturedMessage[];
}

/** Name and content of every capture that has the keys of a pre-shared key negotiation. */
export function capturedNegotiations(): readonly (readonly [string, CapturedNegotiation])[] {
  const found: [string, CapturedNegotiation][] = [];
  for (const name of readdirSync(CAPTURES).filter((file) => file.endsWith('.json'))) {
    const capture: unknown = JSON.parse(readFileSync(new URL(name, CAPTURES), 'utf8'));
    if (isNegotiation(capture)) found.push([name, capture]);
  }
  return found;
}

/** The fields are what the tests compare: one of the wrong shape fails there. */
function isNegotiation(capture: unknown): capture is CapturedNegotiation {
  assert.ok(typeof capture === 'object' && capture !== null);
  return 'preSharedKey' in capture && 'phase1' in capture && 'quickModes' in capture && 'messages' in capture;
}

export interface WirePayload {
  readonly type: number;
  readonly body: Uint8Array;
  /** The payload after its generic header begins here, and the next one after it there. */
  readonly end: number;
}

/** Walks the generic headers (RFC 2408 3.2) from `type` on, with none of the program's decoder. */
export function payloadsOf(type: number, bytes: Uint8Array): readonly WirePayload[] {
  const payloads: WirePayload[] = [];
  let offset = 0;
  for (let current = type; current !== 0;) {
    const next = bytes[offset] ?? 0;
    const length = 256 * (bytes[offset + 2] ?? 0) + (bytes[offset + 3] ?? 0);
    assert.ok(length >= 4 && offset + length <= bytes.length);
    payloads.push({ type: current, body: bytes.subarray(offset + 4, offset + length), end: offset + length });
    offset += length;
    current = next;
  }
  return payloads;
}

/** The ISAKMP header's fields that key derivation reads, and what follows it. */
export function headerOf(message: CapturedMessage): {
  readonly initiatorCookie: Uint8Array;
  readonly responderCookie: Uint8Array;
  readonly firstPayload: number;
  readonly messageId: number;
  readonly rest: Uint8Array;
} {
  const datagram = fromHex(message.datagram);
  return {
    initiatorCookie: datagram.subarray(0, 8),
    responderCookie: datagram.subarray(8, 16),
    firstPayload: datagram[16] ?? 0,
    messageId: Buffer.from(datagram).readUInt32BE(20),
    rest: datagram.subarray(28),
  };
}
