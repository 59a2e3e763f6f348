/**
 * The outermost layer of DER: values one after the other, as slices of the bytes they came in. What stands inside them
 * is `@peculiar/asn1-x509`'s business. This layer is ours because signatures and identities need the exact bytes, and
 * because a CRL of 100 000 entries must cost no tree of objects.
 */
import { AsnConvert } from '@peculiar/asn1-schema';
import { type Bytes, hex } from '../bytes.js';
import { err, ok, type Result } from '../result.js';

export interface DerValue {
  readonly tag: number;
  readonly content: Bytes;
  /** Tag, length and content. */
  readonly whole: Bytes;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
} as const;

/** The value at `offset`; undefined when it is cut off, has no definite length, or a tag of several bytes. */
export function derValueAt(bytes: Bytes, offset: number): DerValue | undefined {
  const tag = bytes[offset];
  const first = bytes[offset + 1];
  if (tag === undefined || first === undefined || (tag & 0x1f) === 0x1f) return undefined;
  let length = first;
  let start = offset + 2;
  if (first >= 0x80) {
    const count = first & 0x7f;
    if (count === 0 || count > 4) return undefined;
    length = 0;
    for (let i = 0; i < count; i++) length = length * 0x100 + (bytes[start + i] ?? 0);
    start += count;
  }
  const end = start + length;
  if (end > bytes.length) return undefined;
  return { tag, content: bytes.subarray(start, end), whole: bytes.subarray(offset, end) };
}

/** All values of `bytes`, which they must fill; undefined when they do not, or are more than `most`. */
export function derValues(bytes: Bytes, most: number): readonly DerValue[] | undefined {
  const values: DerValue[] = [];
  for (let offset = 0; offset < bytes.length;) {
    const value = derValueAt(bytes, offset);
    if (value === undefined || values.length === most) return undefined;
    values.push(value);
    offset += value.whole.length;
  }
  return values;
}

/** The members of the SEQUENCE that `bytes` are, wholly. */
export function derSequence(bytes: Bytes, most: number): readonly DerValue[] | undefined {
  const outer = derValueAt(bytes, 0);
  if (outer?.tag !== TAG.sequence || outer.whole.length !== bytes.length) return undefined;
  return derValues(outer.content, most);
}

/** Bits of a non-negative INTEGER's content. */
export function bitLength(integer: Bytes): number {
  const first = integer.findIndex((byte) => byte !== 0);
  if (first < 0) return 0;
  return (integer.length - first - 1) * 8 + (32 - Math.clz32(integer[first] ?? 0));
}

/** Reads one value by its schema. The library throws for what does not fit; here that is a value. */
export function readAsn<T>(bytes: Bytes, schema: new () => T, what: string): Result<T, string> {
  try {
    return ok(AsnConvert.parse(bytes, schema));
  } catch {
    return err(`its ${what} cannot be read`);
  }
}

/** An INTEGER's content as hex without leading zeros: how serial numbers are compared and shown. */
export function integerText(integer: Bytes): string {
  return hex(integer).replace(/^(00)+(?=..)/, '');
}
