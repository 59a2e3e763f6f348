/**
 * C structures, of the door protocol and of kernels: fields at fixed offsets, as an LP64 compiler lays them out, in the
 * little-endian order of the machines this runs on. Numbers only and byte areas; variable parts are the codecs' business.
 */
import type { Bytes } from './bytes.js';

/** `be` is network order, as ports inside a socket address have it. `u64` is read as a number, exact up to 2^53; of `Infinity` all its bits are set. */
export type NumberKind = 'u8' | 'u16' | 'u16be' | 'u32' | 'u32be' | 'i32' | 'u64';
export type NumberFields<N extends string> = Readonly<Record<N, readonly [offset: number, kind: NumberKind]>>;
export type AreaFields<A extends string> = Readonly<Record<A, readonly [offset: number, length: number]>>;

export interface StructureReader<N extends string, A extends string> {
  number(name: N): number;
  /** A view of the bytes, not a copy. */
  area(name: A): Bytes;
}

export interface Structure<N extends string, A extends string> {
  readonly name: string;
  /** Bytes, padding included. */
  readonly size: number;
  readonly numbers: NumberFields<N>;
  readonly areas: AreaFields<A>;
  /** Numbers are rounded down and clipped to their field; areas are cut or filled up with zeros. */
  encode(numbers: Readonly<Record<N, number>>, areas: Readonly<Record<A, Bytes>>): Bytes;
  /** Undefined when fewer than `size` bytes stand at `at`. */
  read(bytes: Bytes, at?: number): StructureReader<N, A> | undefined;
}

/** A structure without byte areas; its `encode` takes `{}` for them. */
export function structure<N extends string>(
  name: string,
  size: number,
  numbers: NumberFields<N>,
): Structure<N, never> {
  return structureWithAreas(name, size, numbers, {});
}

export function structureWithAreas<N extends string, A extends string>(
  name: string,
  size: number,
  numbers: NumberFields<N>,
  areas: AreaFields<A>,
): Structure<N, A> {
  return {
    name,
    size,
    numbers,
    areas,
    encode(values, contents) {
      const bytes = new Uint8Array(size);
      const view = viewOf(bytes);
      for (const field in numbers) {
        const [offset, kind] = numbers[field];
        writeNumber(view, offset, kind, values[field]);
      }
      for (const field in areas) {
        const [offset, length] = areas[field];
        bytes.set(contents[field].subarray(0, length), offset);
      }
      return bytes;
    },
    read(bytes, at = 0) {
      if (at < 0 || at + size > bytes.length) return undefined;
      const view = viewOf(bytes);
      return {
        number(field) {
          const [offset, kind] = numbers[field];
          return readNumber(view, at + offset, kind);
        },
        area(field) {
          const [offset, length] = areas[field];
          return bytes.subarray(at + offset, at + offset + length);
        },
      };
    },
  };
}

const LIMITS: Readonly<Record<NumberKind, readonly [low: number, high: number]>> = {
  u8: [0, 0xff],
  u16: [0, 0xffff],
  u16be: [0, 0xffff],
  u32: [0, 0xffff_ffff],
  u32be: [0, 0xffff_ffff],
  i32: [-0x8000_0000, 0x7fff_ffff],
  u64: [0, Number.MAX_SAFE_INTEGER],
};

function writeNumber(view: DataView, offset: number, kind: NumberKind, given: number): void {
  const [low, high] = LIMITS[kind];
  const value = Number.isNaN(given) ? 0 : Math.min(high, Math.max(low, Math.floor(given)));
  switch (kind) {
    case 'u8':
      view.setUint8(offset, value);
      break;
    case 'u16':
      view.setUint16(offset, value, true);
      break;
    case 'u16be':
      view.setUint16(offset, value, false);
      break;
    case 'u32':
      view.setUint32(offset, value, true);
      break;
    case 'u32be':
      view.setUint32(offset, value, false);
      break;
    case 'i32':
      view.setInt32(offset, value, true);
      break;
    case 'u64':
      view.setBigUint64(offset, given === Infinity ? 0xffff_ffff_ffff_ffffn : BigInt(value), true);
      break;
  }
}

function readNumber(view: DataView, offset: number, kind: NumberKind): number {
  switch (kind) {
    case 'u8':
      return view.getUint8(offset);
    case 'u16':
      return view.getUint16(offset, true);
    case 'u16be':
      return view.getUint16(offset, false);
    case 'u32':
      return view.getUint32(offset, true);
    case 'u32be':
      return view.getUint32(offset, false);
    case 'i32':
      return view.getInt32(offset, true);
    case 'u64':
      return Number(view.getBigUint64(offset, true));
  }
}

function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Parts of variable structures begin at multiples of 8. */
export function roundedUp(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/** UTF-8 for a `char[length]`: cut so that a NUL always follows, never inside a character. */
export function textArea(text: string, length: number): Bytes {
  let bytes = new Uint8Array(Buffer.from(text, 'utf8'));
  if (bytes.length >= length) {
    let end = length - 1;
    while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
    bytes = bytes.slice(0, end);
  }
  return bytes;
}

/** The text before the first NUL, or all of it. */
export function textOf(area: Bytes): string {
  const end = area.indexOf(0);
  return Buffer.from(end < 0 ? area : area.subarray(0, end)).toString('utf8');
}
