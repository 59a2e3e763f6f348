/**
 * Reads big-endian fields from a window of bytes. The first fault sticks: from then on nothing remains to be read and
 * numbers are 0, so that decoders are straight lines and the caller asks once, at the end.
 */
import { type Bytes, NO_BYTES } from '../bytes.js';
import { type DecodeFault, type DecodeFaultCode, notifyOf } from './decode-fault.js';

/** Structures inside payloads (proposals, transforms, attributes, SPIs) that one decode may make, all together. */
const MOST_STRUCTURES = 4096;

/** Told what is read where; offsets into the decoded bytes. Nobody listens unless a message is taken apart for people. */
export interface ReadTrace {
  enter(name: string, offset: number): void;
  /** What was entered last ends here, unless it was cut before. */
  leave(offset: number): void;
  /** The field that was entered last ends here; what follows is beside it. */
  cut(offset: number): void;
  /** Bytes that are no part of a value, beside the field that was entered last. */
  gap(name: string, from: number, to: number): void;
}

interface Progress {
  fault: DecodeFault | undefined;
  structures: number;
  /** Reserved fields found non-zero, by name. */
  readonly reserved: string[];
  readonly trace: ReadTrace | undefined;
}

export class Reader {
  readonly structure: string;
  readonly #bytes: Bytes;
  readonly #end: number;
  readonly #progress: Progress;
  #position: number;
  /** What `peek` returned last. */
  #peeked: Bytes | undefined = undefined;

  constructor(
    bytes: Bytes,
    structure: string,
    start = 0,
    end = bytes.length,
    progress: Progress = newProgress(),
  ) {
    this.#bytes = bytes;
    this.structure = structure;
    this.#position = start;
    this.#end = end;
    this.#progress = progress;
  }

  get fault(): DecodeFault | undefined {
    return this.#progress.fault;
  }

  /** Names of reserved fields that were not zero, in the order they were read. */
  get reservedFaults(): readonly string[] {
    return this.#progress.reserved;
  }

  /** Reads for somebody who wants to know what stands where. */
  static traced(bytes: Bytes, structure: string, trace: ReadTrace): Reader {
    return new Reader(bytes, structure, 0, bytes.length, newProgress(trace));
  }

  enter(name: string): void {
    this.#progress.trace?.enter(name, this.#position);
  }

  leave(): void {
    this.#progress.trace?.leave(this.#position);
  }

  cut(): void {
    this.#progress.trace?.cut(this.#position);
  }

  /** What was read since `from` is a gap. */
  gap(name: string, from: number): void {
    this.#progress.trace?.gap(name, from, this.#position);
  }

  /** Offset of the next byte in the decoded bytes. */
  get offset(): number {
    return this.#position;
  }

  get remaining(): number {
    return this.fault === undefined ? this.#end - this.#position : 0;
  }

  /** The fault that sticks, which is this one if it is the first. */
  fail(
    code: DecodeFaultCode,
    explanation: string,
    offset = this.#position,
    payload = this.structure,
  ): DecodeFault {
    return (this.#progress.fault ??= { code, payload, offset, explanation, notify: notifyOf(code, payload) });
  }

  u8(): number {
    return this.number(1);
  }

  u16(): number {
    return this.number(2);
  }

  u32(): number {
    return this.number(4);
  }

  /** An unsigned number of 1, 2 or 4 bytes. */
  number(width: number): number {
    if (!this.has(width)) return 0;
    let value = 0;
    for (let i = 0; i < width; i++) value = value * 256 + (this.#bytes[this.#position + i] ?? 0);
    this.#position += width;
    return value;
  }

  /** A view of the next `length` bytes, not a copy. */
  bytes(length: number): Bytes {
    if (!this.has(length)) return NO_BYTES;
    const view = this.#view(length);
    this.#position += length;
    return view;
  }

  rest(): Bytes {
    return this.bytes(this.remaining);
  }

  /** What `rest` would return, without reading it. */
  peek(): Bytes {
    return (this.#peeked = this.#view(this.remaining));
  }

  /** `structure`: whose they are. */
  reserved(length: number, structure = this.structure): void {
    if (!this.has(length)) return;
    let bits = 0;
    for (let i = 0; i < length; i++) bits |= this.#bytes[this.#position + i] ?? 0;
    this.#position += length;
    if (bits !== 0) this.#progress.reserved.push(structure);
  }

  /** The next `length` bytes as a reader of their own that shares this one's fate. */
  window(length: number, structure: string): Reader {
    const start = this.#position;
    if (this.has(length, structure)) this.#position += length;
    return new Reader(this.#bytes, structure, start, this.#position, this.#progress);
  }

  /** Counts one inner structure; too many of them are a fault, so that a datagram cannot buy unbounded work. */
  countStructure(): void {
    this.#progress.structures += 1;
    if (this.#progress.structures > MOST_STRUCTURES) {
      this.fail('too-many', `it holds more than ${String(MOST_STRUCTURES)} structures`);
    }
  }

  /** To be called when a structure has been read: nothing may be left in it. */
  finish(): void {
    if (this.remaining > 0) {
      this.fail('trailing-bytes', `${String(this.remaining)} bytes are left over in the ${this.structure}`);
    }
  }

  /** A Buffer's slices would be Buffers too; values hold plain Uint8Arrays only. */
  #view(length: number): Bytes {
    const from = this.#bytes.byteOffset + this.#position;
    // Most payloads are one field: their body and that field are the same bytes.
    const peeked = this.#peeked;
    if (peeked?.byteOffset === from && peeked.length === length) return peeked;
    return new Uint8Array(this.#bytes.buffer, from, length);
  }

  /** Whether so many bytes are left; where not, that is the fault. */
  has(length: number, structure = this.structure): boolean {
    if (this.fault !== undefined) return false;
    const left = this.#end - this.#position;
    if (length <= left) return true;
    const explanation = `the ${structure} needs ${String(length)} bytes where ${String(left)} are left`;
    this.fail('truncated', explanation, this.#position, structure);
    return false;
  }
}

function newProgress(trace?: ReadTrace): Progress {
  return { fault: undefined, structures: 0, reserved: [], trace };
}
