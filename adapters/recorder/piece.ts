/**
 * Some entries of a conversation, one after the other, as bytes. What is rare or made anyway stays the object it is, in the
 * contents of the piece, and has its place there written here. This is the writing side; `piece-reader.ts`
 * reads what it writes. Each kind has a method of its own, so that nothing is built only to be written down.
 */
import type { Bytes } from '../../services/bytes.js';
import type { NegotiationId } from '../../services/events/event.js';
import type { Endpoint } from '../../services/net/address.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import { Contents } from './contents.js';
import type { Operation } from './operation.js';
import type { RareNote } from './taken.js';

/** What an entry begins with. */
export const KIND = { in: 0, out: 1, call: 2, done: 3, timer: 4, rare: 5 } as const;
export type Kind = (typeof KIND)[keyof typeof KIND];

export const OUTCOME = { none: 0, value: 1, error: 2 } as const;
export type OutcomeKind = (typeof OUTCOME)[keyof typeof OUTCOME];

/** What a value begins with. */
export const TAG = {
  undefined: 0,
  true: 1,
  false: 2,
  /** 32 bits: lengths, groups, SPIs. */
  count: 3,
  /** Its place among the names. */
  name: 4,
  /** A length, and the bytes. */
  bytes: 5,
  /** A count, and so many values. */
  list: 6,
  /** Its place among the objects. */
  object: 7,
  /** Any other number, as a double: handles of keys. */
  number: 8,
} as const;

export const PIECE_BYTES = 4096;
/** Kind, place of `by`, sequence, at. */
const HEAD_BYTES = 1 + 4 + 8 + 8;
/** Operation, count of arguments, number of the answer, place of the secret, kind of the outcome. */
const CALL_BYTES = HEAD_BYTES + 1 + 4 + 4 + 4 + 1;
/** A tag and 32 bits. */
const SHORT_BYTES = 5;
/** A tag and a double. */
const NUMBER_BYTES = 9;
/** A piece takes no more events: it must not grow while nothing else is written. */
const MOST_EVENTS = 64;
/** What an object weighs, an event for instance, and a piece with nothing in it; about. */
const OBJECT_WEIGHT = 300;
const PIECE_WEIGHT = 700;

/** Bytes that an entry takes, at most. */
export const PLAIN_SIZE = HEAD_BYTES + 4;

export function datagramSize(bytes: Bytes): number {
  return HEAD_BYTES + 8 + SHORT_BYTES + bytes.length;
}

/** Of a call with so many values, its outcome among them, which are names, numbers, or bytes: `length` in all of these. */
export function plainCallSize(values: number, length: number): number {
  return CALL_BYTES + values * NUMBER_BYTES + length;
}

export function callSize(args: readonly unknown[], outcome: unknown): number {
  return CALL_BYTES + valueSize(args) + valueSize(outcome);
}

function valueSize(value: unknown): number {
  if (typeof value !== 'object') return NUMBER_BYTES;
  if (value instanceof Uint8Array) return SHORT_BYTES + value.length;
  return isList(value) ? listSize(value) : SHORT_BYTES;
}

/** By index, as everything here: an iterator of what is of several kinds makes an object for each. */
function listSize(list: readonly unknown[]): number {
  const { length } = list;
  let size = SHORT_BYTES;
  for (let at = 0; at < length; at++) size += valueSize(list[at]);
  return size;
}

export class Piece {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  entries = 0;
  end = 0;
  readonly contents = new Contents();
  /** About what it takes of memory, bytes. */
  weight: number;

  constructor(length: number) {
    const buffer = new ArrayBuffer(length);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.weight = PIECE_WEIGHT + length;
  }

  has(room: number): boolean {
    return this.end + room <= this.bytes.length && this.contents.events.count < MOST_EVENTS;
  }

  /** Nothing is in it any more. */
  clear(): void {
    this.entries = 0;
    this.end = 0;
    this.weight = PIECE_WEIGHT + this.bytes.length;
    this.contents.clear();
  }

  /** Begins an entry; one of the following goes on. */
  head(kind: Kind, sequence: number, at: number, by: NegotiationId): void {
    const { end, view } = this;
    view.setUint8(end, kind);
    view.setUint32(end + 1, this.contents.ownerOf(by));
    view.setFloat64(end + 5, sequence);
    view.setFloat64(end + 13, at);
    this.end = end + HEAD_BYTES;
    this.entries += 1;
  }

