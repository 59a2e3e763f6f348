/**
 * ESP packets (RFC 4303 2): one in, one out, no state. Ciphers CBC and NULL, integrity HMAC; SAs with others are kept
 * by the SADB, and their packets are not carried.
 *
 * ```
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * |                              SPI                              |
 * |                        Sequence Number                        |
 * |                   IV (one cipher block) ...                   |  -+
 * |                      Payload Data ...                         |   | encrypted behind the IV
 * |      Padding 1, 2, 3 ...      |  Pad Length   |  Next Header  |  -+
 * |            ICV over everything above, truncated               |
 * +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 * ```
 */
import { createCipheriv, createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto';
import { INTEGRITY, type IntegrityAlgorithm } from '../../../services/algorithms.js';
import { concat, readU32, u32, type Bytes } from '../../../services/bytes.js';
import { err, ok, type Result } from '../../../services/result.js';

/** The ciphers whose packets this kernel carries. */
export const CIPHERS = {
  null: { blockLength: 1, ivLength: 0 },
  '3des': { blockLength: 8, ivLength: 8 },
  'aes-cbc': { blockLength: 16, ivLength: 16 },
} as const;

export type CipherName = keyof typeof CIPHERS;

/** Algorithms with their keys. Without integrity there is no ICV and no defence against forgery. */
export interface EspSuite {
  readonly cipher: CipherName;
  readonly cipherKey: Bytes;
  readonly integrity: IntegrityAlgorithm | undefined;
  readonly integrityKey: Bytes;
}

export interface EspContent {
  readonly payload: Bytes;
  readonly nextHeader: number;
}

export type EspFault = 'truncated-esp' | 'bad-icv' | 'bad-padding';

const HEADER = 8;
/** Pad Length and Next Header. */
const TRAILER = 2;

/** What stands in the clear; undefined when there is not even that. */
export function espHeader(packet: Bytes): { readonly spi: number; readonly sequence: number } | undefined {
  if (packet.length < HEADER) return undefined;
  return { spi: readU32(packet, 0), sequence: readU32(packet, 4) };
}

/** Bytes that pass through the cipher for a payload: payload, padding, trailer. Lifetimes in bytes count these. */
export function protectedLength(cipher: CipherName, payloadLength: number): number {
  // Pad Length and Next Header end on a 4-byte boundary also without a block (RFC 4303 2.4).
  const unit = Math.max(4, CIPHERS[cipher].blockLength);
  return Math.ceil((payloadLength + TRAILER) / unit) * unit;
}

/** Length of the ESP packet that `seal` makes. */
export function sealedLength(
  cipher: CipherName,
  integrity: IntegrityAlgorithm | undefined,
  payloadLength: number,
): number {
  const icv = integrity === undefined ? 0 : INTEGRITY[integrity].icvLength;
  return HEADER + CIPHERS[cipher].ivLength + protectedLength(cipher, payloadLength) + icv;
}

/** `iv`: as long as the cipher's, unpredictable (RFC 3602 2.1). */
export function seal(
  suite: EspSuite,
  header: { readonly spi: number; readonly sequence: number },
  iv: Bytes,
  content: EspContent,
): Bytes {
  const { payload } = content;
  const plain = new Uint8Array(protectedLength(suite.cipher, payload.length));
  plain.set(payload);
  const padding = plain.length - payload.length - TRAILER;
  for (let i = 0; i < padding; i++) plain[payload.length + i] = i + 1;
  plain[plain.length - 2] = padding;
  plain[plain.length - 1] = content.nextHeader;
  const body = [u32(header.spi), u32(header.sequence), iv, encrypt(suite, iv, plain)];
  return suite.integrity === undefined
    ? concat(...body)
    : concat(...body, icv(suite.integrity, suite.integrityKey, body));
}

/** Checks the ICV before anything is decrypted (RFC 4303 3.4.4.1). The payload is a copy. */
export function open(suite: EspSuite, packet: Bytes): Result<EspContent, EspFault> {
  const { blockLength, ivLength } = CIPHERS[suite.cipher];
  const icvLength = suite.integrity === undefined ? 0 : INTEGRITY[suite.integrity].icvLength;
  const end = packet.length - icvLength;
  const length = end - HEADER - ivLength;
  if (length < TRAILER || length % Math.max(4, blockLength) !== 0) return err('truncated-esp');
  if (suite.integrity !== undefined) {
    const right = icv(suite.integrity, suite.integrityKey, [packet.subarray(0, end)]);
    if (!timingSafeEqual(right, packet.subarray(end))) return err('bad-icv');
  }
  const start = HEADER + ivLength;
  return unpad(decrypt(suite, packet.subarray(HEADER, start), packet.subarray(start, end)));
}

/** RFC 4303 2.4: the padding counts up from 1, and a receiver inspects it. */
function unpad(plain: Bytes): Result<EspContent, EspFault> {
  const padding = plain[plain.length - 2] ?? 0;
  const payloadLength = plain.length - TRAILER - padding;
  if (payloadLength < 0) return err('bad-padding');
  for (let i = 0; i < padding; i++) {
    if (plain[payloadLength + i] !== i + 1) return err('bad-padding');
  }
  return ok({ payload: plain.subarray(0, payloadLength), nextHeader: plain[plain.length - 1] ?? 0 });
}

function encrypt(suite: EspSuite, iv: Bytes, plain: Bytes): Bytes {
  if (suite.cipher === 'null') return plain;
  const cipher = createCipheriv(opensslName(suite.cipher, suite.cipherKey), suite.cipherKey, iv);
  cipher.setAutoPadding(false);
  const sealed = cipher.update(plain);
  cipher.final();
  return sealed;
}

function decrypt(suite: EspSuite, iv: Bytes, sealed: Bytes): Bytes {
  if (suite.cipher === 'null') return Uint8Array.from(sealed);
  const cipher = createDecipheriv(opensslName(suite.cipher, suite.cipherKey), suite.cipherKey, iv);
  cipher.setAutoPadding(false);
  const plain = cipher.update(sealed);
  cipher.final();
  return plain;
}

function opensslName(cipher: 'aes-cbc' | '3des', key: Bytes): string {
  return cipher === '3des' ? 'des-ede3-cbc' : `aes-${String(key.length * 8)}-cbc`;
}

/** HMAC cut to its first bytes (RFC 2403, 2404, 4868). */
function icv(integrity: IntegrityAlgorithm, key: Bytes, parts: readonly Bytes[]): Bytes {
  const { hash, icvLength } = INTEGRITY[integrity];
  const hmac = createHmac(hash, key);
  for (const part of parts) hmac.update(part);
  return hmac.digest().subarray(0, icvLength);
}
