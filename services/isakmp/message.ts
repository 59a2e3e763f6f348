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
import type { Bytes } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import type { DecodeFault } from './decode-fault.js';
import { HEADER_LENGTH, type IsakmpHeader, VERSION_1_0, writeHeader } from './header.js';
import {
  bodySize,
  type DecodedPayload,
  type Payload,
  payloadName,
  payloadType,
  readBody,
  writeBody,
} from './payload.js';
import { Reader } from './reader.js';
import { PAYLOAD } from './registries/payload-types.js';
import {
  endStructure,
  GENERIC_HEADER_LENGTH,
  readLength,
  readNext,
  writeGenericHeader,
} from './substructures.js';
import { Writer } from './writer.js';

const MOST_PAYLOADS = 64;

/** Made everywhere with its fields in this order: cookies, exchange, flags, message ID. */
export type MessageHead = Omit<IsakmpHeader, 'nextPayload' | 'length' | 'majorVersion' | 'minorVersion'>;

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
    const next = readNext(reader, name);
    const length = readLength(reader);
    if (length < GENERIC_HEADER_LENGTH) {
      const explanation = `a payload (${name}) claims a length of ${String(length)} bytes`;
      reader.fail('bad-length', explanation, reader.offset - 2, name);
    }
    const { end, structure } = reader;
    reader.narrow(Math.max(0, length - GENERIC_HEADER_LENGTH), name);
    const payload = readBody(type, reader);
    reader.widen(end, structure);
    reader.leave();
    const clean = reader.reservedFaults.length === before;
    payloads.push(clean ? payload : { ...payload, reservedNotZero: reader.reservedFaults.slice(before) });
    type = next;
  }
  return reader.fault === undefined ? ok({ payloads, consumed: reader.offset }) : err(reader.fault);
}

/** The chain and the type of its first payload, 0 for none. */
export function encodePayloads(payloads: readonly Payload[]): {
  readonly first: number;
  readonly bytes: Bytes;
} {
  const writer = new Writer(chainSize(payloads));
  writePayloads(writer, payloads);
  return { first: firstType(payloads), bytes: writer.take() };
}

/** Bytes of the chain. */
export function chainSize(payloads: readonly Payload[]): number {
  let size = 0;
  for (const payload of payloads) size += GENERIC_HEADER_LENGTH + bodySize(payload);
  return size;
}

export function firstType(payloads: readonly Payload[]): number {
  const head = payloads[0];
  return head === undefined ? PAYLOAD.none : payloadType(head);
}

export function writePayloads(writer: Writer, payloads: readonly Payload[]): void {
  let index = 0;
  for (const payload of payloads) {
    const start = writer.length;
    index += 1;
    const next = payloads[index];
    writeGenericHeader(writer, next === undefined ? PAYLOAD.none : payloadType(next));
    writeBody(writer, payload);
    endStructure(writer, start);
  }
}

/** The chain with zeros up to a multiple of the cipher's block. */
export function encodePadded(payloads: readonly Payload[], block: number): Bytes {
  const size = Math.ceil(chainSize(payloads) / block) * block;
  const writer = new Writer(size);
  writePayloads(writer, payloads);
  writer.skip(size - writer.length);
  return writer.take();
}

/** A whole message in the clear. */
export function encodeMessage(head: MessageHead, payloads: readonly Payload[]): Bytes {
  const writer = beginMessage(head, firstType(payloads), chainSize(payloads));
  writePayloads(writer, payloads);
  return writer.take();
}

/** A message whose body is encrypted. */
export function encodeSealed(head: MessageHead, nextPayload: number, body: Bytes): Bytes {
  const writer = beginMessage(head, nextPayload, body.length);
  writer.bytes(body);
  return writer.take();
}

function beginMessage(head: MessageHead, nextPayload: number, bodyLength: number): Writer {
  const { initiatorCookie, responderCookie, exchangeType, flags, messageId } = head;
  const length = HEADER_LENGTH + bodyLength;
  const writer = new Writer(length);
  const version = VERSION_1_0;
  writeHeader(writer, {
    initiatorCookie,
    responderCookie,
    nextPayload,
    version,
    exchangeType,
    flags,
    messageId,
    length,
  });
  return writer;
}
