/**
 * Field lists: a structure of the wire as an object of fields in wire order, from which its value type, its decoder and
 * its encoder are derived.
 *
 *     const FIELDS = fieldList({ number: u8, id: followedBy(u8, reserved(2)), attributes });
 *
 * What stands on the wire but not in the value (reserved bytes, lengths and counts of later fields) is written with
 * `followedBy` after the field it follows.
 */
import type { Bytes } from '../bytes.js';
import type { DecodeFaultCode } from './decode-fault.js';
import type { Reader } from './reader.js';
import type { Hole, Writer } from './writer.js';

/** Lengths and counts of one structure by name: read before the field they speak of, written after it. */
export type Announced = Map<string, number>;
export type Holes = Map<string, Hole>;

export interface Field<V> {
  /** Bytes that `write` writes, where they are the same for all values. */
  readonly width: number | undefined;
  read(reader: Reader, announced: Announced): V;
  /** Bytes that `write` writes. */
  size(value: V): number;
  write(writer: Writer, value: V, holes: Holes): void;
}

/** Bytes between fields that are no part of the value. */
interface Gap {
  readonly size: number;
  read(reader: Reader, announced: Announced): void;
  write(writer: Writer, holes: Holes): void;
}

/** A value that is being read. */
export type Blank<T> = { -readonly [K in keyof T]: T[K] };

export interface FieldList<T> {
  /** Fills in the fields of `blank`, which has all of them: so values of one kind are of one kind to V8, too. */
  read<B extends Blank<T>>(reader: Reader, blank: B): B;
  size(value: Readonly<T>): number;
  write(writer: Writer, value: Readonly<T>): void;
}

export type ValueOf<L> = L extends FieldList<infer T> ? Readonly<T> : never;

/** One field of values that have it under its name. */
interface Part<T> {
  read(reader: Reader, announced: Announced, blank: Blank<T>): void;
  size(value: Readonly<T>): number;
  write(writer: Writer, value: Readonly<T>, holes: Holes): void;
}

export function fieldList<T extends object>(fields: { readonly [K in keyof T]: Field<T[K]> }): FieldList<T> {
  // For all structures of the list: none stands inside another of its kind, and each announces before it is spoken of.
  const announced: Announced = new Map();
  const holes: Holes = new Map();
  const parts: Part<T>[] = [];
  const sized: Part<T>[] = [];
  let least = 0;
  for (const name in fields) {
    const part = partOf(name, fields[name]);
    parts.push(part);
    const { width } = fields[name];
    if (width === undefined) sized.push(part);
    else least += width;
  }
  return {
    read(reader, blank) {
      for (const part of parts) part.read(reader, announced, blank);
      return blank;
    },
    size(value) {
      let size = least;
      for (const part of sized) size += part.size(value);
      return size;
    },
    write(writer, value) {
      for (const part of parts) part.write(writer, value, holes);
    },
  };
}

function partOf<T extends object, K extends keyof T & string>(name: K, field: Field<T[K]>): Part<T> {
  return {
    read(reader, announced, blank) {
      reader.enter(name);
      blank[name] = field.read(reader, announced);
      reader.leave();
    },
    size: (value) => field.size(value[name]),
    write(writer, value, holes) {
      field.write(writer, value[name], holes);
    },
  };
}

/** The list of structures that are one field of bytes, as most payloads are. */
export const DATA: FieldList<{ data: Bytes }> = {
  read(reader, blank) {
    reader.enter('data');
    blank.data = reader.rest();
    reader.leave();
    return blank;
  },
  size: ({ data }) => data.length,
  write(writer, { data }) {
    writer.bytes(data);
  },
};

function unsigned(width: 1 | 2 | 4): Field<number> {
  return {
    width,
    read: (reader) => reader.number(width),
    size: () => width,
    write: (writer, value) => {
      writer.number(value, width);
    },
  };
}

export const u8 = unsigned(1);
export const u16 = unsigned(2);
export const u32 = unsigned(4);

/** All bytes up to the end of the structure. */
export const rest: Field<Bytes> = {
  width: undefined,
  read: (reader) => reader.rest(),
  size: (value) => value.length,
  write: (writer, value) => {
    writer.bytes(value);
  },
};

/** As many bytes as the number announced under `name` says. */
export function sized(name: string): Field<Bytes> {
  return {
    width: undefined,
    read: (reader, announced) => reader.bytes(announced.get(name) ?? 0),
    size: (value) => value.length,
    write: (writer, value, holes) => {
      writer.bytes(value);
      fillHole(writer, holes, name, value.length);
    },
  };
}

/** A number that must be `value` for the rest of the structure to have the form the list describes. */
export function only(
  field: Field<number>,
  value: number,
  code: DecodeFaultCode,
  what: string,
): Field<number> {
  return {
    width: field.width,
    read: (reader, announced) => {
      const at = reader.offset;
      const found = field.read(reader, announced);
      if (found !== value) reader.fail(code, `${what} ${String(found)} is not supported`, at);
      return found;
    },
    size: (found) => field.size(found),
    write: (writer, found, holes) => {
      field.write(writer, found, holes);
    },
  };
}

/** A number of the value that a later field needs when it is read. */
export function noted(name: string, field: Field<number>): Field<number> {
  return {
    width: field.width,
    read: (reader, announced) => {
      const value = field.read(reader, announced);
      announced.set(name, value);
      return value;
    },
    size: (value) => field.size(value),
    write: (writer, value, holes) => {
      field.write(writer, value, holes);
    },
  };
}

export function followedBy<V>(field: Field<V>, ...gaps: readonly Gap[]): Field<V> {
  const gapSize = gaps.reduce((sum, { size }) => sum + size, 0);
  return {
    width: field.width === undefined ? undefined : field.width + gapSize,
    read: (reader, announced) => {
      const value = field.read(reader, announced);
      reader.cut();
      for (const gap of gaps) gap.read(reader, announced);
      return value;
    },
    size: (value) => field.size(value) + gapSize,
    write: (writer, value, holes) => {
      field.write(writer, value, holes);
      for (const gap of gaps) gap.write(writer, holes);
    },
  };
}

/** Bytes sent as zero and, when they are not, reported by `verify` (RFC 2408 5.3). */
export function reserved(length: number): Gap {
  return {
    size: length,
    read: (reader) => {
      const from = reader.offset;
      reader.reserved(length);
      reader.gap('reserved', from);
    },
    write: (writer) => {
      writer.skip(length);
    },
  };
}

/** A length or count of a later field, `width` bytes wide. */
export function announces(name: string, width: 1 | 2 | 4): Gap {
  // The length of an SPI, the count of everything else.
  const title = name === 'SPI' ? 'SPI size' : `number of ${name}`;
  return {
    size: width,
    read: (reader, announced) => {
      const from = reader.offset;
      announced.set(name, reader.number(width));
      reader.gap(title, from);
    },
    write: (writer, holes) => {
      holes.set(name, writer.hole(width));
    },
  };
}

/** Fills in what `announces(name)` left open; nothing when it is not announced. */
export function fillHole(writer: Writer, holes: Holes, name: string, value: number): void {
  const hole = holes.get(name);
  if (hole !== undefined) writer.fill(hole, value);
}
