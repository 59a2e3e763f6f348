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
export const KIND = { in: 0, out: 1, call: 2, done: 3, timer: 4, event: 5, rare: 6 } as const;
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
/** A tag and 32 bits. */
const SHORT_BYTES = 5;
/** A tag and a double. */
const NUMBER_BYTES = 9;
/** What an object weighs, an event for instance, and a piece with nothing in it; about. */
const OBJECT_WEIGHT = 300;
const PIECE_WEIGHT = 700;

/** Bytes that an entry takes, at most. */
export const PLAIN_SIZE = HEAD_BYTES + 4;

export function datagramSize(bytes: Bytes): number {
  return HEAD_BYTES + 8 + SHORT_BYTES + bytes.length;
}

export function callSize(args: readonly unknown[], outcome: unknown): number {
  return HEAD_BYTES + 14 + valueSize(args) + valueSize(outcome);
}

function valueSize(value: unknown): number {
  if (typeof value !== 'object') return NUMBER_BYTES;
  if (value instanceof Uint8Array) return SHORT_BYTES + value.length;
  if (!Array.isArray(value)) return SHORT_BYTES;
  let size = SHORT_BYTES;
  for (const part of value) size += valueSize(part);
  return size;
}

export class Piece {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  entries = 0;
  end = 0;
  contents = new Contents();

  constructor(length: number) {
    const buffer = new ArrayBuffer(length);
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
  }

  /** About what it takes of memory, bytes. */
  get weight(): number {
    return PIECE_WEIGHT + this.bytes.length + this.contents.count * OBJECT_WEIGHT;
  }

  has(room: number): boolean {
    return this.end + room <= this.bytes.length;
  }

  /** Nothing is in it any more. */
  clear(): void {
    this.entries = 0;
    this.end = 0;
    this.contents = new Contents();
  }

  /** Begins an entry; one of the following goes on. */
  head(kind: Kind, sequence: number, at: number, by: NegotiationId): void {
    const { end, view } = this;
    view.setUint8(end, kind);
    view.setUint32(end + 1, this.contents.nameOf(by));
    view.setFloat64(end + 5, sequence);
    view.setFloat64(end + 13, at);
    this.end = end + HEAD_BYTES;
    this.entries += 1;
  }

  datagram(local: Endpoint, remote: Endpoint, bytes: Bytes): void {
    const { contents } = this;
    this.#count(contents.endpointOf(local));
    this.#count(contents.endpointOf(remote));
    this.#bytes(bytes);
  }

  call(
    op: Operation,
    args: readonly unknown[],
    kind: OutcomeKind,
    outcome: unknown,
    number: number,
    secret: KeyHandle | undefined,
  ): void {
    this.#byte(op);
    this.#count(args.length);
    for (const arg of args) this.#value(arg);
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

  event(event: StampedEvent): void {
    this.#count(this.contents.events.push(event) - 1);
  }

  rare(note: RareNote): void {
    this.#count(this.contents.rare.push(note) - 1);
  }

  #ending(kind: OutcomeKind, outcome: unknown, number: number, secret: KeyHandle | undefined): void {
    this.#count(number);
    this.#count(secret === undefined ? 0 : this.contents.secrets.push(secret));
    this.#byte(kind);
    if (kind !== OUTCOME.none) this.#value(outcome);
  }

  #value(value: unknown): void {
    if (typeof value === 'number') this.#number(value);
    else if (value instanceof Uint8Array) this.#bytes(value);
    else if (typeof value === 'string') this.#tagged(TAG.name, this.contents.nameOf(value));
    else if (value === undefined) this.#byte(TAG.undefined);
    else if (typeof value === 'boolean') this.#byte(value ? TAG.true : TAG.false);
    else if (Array.isArray(value)) {
      this.#tagged(TAG.list, value.length);
      for (const part of value) this.#value(part);
    } else this.#tagged(TAG.object, this.contents.objects.push(value) - 1);
  }

  #bytes(value: Bytes): void {
    this.#tagged(TAG.bytes, value.length);
    this.bytes.set(value, this.end);
    this.end += value.length;
  }

  #tagged(tag: number, value: number): void {
    const { end, view } = this;
    view.setUint8(end, tag);
    view.setUint32(end + 1, value);
    this.end = end + SHORT_BYTES;
  }

  #number(value: number): void {
    if (isCount(value)) {
      this.#tagged(TAG.count, value);
      return;
    }
    const { end, view } = this;
    view.setUint8(end, TAG.number);
    view.setFloat64(end + 1, value);
    this.end = end + NUMBER_BYTES;
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
