/**
 * Some entries of a conversation, one after the other, as bytes. What is rare or made anyway stays the object it is, in the
 * contents of the piece, and has its place there written here. This is the writing side; `piece-reader.ts`
 * reads what it writes. Nearly all entries are written by `brief`.
 */
import type { Bytes } from '../../services/bytes.js';
import type { NegotiationId } from '../../services/events/event.js';
import type { StampedEvent } from '../../services/ports/events.js';
import type { KeyHandle } from '../../services/ports/keys.js';
import { type AlgorithmName, algorithmNumber } from './algorithm-names.js';
import { Contents } from './contents.js';
import type { Operation } from './operation.js';
import type { RareNote } from './taken.js';

/**
 * What an entry begins with. `brief`: a call that answered at once, in few values. `kept` and `refused`: one whose arguments
 * and answer, or error, stand among the objects.
 */
export const KIND = {
  in: 0,
  out: 1,
  call: 2,
  done: 3,
  timer: 4,
  rare: 5,
  brief: 6,
  kept: 7,
  refused: 8,
  event: 9,
} as const;
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

/** Stands for a number that is absent. */
export const NO_NUMBER = NaN;

export const PIECE_BYTES = 8192;
/** Every entry begins where a double may stand. */
const PADDING = 7;
/** What it is, sequence, at: doubles. */
const HEAD_BYTES = 3 * 8;
/** What it is, with the place of the event as its name, and sequence: it says itself when it happened and to whom. */
export const EVENT_BYTES = 2 * 8;
/** Operation, count of arguments, number of the answer, place of the secret, kind of the outcome. */
const CALL_BYTES = HEAD_BYTES + 1 + 4 + 4 + 4 + 1 + PADDING;
/** Three numbers, and the lengths of three strings of bytes in one. */
export const BRIEF_BYTES = HEAD_BYTES + 3 * 8 + 8 + PADDING;
/**
 * What an entry is: its kind, operation, the place of `by`, and the number of an algorithm plus one or 0, as one double. A piece
 * has fewer names than would need more than 16 bits.
 */
export const WHAT = { op: 2 ** 8, owner: 2 ** 16, name: 2 ** 32 } as const;
/** What a length is multiplied with among the three of a brief entry; 0 is that of a string that is absent. */
export const LENGTH = { two: 2 ** 17, three: 2 ** 34 } as const;
/** A tag and 32 bits. */
const SHORT_BYTES = 5;
/** A tag and a double. */
const NUMBER_BYTES = 9;
/** A piece takes no more objects: it must not grow while nothing else is written. */
const MOST_OBJECTS = 64;
/** What an object weighs, an event for instance, and a piece with nothing in it; about. */
const OBJECT_WEIGHT = 300;
const PIECE_WEIGHT = 700;
/** By how much a piece can come to weigh more than when it was empty. A call brings two objects at once. */
export const MOST_GROWTH = (MOST_OBJECTS + 1) * OBJECT_WEIGHT;

