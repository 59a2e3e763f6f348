/**
 * Payload chains: every payload begins with the generic header (RFC 2408 3.2), whose Next Payload names the one that
 * follows it; the first is named by the message header.
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +---------------+---------------+-------------------------------+
 *    ! Next Payload  !   RESERVED    !         Payload Length        !
 *    +---------------+---------------+-------------------------------+
 */
import { type Bytes, concat } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import type { DecodeFault } from './decode-fault.js';
import { encodeHeader, HEADER_LENGTH, type IsakmpHeader } from './header.js';
import {
  type DecodedPayload,
  type Payload,
  payloadName,
  payloadType,
  readBody,
  writeBody,
} from './payload.js';
import { Reader } from './reader.js';
import { PAYLOAD } from './registries/payload-types.js';
import { GENERIC_HEADER_LENGTH } from './substructures.js';
import { Writer } from './writer.js';

const MOST_PAYLOADS = 64;

export interface PayloadChain {
  readonly payloads: readonly DecodedPayload[];
  /** Bytes of the chain; what lies behind is padding, which only an encrypted body may have. */
  readonly consumed: number;
}

/** Reads a chain whose first payload is of type `first`; 0 is an empty chain. Structure only: see `verifyPayload`. */
export function decodePayloads(first: number, bytes: Bytes): Result<PayloadChain, DecodeFault> {
  return readPayloads(first, new Reader(bytes, 'payload'));
}

/** The same of a reader that is the caller's. */
export function readPayloads(first: number, reader: Reader): Result<PayloadChain, DecodeFault> {
  const payloads: DecodedPayload[] = [];
  let type = first;
  while (type !== PAYLOAD.none && reader.fault === undefined) {
    if (payloads.length === MOST_PAYLOADS) {
      reader.fail('too-many', `there are more than ${String(MOST_PAYLOADS)} payloads`);
    }
    const before = reader.reservedFaults.length;
    const name = payloadName(type);
    reader.enter(name);
    const head = reader.window(GENERIC_HEADER_LENGTH, name);
    const next = head.inside('nextPayload', () => head.u8());
    head.inside('reserved', () => {
      head.reserved(1);
    });
    const length = head.inside('length', () => head.u16());
    if (length < GENERIC_HEADER_LENGTH) {
      head.fail(
        'bad-length',
        `a payload (${name}) claims a length of ${String(length)} bytes`,
        reader.offset - 2,
      );
    }
    const body = reader.window(Math.max(0, length - GENERIC_HEADER_LENGTH), name);
    const raw = body.peek();
    const payload = readBody(type, body);
    reader.leave();
    const reservedNotZero = reader.reservedFaults.slice(before);
    payloads.push(reservedNotZero.length === 0 ? { ...payload, raw } : { ...payload, raw, reservedNotZero });
    type = next;
  }
  return reader.fault === undefined ? ok({ payloads, consumed: reader.offset }) : err(reader.fault);
}

/** The chain and the type of its first payload, 0 for none. */
export function encodePayloads(payloads: readonly Payload[]): {
  readonly first: number;
  readonly bytes: Bytes;
} {
  const writer = new Writer();
  payloads.forEach((payload, index) => {
    const start = writer.length;
    const next = payloads[index + 1];
    writer.number(next === undefined ? PAYLOAD.none : payloadType(next), 1);
    writer.hole(1);
    const length = writer.hole(2);
    writeBody(writer, payload);
    writer.fill(length, writer.length - start);
  });
  const [head] = payloads;
  return { first: head === undefined ? PAYLOAD.none : payloadType(head), bytes: writer.take() };
}

/** A whole message in the clear. */
export function encodeMessage(
  header: Omit<IsakmpHeader, 'nextPayload' | 'length' | 'majorVersion' | 'minorVersion'>,
  payloads: readonly Payload[],
): Bytes {
  const { first, bytes } = encodePayloads(payloads);
  const length = HEADER_LENGTH + bytes.length;
  return concat(
    encodeHeader({ ...header, nextPayload: first, majorVersion: 1, minorVersion: 0, length }),
    bytes,
  );
}
