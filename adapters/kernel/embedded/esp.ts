/**
 * ESP packets (RFC 4303 2): one in, one out. Ciphers CBC, CTR, GCM and NULL, integrity HMAC; SAs with others are kept by
 * the SADB, and their packets are not carried.
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
import { CbcChain } from './cbc-chain.js';

/** The ciphers whose packets this kernel carries. */
export const CIPHERS = {
  null: { blockLength: 1, ivLength: 0 },
  '3des': { blockLength: 8, ivLength: 8 },
  'aes-cbc': { blockLength: 16, ivLength: 16 },
  'aes-ctr': { blockLength: 1, ivLength: 8 },
  'aes-gcm-16': { blockLength: 1, ivLength: 8 },
} as const;

export type CipherName = keyof typeof CIPHERS;

/** Algorithms with their keys. Without integrity there is no ICV and no defence against forgery. */
export interface EspSuite {
  readonly cipher: CipherName;
  /** Of CTR and GCM with the 4 bytes of the nonce behind it (RFC 3686 5.1, RFC 4106 8.1). */
  readonly cipherKey: Bytes;
  readonly integrity: IntegrityAlgorithm | undefined;
  readonly integrityKey: Bytes;
  /** Of CBC, kept from packet to packet; undefined: one is made for each. */
  readonly chain?: CbcChain | undefined;
}

export interface EspContent {
  readonly payload: Bytes;
  readonly nextHeader: number;
}

export type EspFault = 'truncated-esp' | 'bad-icv' | 'bad-padding';

const HEADER = 8;
/** CTR and GCM: at the end of the key. */
const NONCE = 4;
const GCM_ICV = 16;
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
  const icv = icvLengthOf(cipher, integrity);
  return HEADER + CIPHERS[cipher].ivLength + protectedLength(cipher, payloadLength) + icv;
}

function icvLengthOf(cipher: CipherName, integrity: IntegrityAlgorithm | undefined): number {
  if (cipher === 'aes-gcm-16') return GCM_ICV;
  return integrity === undefined ? 0 : INTEGRITY[integrity].icvLength;
}

/** Whether an IV must never come twice under a key (RFC 3686 2.1, RFC 4106 3.1), rather than be unpredictable. */
export function wantsCounter(cipher: CipherName): boolean {
  return cipher === 'aes-ctr' || cipher === 'aes-gcm-16';
}

/** What goes through the cipher; used again for each packet. */
let scratch = new Uint8Array(2048);

/** `iv`: as long as the cipher's; unpredictable (RFC 3602 2.1), or one that never comes again (`wantsCounter`). */
export function seal(
  suite: EspSuite,
  header: { readonly spi: number; readonly sequence: number },
  iv: Bytes,
  content: EspContent,
): Bytes {
  const plain = padded(suite.cipher, content);
  const packet = new Uint8Array(sealedLength(suite.cipher, suite.integrity, content.payload.length));
  writeU32(packet, 0, header.spi);
  writeU32(packet, 4, header.sequence);
  packet.set(iv, HEADER);
  packet.set(encrypt(suite, packet.subarray(0, HEADER), iv, plain), HEADER + iv.length);
  if (suite.integrity === undefined) return packet;
  const end = packet.length - INTEGRITY[suite.integrity].icvLength;
  packet.set(icv(suite.integrity, suite.integrityKey, packet.subarray(0, end)), end);
  return packet;
}

/** Payload, padding and trailer. */
function padded(cipher: CipherName, { payload, nextHeader }: EspContent): Bytes {
  const length = protectedLength(cipher, payload.length);
  if (scratch.length < length) scratch = new Uint8Array(length * 2);
  const plain = scratch.subarray(0, length);
  plain.set(payload);
  const padding = length - payload.length - TRAILER;
  for (let i = 0; i < padding; i++) plain[payload.length + i] = i + 1;
  plain[length - 2] = padding;
  plain[length - 1] = nextHeader;
  return plain;
}

function writeU32(bytes: Bytes, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}