  datagram(local: Endpoint, remote: Endpoint, bytes: Bytes): void {
    const { contents } = this;
    this.#count(contents.endpointOf(local));
    this.#count(contents.endpointOf(remote));
    this.putBytes(bytes);
  }

  call(
    op: Operation,
    args: readonly unknown[],
    kind: OutcomeKind,
    outcome: unknown,
    number: number,
    secret: KeyHandle | undefined,
  ): void {
    const { length } = args;
    this.asked(op, length);
    for (let at = 0; at < length; at++) this.#value(args[at]);
    this.#ending(kind, outcome, number, secret);
  }

  done(
    op: Operation,
    kind: OutcomeKind,
    outcome: unknown,
    number: number,
    secret: KeyHandle | undefined,
  ): void {
    this.#byte(op);
    this.#ending(kind, outcome, number, secret);
  }

  timer(number: number): void {
    this.#count(number);
  }

  /** Between entries: it says itself when it happened and to whom. */
  tell(event: StampedEvent, sequence: number): void {
    this.contents.tell(event, sequence);
    this.entries += 1;
    this.weight += OBJECT_WEIGHT;
  }

  rare(note: RareNote): void {
    this.#count(this.contents.rare.add(note));
    this.weight += OBJECT_WEIGHT;
  }

  // A call that answered at once, value by value, so that no list of arguments is made: `asked`, so many values, `answered`,
  // and one more.

  asked(op: Operation, count: number): void {
    this.#byte(op);
    this.#count(count);
  }

  answered(): void {
    this.#settled(OUTCOME.value, 0, undefined);
  }

  putName(name: string): void {
    this.#tagged(TAG.name, this.contents.nameOf(name));
  }

  putBytes(value: Bytes): void {
    this.#tagged(TAG.bytes, value.length);
    this.bytes.set(value, this.end);
    this.end += value.length;
  }

  putNumber(value: number): void {
    if (isCount(value)) {
      this.#tagged(TAG.count, value);
      return;
    }
    const { end, view } = this;
    view.setUint8(end, TAG.number);
    view.setFloat64(end + 1, value);
    this.end = end + NUMBER_BYTES;
  }

  /** A number, where there is one. */
  putOptional(value: number | undefined): void {
    if (value === undefined) this.#byte(TAG.undefined);
    else this.putNumber(value);
  }

  /** So many values follow, which are one. */
  putList(count: number): void {
    this.#tagged(TAG.list, count);
  }

  #ending(kind: OutcomeKind, outcome: unknown, number: number, secret: KeyHandle | undefined): void {
    this.#settled(kind, number, secret);
    if (kind !== OUTCOME.none) this.#value(outcome);
  }

  #settled(kind: OutcomeKind, number: number, secret: KeyHandle | undefined): void {
    this.#count(number);
    this.#count(secret === undefined ? 0 : this.contents.secrets.add(secret) + 1);
    this.#byte(kind);
  }

  #value(value: unknown): void {
    if (typeof value === 'number') this.putNumber(value);
    else if (value instanceof Uint8Array) this.putBytes(value);
    else if (typeof value === 'string') this.putName(value);
    else if (value === undefined) this.#byte(TAG.undefined);
    else if (typeof value === 'boolean') this.#byte(value ? TAG.true : TAG.false);
    else if (isList(value)) {
      const { length } = value;
      this.putList(length);
      for (let at = 0; at < length; at++) this.#value(value[at]);
    } else {
      this.#tagged(TAG.object, this.contents.objects.add(value));
      this.weight += OBJECT_WEIGHT;
    }
  }

  #tagged(tag: number, value: number): void {
    const { end, view } = this;
    view.setUint8(end, tag);
    view.setUint32(end + 1, value);
    this.end = end + SHORT_BYTES;
  }

  #byte(value: number): void {
    this.view.setUint8(this.end, value);
    this.end += 1;
  }

  #count(value: number): void {
    this.view.setUint32(this.end, value);
    this.end += 4;
  }
}

function isCount(value: number): boolean {
  return value >>> 0 === value && !Object.is(value, -0);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
