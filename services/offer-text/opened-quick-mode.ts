/** Opens the Quick Modes of a capture with the keys of their Phase 1, or says what is missing for it. */
import { FIXED_KEY_BITS, type HashAlgorithm, PHASE1_BLOCK_LENGTH, type Phase1Cipher } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import { firstOf } from '../exchange/payloads-of.js';
import { decodeHeader, FLAG, HEADER_LENGTH, type IsakmpHeader, ZERO_COOKIE } from '../isakmp/header.js';
import { decodePayloads } from '../isakmp/message.js';
import { EXCHANGE } from '../isakmp/registries/exchange-types.js';
import { lastBlock, phase2Iv } from '../keymat/initialization-vectors.js';
import type { Crypto } from '../ports/crypto.js';
import type { Keys } from '../ports/keys.js';
import { CIPHER_NUMBER, HASH_NUMBER, readPhase1 } from '../proposal/phase1-suite.js';
import { err, ok, type Result } from '../result.js';
import { type Datagram, messageOf } from './captured-datagrams.js';
import type { KeyTable } from './key-table.js';

/** What opens messages. */
export interface Opener {
  readonly table: KeyTable;
  readonly crypto: Crypto;
  readonly keys: Keys;
}

export interface OpenedCapture {
  /** The first message of a Quick Mode that could be opened is in the clear, as if it had been sent so. */
  readonly datagrams: readonly Datagram[];
  /** Of the others, what is missing: a clause each. */
  readonly missing: readonly string[];
}

const CIPHERS: readonly Phase1Cipher[] = ['des', '3des', 'blowfish', 'aes'];
const HASHES: readonly HashAlgorithm[] = ['md5', 'sha1', 'sha256', 'sha384', 'sha512'];

interface Suite {
  readonly cipher: Phase1Cipher;
  readonly hash: HashAlgorithm;
  readonly keyBytes: number | undefined;
  /** Who sent message 2. */
  readonly responder: string;
}

export function openQuickModes(datagrams: readonly Datagram[], opener: Opener): OpenedCapture {
  const missing = new Set<string>();
  const seen = new Set<string>();
  const opened = datagrams.map((datagram, place) => {
    const header = decodeHeader(messageOf(datagram));
    if (!header.ok || header.value.exchangeType !== EXCHANGE.quickMode) return datagram;
    const { initiatorCookie, messageId, flags } = header.value;
    const which = `${initiatorCookie} ${String(messageId)}`;
    if (seen.has(which) || (flags & FLAG.encryption) === 0) return datagram;
    seen.add(which);
    const bytes = inTheClear(datagram, header.value, datagrams.slice(0, place), opener);
    if (bytes.ok) return { ...datagram, bytes: bytes.value };
    missing.add(bytes.error);
    return datagram;
  });
  return { datagrams: opened, missing: [...missing] };
}

function inTheClear(
  datagram: Datagram,
  header: IsakmpHeader,
  before: readonly Datagram[],
  { table, crypto, keys }: Opener,
): Result<Bytes, string> {
  const { initiatorCookie, messageId } = header;
  const found = table.get(initiatorCookie);
  if (found === undefined) return err(`the key table has no line for the cookie ${initiatorCookie}`);
  const phase1 = before.flatMap((other) => {
    const read = decodeHeader(messageOf(other));
    const isOfIt =
      read.ok &&
      read.value.initiatorCookie === initiatorCookie &&
      (read.value.exchangeType === EXCHANGE.mainMode || read.value.exchangeType === EXCHANGE.aggressive);
    return isOfIt ? [{ datagram: other, header: read.value }] : [];
  });
  const suite = phase1.map(suiteOf).find((one) => one !== undefined);
  if (suite === undefined)
    return err('message 2 of its Phase 1, which says cipher and hash, is not in the capture');
  if (suite.keyBytes !== undefined && suite.keyBytes !== found.length)
    return err(
      `the key for the cookie ${initiatorCookie} has ${String(found.length * 8)} bits, and ${String(suite.keyBytes * 8)} were agreed`,
    );
  const last = phase1.findLast((one) => isLast(one, suite));
  if (last === undefined)
    return err('the last message of its Phase 1, from whose end the IV is made, is not in the capture');
  const block = lastBlock(suite.cipher, messageOf(last.datagram));
  const key = keys.put(found);
  const iv = phase2Iv(crypto, suite.hash, suite.cipher, block, messageId);
  const message = messageOf(datagram);
  const body = message.subarray(HEADER_LENGTH);
  const isWhole = body.length > 0 && body.length % PHASE1_BLOCK_LENGTH[suite.cipher] === 0;
  const plaintext = isWhole ? crypto.decrypt(suite.cipher, key, iv, body) : undefined;
  keys.erase(key);
  const chain = plaintext === undefined ? undefined : decodePayloads(header.nextPayload, plaintext);
  if (plaintext === undefined || chain?.ok !== true || firstOf(chain.value.payloads, 'SA') === undefined)
    return err(
      `the key for the cookie ${initiatorCookie} does not open it: it is another's, or the capture lacks messages before it`,
    );
  return ok(clearMessage(message, plaintext.subarray(0, chain.value.consumed)));
}

/** Message 2: the one transform that was chosen (RFC 2409 5). */
function suiteOf({ datagram, header }: { datagram: Datagram; header: IsakmpHeader }): Suite | undefined {
  if (header.responderCookie === ZERO_COOKIE || (header.flags & FLAG.encryption) !== 0) return undefined;
  const chain = decodePayloads(header.nextPayload, messageOf(datagram).subarray(HEADER_LENGTH));
  const transform = chain.ok
    ? firstOf(chain.value.payloads, 'SA')?.proposals.at(0)?.transforms.at(0)
    : undefined;
  if (transform === undefined) return undefined;
  const offered = readPhase1(transform);
  const cipher = CIPHERS.find((name) => CIPHER_NUMBER[name] === offered.cipher);
  const hash = HASHES.find((name) => HASH_NUMBER[name] === offered.hash);
  if (cipher === undefined || hash === undefined) return undefined;
  const bits = cipher === 'des' || cipher === '3des' ? FIXED_KEY_BITS[cipher] : offered.keyBits;
  return {
    ...{ cipher, hash, responder: datagram.from.address },
    keyBytes: bits === undefined ? undefined : bits / 8,
  };
}

/** Main Mode ends with a message of the responder, Aggressive Mode with one of the initiator. */
function isLast(
  { datagram, header }: { datagram: Datagram; header: IsakmpHeader },
  { responder }: Suite,
): boolean {
  if ((header.flags & FLAG.encryption) === 0) return false;
  return (datagram.from.address === responder) === (header.exchangeType === EXCHANGE.mainMode);
}

/** With its length, and without the flag. */
function clearMessage(message: Bytes, plaintext: Bytes): Bytes {
  const bytes = new Uint8Array(HEADER_LENGTH + plaintext.length);
  bytes.set(message.subarray(0, HEADER_LENGTH));
  bytes.set(plaintext, HEADER_LENGTH);
  const view = new DataView(bytes.buffer);
  view.setUint8(FLAGS_AT, view.getUint8(FLAGS_AT) & ~FLAG.encryption);
  view.setUint32(LENGTH_AT, bytes.length);
  return bytes;
}

/** In the header (RFC 2408 3.1). */
const FLAGS_AT = 19;
const LENGTH_AT = 24;
