/**
 * Netlink: a datagram holds messages one behind the other, a message a header, a structure and attributes, all of them
 * on words of 4 bytes. Numbers are in host order, which is little-endian on every machine this runs on.
 */
import { concat, type Bytes } from '../bytes.js';
import { textOf } from '../c-structure.js';
import { err, ok, type Result } from '../result.js';
import { EXPLANATION, NETLINK_FLAG, NETLINK_TYPE } from './registry.js';
import { NLATTR, NLMSGERR, NLMSGHDR } from './structures.js';

export interface NetlinkMessage {
  readonly type: number;
  readonly flags: number;
  /** Of the request that it answers; 0 in news. */
  readonly sequence: number;
  readonly port: number;
  /** A view, not a copy. */
  readonly body: Bytes;
}

/** `payload` is a view of the message, not a copy. */
export interface Attribute {
  readonly type: number;
  readonly payload: Bytes;
}

/** Why bytes are no message: `at` is where, from the beginning. */
export interface NetlinkFault {
  readonly at: number;
  readonly why: string;
}

/** What the kernel says at the end of a request: 0 is done, else the errno; `why` is its own sentence, if it has one. */
export interface NetlinkOutcome {
  readonly errno: number;
  readonly why: string | undefined;
}

/** Upper bits of an attribute's type say how it is made, not what it is. */
const TYPE_BITS = 0x3fff;

function aligned(length: number): number {
  return Math.ceil(length / 4) * 4;
}

export function encodeNetlink({ type, flags, sequence, port, body }: NetlinkMessage): Bytes {
  const length = NLMSGHDR.size + body.length;
  const whole = new Uint8Array(aligned(length));
  whole.set(NLMSGHDR.encode({ length, type, flags, sequence, port }, {}));
  whole.set(body, NLMSGHDR.size);
  return whole;
}

/** All messages of a datagram, or why one of them is none: then the datagram is spoiled, and none of it counts. */
export function splitDatagram(bytes: Bytes): Result<readonly NetlinkMessage[], NetlinkFault> {
  const messages: NetlinkMessage[] = [];
  let at = 0;
  while (at < bytes.length) {
    const header = NLMSGHDR.read(bytes, at);
    if (header === undefined) return err({ at, why: 'a header is cut short' });
    const length = header.number('length');
    if (length < NLMSGHDR.size) return err({ at, why: `a message has the length ${String(length)}` });
    if (at + length > bytes.length) return err({ at, why: 'a message is longer than what is left' });
    messages.push({
      type: header.number('type'),
      flags: header.number('flags'),
      sequence: header.number('sequence'),
      port: header.number('port'),
      body: bytes.subarray(at + NLMSGHDR.size, at + length),
    });
    at += aligned(length);
  }
  return ok(messages);
}

export function encodeAttribute({ type, payload }: Attribute): Bytes {
  const length = NLATTR.size + payload.length;
  const whole = new Uint8Array(aligned(length));
  whole.set(NLATTR.encode({ length, type }, {}));
  whole.set(payload, NLATTR.size);
  return whole;
}

export function encodeAttributes(attributes: readonly Attribute[]): Bytes {
  return concat(...attributes.map(encodeAttribute));
}

/** The attributes from `at` on. Fewer bytes than an attribute's header at the end are padding. */
export function readAttributes(bytes: Bytes, at: number): Result<readonly Attribute[], NetlinkFault> {
  const attributes: Attribute[] = [];
  let next = aligned(at);
  while (next < bytes.length) {
    const header = NLATTR.read(bytes, next);
    if (header === undefined) return err({ at: next, why: 'an attribute is cut short' });
    const length = header.number('length');
    if (length < NLATTR.size) return err({ at: next, why: `an attribute has the length ${String(length)}` });
    if (next + length > bytes.length)
      return err({ at: next, why: 'an attribute is longer than what is left' });
    attributes.push({
      type: header.number('type') & TYPE_BITS,
      payload: bytes.subarray(next + NLATTR.size, next + length),
    });
    next += aligned(length);
  }
  return ok(attributes);
}

/** What a message says about the end of its request; undefined when it says nothing of the kind. */
export function outcomeOf({ type, flags, body }: NetlinkMessage): NetlinkOutcome | undefined {
  if (type === NETLINK_TYPE.done) {
    const view = new DataView(body.buffer, body.byteOffset, body.byteLength);
    return { errno: body.length < 4 ? 0 : -view.getInt32(0, true) || 0, why: undefined };
  }
  if (type !== NETLINK_TYPE.error) return undefined;
  const read = NLMSGERR.read(body);
  if (read === undefined) return { errno: EIO, why: 'its answer was cut short' };
  const errno = -read.number('error') || 0;
  if ((flags & NETLINK_FLAG.explained) === 0) return { errno, why: undefined };
  // The request stands between, whole or its header alone.
  const request = (flags & NETLINK_FLAG.capped) === 0 ? read.number('requestLength') : NLMSGHDR.size;
  const attributes = readAttributes(body, 4 + request);
  const text = attributes.ok
    ? attributes.value.find((attribute) => attribute.type === EXPLANATION.message)
    : undefined;
  return { errno, why: text === undefined ? undefined : textOf(text.payload) };
}

const EIO = 5;
