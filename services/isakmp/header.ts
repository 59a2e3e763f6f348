/**
 * ISAKMP header (RFC 2408 3.1).
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------------------------------------------------------+
 *    !                          Initiator                            !
 *    !                            Cookie                             !
 *    +---------------------------------------------------------------+
 *    !                          Responder                            !
 *    !                            Cookie                             !
 *    +---------------+-------+-------+---------------+---------------+
 *    !  Next Payload ! MjVer ! MnVer ! Exchange Type !     Flags     !
 *    +---------------+-------+-------+---------------+---------------+
 *    !                          Message ID                           !
 *    +---------------------------------------------------------------+
 *    !                            Length                             !
 *    +---------------------------------------------------------------+
 */
import { type Bytes, fromSixteenDigits, hex, hexOfEight, putSixteenDigits, readU32 } from '../bytes.js';
import type { Random } from '../ports/random.js';
import { err, ok, type Result } from '../result.js';
import type { DecodeFault } from './decode-fault.js';
import { type Field, fieldList, u32, u8, type ValueOf } from './fields.js';
import { Reader } from './reader.js';
import { EXCHANGE } from './registries/exchange-types.js';
import { NOTIFY } from './registries/notify-types.js';
import type { VerifyFault } from './verify-fault.js';
import { Writer } from './writer.js';

/** 16 lower-case hex digits. */
export type Cookie = string;

export const ZERO_COOKIE: Cookie = '0000000000000000';

/** RFC 2408 2.5.3: unpredictable and never zero. */
export function freshCookie(random: Random): Cookie {
  for (;;) {
    const cookie = hexOfEight(random.bytes(8), 0);
    if (cookie !== ZERO_COOKIE) return cookie;
  }
}

export function cookieBytes(cookie: Cookie): Bytes {
  return fromSixteenDigits(cookie);
}

/** Both, as they stand in a header and name an ISAKMP SA where it has an SPI (RFC 2408 2.4). */
export function cookiePair(sa: {
  readonly initiatorCookie: Cookie;
  readonly responderCookie: Cookie;
}): Bytes {
  const pair = new Uint8Array(16);
  putSixteenDigits(sa.initiatorCookie, pair, 0);
  putSixteenDigits(sa.responderCookie, pair, 8);
  return pair;
}

export const HEADER_LENGTH = 28;
export const FLAG = { encryption: 1, commit: 2, authOnly: 4 } as const;

const COOKIE_LENGTH = 8;
const MAJOR_VERSION = 1;
export const VERSION_1_0 = 0x10;
const VERSION_OFFSET = 17;
const LENGTH_OFFSET = 24;

const cookie: Field<Cookie> = {
  width: COOKIE_LENGTH,
  read: (reader) => hex(reader.bytes(COOKIE_LENGTH)),
  size: () => COOKIE_LENGTH,
  write: (writer, value) => {
    writer.sixteenDigits(value);
  },
};

const FIELDS = fieldList({
  initiatorCookie: cookie,
  responderCookie: cookie,
  nextPayload: u8,
  /** Major version in the high half, minor in the low. */
  version: u8,
  exchangeType: u8,
  flags: u8,
  messageId: u32,
  length: u32,
});

/** The header's fields of a reader that tells what stands where. */
export function readHeader(reader: Reader): ValueOf<typeof FIELDS> {
  return FIELDS.read(reader, {
    initiatorCookie: '',
    responderCookie: '',
    nextPayload: 0,
    version: 0,
    exchangeType: 0,
    flags: 0,
    messageId: 0,
    length: 0,
  });
}

/** As `FIELDS` would, one after the other: each message has one. */
export function writeHeader(writer: Writer, fields: ValueOf<typeof FIELDS>): void {
  writer.sixteenDigits(fields.initiatorCookie);
  writer.sixteenDigits(fields.responderCookie);
  writer.number(fields.nextPayload, 1);
  writer.number(fields.version, 1);
  writer.number(fields.exchangeType, 1);
  writer.number(fields.flags, 1);
  writer.number(fields.messageId, 4);
  writer.number(fields.length, 4);
}