/** Checks the ICV before anything is decrypted (RFC 4303 3.4.4.1). The payload is a copy. */
export function open(suite: EspSuite, packet: Bytes): Result<EspContent, EspFault> {
  const { blockLength, ivLength } = CIPHERS[suite.cipher];
  const icvLength = icvLengthOf(suite.cipher, suite.integrity);
  const end = packet.length - icvLength;
  const length = end - HEADER - ivLength;
  if (length < TRAILER || length % Math.max(4, blockLength) !== 0) return err('truncated-esp');
  if (suite.integrity !== undefined) {
    const right = icv(suite.integrity, suite.integrityKey, packet.subarray(0, end));
    if (!timingSafeEqual(right, packet.subarray(end))) return err('bad-icv');
  }
  const start = HEADER + ivLength;
  if (suite.cipher === 'aes-gcm-16') return openGcm(suite.cipherKey, packet, start, end);
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

/** RFC 4106 3 to 5: the head is authenticated with the rest, and the ICV is the cipher's. */
function openGcm(key: Bytes, packet: Bytes, start: number, end: number): Result<EspContent, EspFault> {
  const iv = packet.subarray(HEADER, start);
  const cipher = createDecipheriv(gcmName(key), ...keyAndNonce(key, iv), { authTagLength: GCM_ICV });
  cipher.setAAD(packet.subarray(0, HEADER));
  cipher.setAuthTag(packet.subarray(end));
  const plain = cipher.update(packet.subarray(start, end));
  try {
    cipher.final();
  } catch {
    return err('bad-icv');
  }
  return unpad(plain);
}

/** Ciphertext, and in GCM the ICV behind it; `plain` may be spoilt by it. */
function encrypt(suite: EspSuite, head: Bytes, iv: Bytes, plain: Bytes): Bytes {
  if (suite.cipher === 'null') return plain;
  if (suite.cipher === 'aes-ctr') return ctr(suite.cipherKey, iv, plain);
  if (suite.cipher === 'aes-gcm-16') {
    const { cipherKey } = suite;
    const gcm = createCipheriv(gcmName(cipherKey), ...keyAndNonce(cipherKey, iv), { authTagLength: GCM_ICV });
    gcm.setAAD(head);
    const sealed = gcm.update(plain);
    gcm.final();
    return concat(sealed, gcm.getAuthTag());
  }
  if (suite.chain !== undefined) return suite.chain.encrypt(iv, plain);
  const chain = new CbcChain('encrypt', suite.cipher, suite.cipherKey);
  const sealed = chain.encrypt(iv, plain);
  chain.close();
  return sealed;
}

function decrypt(suite: EspSuite, iv: Bytes, sealed: Bytes): Bytes {
  if (suite.cipher === 'null' || suite.cipher === 'aes-gcm-16') return sealed.slice();
  if (suite.cipher === 'aes-ctr') return ctr(suite.cipherKey, iv, sealed);
  if (suite.chain !== undefined) return suite.chain.decrypt(iv, sealed);
  const chain = new CbcChain('decrypt', suite.cipher, suite.cipherKey);
  const plain = chain.decrypt(iv, sealed);
  chain.close();
  return plain;
}

/** Both ways the same (RFC 3686 2.1): the counter block is nonce, IV, and a counter that begins at 1. */
function ctr(key: Bytes, iv: Bytes, bytes: Bytes): Bytes {
  const [aes, nonce] = keyAndNonce(key, iv);
  return createCipheriv(`aes-${String(aes.length * 8)}-ctr`, aes, concat(nonce, u32(1))).update(bytes);
}

function gcmName(key: Bytes): 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm' {
  const length = key.length - NONCE;
  return length === 16 ? 'aes-128-gcm' : length === 24 ? 'aes-192-gcm' : 'aes-256-gcm';
}

function keyAndNonce(key: Bytes, iv: Bytes): [key: Bytes, nonce: Bytes] {
  const length = key.length - NONCE;
  return [key.subarray(0, length), concat(key.subarray(length), iv)];
}

/** HMAC cut to its first bytes (RFC 2403, 2404, 4868). */
function icv(integrity: IntegrityAlgorithm, key: Bytes, bytes: Bytes): Bytes {
  const { hash, icvLength } = INTEGRITY[integrity];
  return createHmac(hash, key).update(bytes).digest().subarray(0, icvLength);
}
