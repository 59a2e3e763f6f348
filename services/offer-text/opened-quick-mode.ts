/** Opens the Quick Modes of a capture with the keys of their Phase 1, or says what is missing for it. */
import { FIXED_KEY_BITS, PHASE1_BLOCK_LENGTH, PHASE1_KEY_BITS } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import { firstOf } from '../exchange/payloads-of.js';
import { decodeHeader, FLAG, HEADER_LENGTH, type IsakmpHeader } from '../isakmp/header.js';
import { decodePayloads } from '../isakmp/message.js';
import { EXCHANGE } from '../isakmp/registries/exchange-types.js';
import { encryptionName, hashName } from '../isakmp/registries/phase1-attributes.js';
import { lastBlock, phase2Iv } from '../keymat/initialization-vectors.js';
import type { Crypto } from '../ports/crypto.js';
import type { KeyHandle } from '../ports/keys.js';
import { CIPHER_NUMBER, HASH_NUMBER } from '../proposal/phase1-suite.js';
import { err, ok, type Result } from '../result.js';
import { type Datagram, messageOf } from './captured-datagrams.js';
import { type CapturedSuite, CapturedPhase1s } from './captured-phase1.js';
import type { KeyTable } from './key-table.js';

/** What opens messages. Whoever made the table erases its keys. */
export interface Opener {
  readonly table: KeyTable;
  readonly crypto: Crypto;
}

export interface OpenedCapture {
  /** The first message of a Quick Mode that could be opened is in the clear, as if it had been sent so. */
  readonly datagrams: readonly Datagram[];
  /** Of the others, what is missing: a clause each, and one more for those that would be too many to read. */
  readonly missing: readonly string[];
}

/** Clauses that an operator still reads. */
const MOST_MISSING = 8;

/** Goes through the capture once, because it may be long. */
export function openQuickModes(datagrams: readonly Datagram[], opener: Opener): OpenedCapture {
  const missing = new Set<string>();
  let more = 0;
  const seen = new Set<string>();
  const phase1s = new CapturedPhase1s();
  const opened = datagrams.map((datagram) => {
    const message = messageOf(datagram);
    const header = decodeHeader(message);
    if (!header.ok) return datagram;
    const { initiatorCookie, exchangeType, messageId, flags } = header.value;
    if (opener.table.has(initiatorCookie)) phase1s.read(datagram, message, header.value);
    if (exchangeType !== EXCHANGE.quickMode) return datagram;
    const which = `${initiatorCookie} ${String(messageId)}`;
    if (seen.has(which) || (flags & FLAG.encryption) === 0) return datagram;
    seen.add(which);
    const bytes = inTheClear(message, header.value, phase1s, opener);
    if (bytes.ok) return { ...datagram, bytes: bytes.value };
    if (missing.size < MOST_MISSING) missing.add(bytes.error);
    else if (!missing.has(bytes.error)) more += 1;
    return datagram;
  });
  const rest = more === 0 ? [] : [`something is missing for ${String(more)} more`];
  return { datagrams: opened, missing: [...missing, ...rest] };
}

function inTheClear(
  message: Bytes,
  header: IsakmpHeader,
  phase1s: CapturedPhase1s,
  { table, crypto }: Opener,
): Result<Bytes, string> {
  const { initiatorCookie, messageId } = header;
  const key = table.get(initiatorCookie);
  if (key === undefined) return err(`the key table has no line for the cookie ${initiatorCookie}`);
  const { suite, last } = phase1s.of(header) ?? {};
  if (suite === undefined)
    return err('message 2 of its Phase 1, which says cipher and hash, is not in the capture');
  const fault = keyFault(initiatorCookie, crypto.lengthOf(key) * 8, suite);
  if (fault !== undefined) return err(fault);
  if (last === undefined)
    return err('the last message of its Phase 1, from whose end the IV is made, is not in the capture');
  const decrypted = decrypt(message, { messageId, lastOfPhase1: last.message, suite, key, crypto });
  if (!decrypted.ok)
    return err(`the key for the cookie ${initiatorCookie} cannot be used: ${decrypted.error}`);
  const plaintext = decrypted.value;
  const chain = plaintext === undefined ? undefined : decodePayloads(header.nextPayload, plaintext);
  if (plaintext === undefined || chain?.ok !== true || firstOf(chain.value.payloads, 'SA') === undefined)
    return err(
      `the key for the cookie ${initiatorCookie} does not open it: it is another's, or the capture lacks messages before it`,
    );
  return ok(clearMessage(message, plaintext.subarray(0, chain.value.consumed)));
}

/**
 * What a peer means that names no Key Length: RFC 2451 2.2 gives Blowfish this default, and AES, for which RFC 3602 5.3
 * wants the attribute, has no smaller key.
 */
const IMPLIED_KEY_BITS = 128;

/** Why the key cannot be the one that was agreed on, or undefined. */
function keyFault(cookie: string, bits: number, { cipher, keyBits }: CapturedSuite): string | undefined {
  const name = encryptionName(CIPHER_NUMBER[cipher]);
  const fixed = FIXED_KEY_BITS[cipher];
  const agreed = fixed ?? keyBits ?? IMPLIED_KEY_BITS;
  if (cipher === 'aes' || cipher === 'blowfish') {
    const { low, high, step } = PHASE1_KEY_BITS[cipher];
    if (agreed < low || agreed > high || agreed % step !== 0)
      return `message 2 of the Phase 1 with the cookie ${cookie} names ${String(agreed)} bits for ${name}, which has ${String(low)} to ${String(high)} in steps of ${String(step)}: no key opens it`;
  }
  if (bits === agreed) return undefined;
  const why = fixed === undefined && keyBits === undefined ? ', as message 2 names no Key Length' : '';
  return `the key for the cookie ${cookie} has ${String(bits)} bits, and ${String(agreed)} were agreed${why}: give the key of ${name} itself, ${String(agreed / 4)} hexadecimal digits`;
}

interface Under {
  readonly messageId: number;
  readonly lastOfPhase1: Bytes;
  readonly suite: CapturedSuite;
  readonly key: KeyHandle;
  readonly crypto: Crypto;
}

/** Undefined where it is not encrypted as a whole. The error says what this host cannot do. */
function decrypt(
  message: Bytes,
  { messageId, lastOfPhase1, suite: { cipher, hash }, key, crypto }: Under,
): Result<Bytes | undefined, string> {
  const body = message.subarray(HEADER_LENGTH);
  if (body.length === 0 || body.length % PHASE1_BLOCK_LENGTH[cipher] !== 0) return ok(undefined);
  try {
    const iv = phase2Iv(crypto, hash, cipher, lastBlock(cipher, lastOfPhase1), messageId);
    return ok(crypto.decrypt(cipher, key, iv, body));
  } catch (error) {
    // A library may have been told to do without an algorithm.
    const [ofCipher, ofHash] = [encryptionName(CIPHER_NUMBER[cipher]), hashName(HASH_NUMBER[hash])];
    const why = error instanceof Error ? error.message : String(error);
    return err(
      `this host does not do ${ofCipher} and ${ofHash} (${why}), so explain the capture on one that does`,
    );
  }
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