/** Bytes that an entry takes, at most; `BRIEF_BYTES` without strings of bytes. */
export function briefSize(one: Bytes | undefined, two: Bytes | undefined, three: Bytes | undefined): number {
  let size = BRIEF_BYTES;
  if (one !== undefined) size += one.length;
  if (two !== undefined) size += two.length;
  if (three !== undefined) size += three.length;
  return size;
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

/** What pieces are written into. */
export class Memory {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly doubles: Float64Array;

  constructor(length: number) {
    const buffer = new ArrayBuffer(padded(length));
    this.bytes = new Uint8Array(buffer);
    this.view = new DataView(buffer);
    this.doubles = new Float64Array(buffer);
  }
}

const NO_CONTENTS = new Contents();
const TOO_LONG = 'an entry is longer than its piece';

export class Piece {
  /** Of the memory in which it stands, with others: from `start` to `end` it is written. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly doubles: Float64Array;
  readonly start: number;
  readonly length: number;
  entries = 0;
  end: number;
  contents = new Contents();
  /** About what it takes of memory, bytes. */
  weight: number;
  readonly #limit: number;
  readonly #fullWeight: number;

  constructor({ bytes, view, doubles }: Memory, start: number, length: number) {
    this.bytes = bytes;
    this.view = view;
    this.doubles = doubles;
    this.start = start;
    this.length = length;
    this.end = start;
    this.weight = PIECE_WEIGHT + length;
    this.#limit = start + padded(length);
    this.#fullWeight = this.weight + MOST_OBJECTS * OBJECT_WEIGHT;
  }

  has(room: number): boolean {
    return this.end + room <= this.#limit && this.weight < this.#fullWeight;
  }

  /** Nothing is in it, and what will be stands in lists that are new. */
  begin(): void {
    this.entries = 0;
    this.end = this.start;
    this.weight = PIECE_WEIGHT + this.length;
    this.contents = new Contents();
  }

  /** It holds on to nothing any more. */
  forget(): void {
    this.contents = NO_CONTENTS;
  }

  /** Begins an entry; one of the following goes on. */
  head(kind: Kind, sequence: number, at: number, by: NegotiationId): void {
    const place = this.end >>> 3;
    this.doubles[place] = kind + this.contents.ownerOf(by) * WHAT.owner;
    this.doubles[place + 1] = sequence;
    this.doubles[place + 2] = at;
    this.end += HEAD_BYTES;
    this.entries += 1;
  }

  /**
   * An entry of few values, as nearly all are; what is absent is `NO_NUMBER` or undefined. It needs no `head`.
   */
  brief(
    kind: Kind,
    op: Operation,
    sequence: number,
    at: number,
    by: NegotiationId,
    name: AlgorithmName | undefined,
    first: number,
    second: number,
    third: number,
    one: Bytes | undefined,
    two: Bytes | undefined,
    three: Bytes | undefined,
  ): void {
    const { bytes, doubles, contents } = this;
    let { end } = this;
    const ones = one === undefined ? 0 : one.length + 1;
    const twos = two === undefined ? 0 : two.length + 1;
    const threes = three === undefined ? 0 : three.length + 1;
    const place = end >>> 3;
    end += BRIEF_BYTES - PADDING;
    if (end + ones + twos + threes > this.#limit) throw new Error(TOO_LONG);
    const named = name === undefined ? 0 : algorithmNumber(name) + 1;
    doubles[place] = kind + op * WHAT.op + contents.ownerOf(by) * WHAT.owner + named * WHAT.name;
    doubles[place + 1] = sequence;
    doubles[place + 2] = at;
    doubles[place + 3] = first;
    doubles[place + 4] = second;
    doubles[place + 5] = third;
    doubles[place + 6] = ones + twos * LENGTH.two + threes * LENGTH.three;
    if (one !== undefined) {
      bytes.set(one, end);
      end += one.length;
    }
    if (two !== undefined) {
      bytes.set(two, end);
      end += two.length;
    }
    if (three !== undefined) {
      bytes.set(three, end);
      end += three.length;
    }
    this.end = padded(end);
    this.entries += 1;
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
    this.#byte(op);
    this.#count(length);
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

  /** It takes `EVENT_BYTES`. */
  tell(event: StampedEvent, sequence: number): void {
    const place = this.end >>> 3;
    this.doubles[place] = KIND.event + this.contents.add(event) * WHAT.name;
    this.doubles[place + 1] = sequence;
    this.end += EVENT_BYTES;
    this.entries += 1;
    this.weight += OBJECT_WEIGHT;
  }

  // What entries name by number; these return the number

  rare(note: RareNote): number {
    this.weight += OBJECT_WEIGHT;
    return this.contents.add(note);
  }

  object(value: unknown): number {
    this.weight += OBJECT_WEIGHT;
    return this.contents.add(value);
  }

  #ending(kind: OutcomeKind, outcome: unknown, number: number, secret: KeyHandle | undefined): void {
    this.#settled(kind, number, secret);
    if (kind !== OUTCOME.none) this.#value(outcome);
    this.end = padded(this.end);
    if (this.end > this.#limit) throw new Error(TOO_LONG);
  }

  #settled(kind: OutcomeKind, number: number, secret: KeyHandle | undefined): void {
    this.#count(number);
    this.#count(secret === undefined ? 0 : this.contents.secrets.push(secret));
    this.#byte(kind);
  }

  #value(value: unknown): void {
    if (typeof value === 'number') this.#number(value);
    else if (value instanceof Uint8Array) this.#string(value);
    else if (typeof value === 'string') this.#tagged(TAG.name, this.contents.nameOf(value));
    else if (value === undefined) this.#byte(TAG.undefined);
    else if (typeof value === 'boolean') this.#byte(value ? TAG.true : TAG.false);
    else if (isList(value)) {
      const { length } = value;
      this.#tagged(TAG.list, length);
      for (let at = 0; at < length; at++) this.#value(value[at]);
    } else {
      this.#tagged(TAG.object, this.object(value));
    }
  }

  #string(value: Bytes): void {
    this.#tagged(TAG.bytes, value.length);
    this.bytes.set(value, this.end);
    this.end += value.length;
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

/** Where the next double may stand. */
function padded(end: number): number {
  return (end + PADDING) & ~PADDING;
}

function isCount(value: number): boolean {
  return value >>> 0 === value && !Object.is(value, -0);
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
