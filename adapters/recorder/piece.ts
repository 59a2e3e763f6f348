/**
 * Some entries of a conversation, one after the other, as bytes. What is rare or made anyway stays the object it is, in the
 * contents of the piece, and has its place there written here. This is the writing side; `piece-reader.ts`
 * reads what it writes.
 */
import type { NegotiationId } from '../../services/events/event.js';
import { Contents } from './contents.js';
import type { Note, TakenOutcome } from './taken.js';

/** What an entry begins with. */
export const KIND: Readonly<Record<Note['kind'], number>> = {
  in: 0,
  out: 1,
  call: 2,
  done: 3,
  timer: 4,
  event: 5,
  // What is rare is an object of the contents.
  begin: 6,
  withdrawn: 6,
  circumstance: 6,
  answer: 6,
  stands: 6,
};
export const PORTS = ['crypto', 'kernel', 'random'] as const;
export const OUTCOME = { none: 0, value: 1, error: 2 } as const;

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

  /** Nothing is in it any more. */
  clear(): void {
    this.entries = 0;
    this.end = 0;
    this.contents = new Contents();
  }

  /**
   * False, and nothing has happened, when there is no room. All that writes comes through here, and V8 makes no copies of a
   * function of this length in those that call it: with one in each of the recorded ports the recorder's code alone pushed
   * much of the daemon's out of the caches.
   */
  write(sequence: number, at: number, by: NegotiationId, note: Note): boolean {
    const { contents, end, view } = this;
    if (end + sizeOf(note) > this.bytes.length) return false;
    view.setUint8(end, KIND[note.kind]);
    view.setUint32(end + 1, contents.nameOf(by));
    view.setFloat64(end + 5, sequence);
    view.setFloat64(end + 13, at);
    this.end = end + HEAD_BYTES;
    this.entries += 1;
    switch (note.kind) {
      case 'in':
      case 'out':
        this.#count(contents.endpointOf(note.local));
        this.#count(contents.endpointOf(note.remote));
        this.#value(contents, note.bytes);
        return true;
      case 'call':
        this.#byte(PORTS.indexOf(note.port));
        this.#count(contents.nameOf(note.op));
        this.#count(note.number ?? 0);
        this.#count(note.secret === undefined ? 0 : contents.secrets.push(note.secret));
        this.#count(note.args.length);
        for (const arg of note.args) this.#value(contents, arg);
        this.#outcome(contents, note.outcome);
        return true;
      case 'done':
        this.#byte(PORTS.indexOf(note.port));
        this.#count(contents.nameOf(note.op));
        this.#count(note.number);
        this.#count(note.secret === undefined ? 0 : contents.secrets.push(note.secret));
        this.#outcome(contents, note.outcome);
        return true;
      case 'timer':
        this.#count(note.number);
        return true;
      case 'event':
        this.#count(contents.events.push(note.event) - 1);
        return true;
      default:
        this.#count(contents.rare.push(note) - 1);
        return true;
    }
  }

  #outcome(contents: Contents, outcome: TakenOutcome | undefined): void {
    if (outcome === undefined) this.#byte(OUTCOME.none);
    else if ('error' in outcome) {
      this.#byte(OUTCOME.error);
      this.#value(contents, outcome.error);
    } else {
      this.#byte(OUTCOME.value);
      this.#value(contents, outcome.value);
    }
  }

  #value(contents: Contents, value: unknown): void {
    if (typeof value === 'number') this.#number(value);
    else if (value instanceof Uint8Array) {
      this.#tagged(TAG.bytes, value.length);
      this.bytes.set(value, this.end);
      this.end += value.length;
    } else if (typeof value === 'string') this.#tagged(TAG.name, contents.nameOf(value));
    else if (value === undefined) this.#byte(TAG.undefined);
    else if (typeof value === 'boolean') this.#byte(value ? TAG.true : TAG.false);
    else if (Array.isArray(value)) {
      this.#tagged(TAG.list, value.length);
      for (const part of value) this.#value(contents, part);
    } else this.#tagged(TAG.object, contents.objects.push(value) - 1);
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

/** Bytes that an entry takes, at most. */
export function sizeOf(note: Note): number {
  switch (note.kind) {
    case 'in':
    case 'out':
      return HEAD_BYTES + 8 + valueSize(note.bytes);
    case 'call':
      return HEAD_BYTES + 13 + valueSize(note.args) + outcomeSize(note.outcome);
    case 'done':
      return HEAD_BYTES + 13 + outcomeSize(note.outcome);
    default:
      return HEAD_BYTES + 4;
  }
}

function outcomeSize(outcome: TakenOutcome | undefined): number {
  if (outcome === undefined) return 1;
  return 1 + valueSize('error' in outcome ? outcome.error : outcome.value);
}

function valueSize(value: unknown): number {
  if (typeof value === 'number') return NUMBER_BYTES;
  if (typeof value !== 'object') return SHORT_BYTES;
  if (value instanceof Uint8Array) return SHORT_BYTES + value.length;
  if (!Array.isArray(value)) return SHORT_BYTES;
  let size = SHORT_BYTES;
  for (const part of value) size += valueSize(part);
  return size;
}

function isCount(value: number): boolean {
  return value >>> 0 === value && !Object.is(value, -0);
}