export interface IsakmpHeader extends Omit<ValueOf<typeof FIELDS>, 'version'> {
  readonly majorVersion: number;
  readonly minorVersion: number;
}

/** The header of a datagram, or why it has none. */
export type OpenedHeader = Result<IsakmpHeader, DecodeFault>;

/**
 * Reads the header of a whole datagram. The length field must be the datagram's own (RFC 2408 5.1, 5.2): a datagram
 * that is longer or shorter is refused.
 */
export function decodeHeader(bytes: Bytes): OpenedHeader {
  const version = bytes[VERSION_OFFSET] ?? 0;
  const length = readU32(bytes, LENGTH_OFFSET);
  // At fixed places, without a reader: each datagram is looked at before anybody knows what it is worth.
  if (bytes.length < HEADER_LENGTH || length !== bytes.length || version >>> 4 !== MAJOR_VERSION) {
    return err(headerFault(bytes));
  }
  return ok({
    initiatorCookie: hexOfEight(bytes, 0),
    responderCookie: hexOfEight(bytes, COOKIE_LENGTH),
    nextPayload: bytes[16] ?? 0,
    exchangeType: bytes[18] ?? 0,
    flags: bytes[19] ?? 0,
    messageId: readU32(bytes, 20),
    length,
    majorVersion: MAJOR_VERSION,
    minorVersion: version & 0x0f,
  });
}

function headerFault(bytes: Bytes): DecodeFault {
  const reader = new Reader(bytes, 'header');
  const { version, length } = readHeader(reader);
  const major = version >>> 4;
  if (major !== MAJOR_VERSION) {
    reader.fail('bad-version', `it speaks ISAKMP version ${String(major)}`, VERSION_OFFSET);
  }
  const lengths = `it claims a length of ${String(length)} bytes and has ${String(bytes.length)}`;
  return reader.fault ?? reader.fail('bad-length', lengths, LENGTH_OFFSET);
}

export function encodeHeader(header: IsakmpHeader): Bytes {
  const writer = new Writer(HEADER_LENGTH);
  writeHeader(writer, { ...header, version: header.majorVersion * 16 + header.minorVersion });
  return writer.take();
}

/** What RFC 2408 5.2 checks in a header besides its structure; the responder's cookie is the dispatcher's to judge. */
export function verifyHeader(header: IsakmpHeader): VerifyFault | undefined {
  const fault = (code: VerifyFault['code'], explanation: string, notify: number): VerifyFault => ({
    code,
    payload: 'header',
    explanation,
    notify,
  });
  if (header.initiatorCookie === ZERO_COOKIE) {
    return fault('bad-value', 'the initiator cookie is zero', NOTIFY.invalidCookie);
  }
  // RFC 2408 3.1: never a higher minor version than our own.
  if (header.minorVersion !== 0) {
    const explanation = `it speaks ISAKMP version 1.${String(header.minorVersion)}`;
    return fault('bad-value', explanation, NOTIFY.invalidMinorVersion);
  }
  if ((header.flags & ~(FLAG.encryption | FLAG.commit | FLAG.authOnly)) !== 0) {
    return fault('reserved-not-zero', 'reserved flags are set', NOTIFY.invalidFlags);
  }
  const phase1 = header.exchangeType === EXCHANGE.mainMode || header.exchangeType === EXCHANGE.aggressive;
  if (phase1 && header.messageId !== 0) {
    return fault('bad-value', 'a Phase 1 message has a message ID', NOTIFY.invalidMessageId);
  }
  if (header.exchangeType === EXCHANGE.quickMode && header.messageId === 0) {
    return fault('bad-value', 'a Quick Mode message has no message ID', NOTIFY.invalidMessageId);
  }
  return undefined;
}
