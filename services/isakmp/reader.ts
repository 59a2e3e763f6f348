/**
 * Reads big-endian fields from a window of bytes. The first fault sticks: from then on nothing remains to be read and
 * numbers are 0, so that decoders are straight lines and the caller asks once, at the end.
 */
import { type Bytes, NO_BYTES, readU16, readU32 } from '../bytes.js';
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
  /** Where the bytes are: Node looks both up in C++ each time they are asked for. */
  readonly buffer: ArrayBufferLike;
  readonly base: number;
  fault: DecodeFault | undefined;
  structures: number;
  /** Reserved fields found non-zero, by name. */
  readonly reserved: string[];
  readonly trace: ReadTrace | undefined;
}

export class Reader {
  #structure: string;
  readonly #bytes: Bytes;
  #end: number;
  readonly #progress: Progress;
  #position: number;
  /** What `peek` returned last, and of where. */
  #peeked: Bytes | undefined = undefined;
  #peekedAt = 0;

  constructor(
    bytes: Bytes,
    structure: string,
    start = 0,
    end = bytes.length,
    progress: Progress = newProgress(bytes),
  ) {
    this.#bytes = bytes;
    this.#structure = structure;
    this.#position = start;
    this.#end = end;
    this.#progress = progress;
  }

  /** What is being read, for faults. */
  get structure(): string {
    return this.#structure;
  }

  /** Where that ends, in the decoded bytes. */
  get end(): number {
    return this.#end;
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
    return new Reader(bytes, structure, 0, bytes.length, newProgress(bytes, trace));
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
    if (!this.has(1)) return 0;
    return this.#bytes[this.#position++] ?? 0;
  }

  u16(): number {
    if (!this.has(2)) return 0;
    const value = readU16(this.#bytes, this.#position);
    this.#position += 2;
    return value;
  }

  u32(): number {
    if (!this.has(4)) return 0;
    const value = readU32(this.#bytes, this.#position);
    this.#position += 4;
    return value;
  }

  /** An unsigned number of 1, 2 or 4 bytes. */
  number(width: 1 | 2 | 4): number {
    return width === 1 ? this.u8() : width === 2 ? this.u16() : this.u32();
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
    const peeked = this.#view(this.remaining);
    this.#peekedAt = this.#position;
    return (this.#peeked = peeked);
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

  /**
   * From here to `widen`, what is read is the `structure` of the next `length` bytes: as a `window`, but for structures that
   * messages are full of it costs no object.
   */
  narrow(length: number, structure: string): void {
    this.#end = this.has(length, structure) ? this.#position + length : this.#position;
    this.#structure = structure;
  }

  /** Goes on behind that, in what `end` and `structure` were before. */
  widen(end: number, structure: string): void {
    this.#position = this.#end;
    this.#end = end;
    this.#structure = structure;
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
    // Most payloads are one field: their body and that field are the same bytes.
    const peeked = this.#peeked;
    if (peeked?.length === length && this.#peekedAt === this.#position) return peeked;
    const { buffer, base } = this.#progress;
    return new Uint8Array(buffer, base + this.#position, length);
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

function newProgress({ buffer, byteOffset }: Bytes, trace?: ReadTrace): Progress {
  return { buffer, base: byteOffset, fault: undefined, structures: 0, reserved: [], trace };
}
