/**
 * Data attribute (RFC 2408 3.3): basic when AF is 1, variable when it is 0.
 *
 *     0                   1                   2                   3
 *     0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *    +-+-----------------------------+-------------------------------+
 *    !A!       Attribute Type        !    AF=0  Attribute Length     !
 *    !F!                             !    AF=1  Attribute Value      !
 *    +-+-----------------------------+-------------------------------+
 *    .                   AF=0  Attribute Value                       .
 *    +---------------------------------------------------------------+
 */
import type { Bytes } from '../../bytes.js';
import { err, ok, type Result } from '../../result.js';
import type { DecodeFault } from '../decode-fault.js';
import type { Field } from '../fields.js';
import { Reader } from '../reader.js';
import { Writer } from '../writer.js';

export type Attribute =
  | { readonly type: number; readonly form: 'basic'; readonly value: number }
  | { readonly type: number; readonly form: 'variable'; readonly value: Bytes };

const BASIC = 0x8000;
const MOST_ATTRIBUTES = 64;

/** Attributes up to the end of the structure, in their order, known or not. */
export const attributes: Field<readonly Attribute[]> = {
  width: undefined,
  read(reader) {
    const list: Attribute[] = [];
    while (reader.remaining > 0) {
      list.push(readAttribute(reader));
      if (list.length > MOST_ATTRIBUTES) {
        reader.fail('too-many', `there are more than ${String(MOST_ATTRIBUTES)} attributes`);
      }
    }
    return list;
  },
  size(list) {
    let size = 0;
    for (const { form, value } of list) size += form === 'basic' ? 4 : 4 + value.length;
    return size;
  },
  write(writer, list) {
    for (const attribute of list) writeAttribute(writer, attribute);
  },
};

function readAttribute(reader: Reader): Attribute {
  reader.countStructure();
  reader.enter('attribute');
  reader.enter('attributeType');
  const head = reader.u16();
  reader.leave();
  const type = head & 0x7fff;
  const attribute = (head & BASIC) !== 0 ? readBasic(reader, type) : readVariable(reader, type);
  reader.leave();
  return attribute;
}

function readBasic(reader: Reader, type: number): Attribute {
  reader.enter('attributeValue');
  const value = reader.u16();
  reader.leave();
  return { type, form: 'basic', value };
}

function readVariable(reader: Reader, type: number): Attribute {
  reader.enter('length');
  const length = reader.u16();
  reader.leave();
  reader.enter('attributeValue');
  const value = reader.window(length, 'attribute').rest();
  reader.leave();
  return { type, form: 'variable', value };
}

function writeAttribute(writer: Writer, attribute: Attribute): void {
  if (attribute.form === 'basic') {
    writer.number(attribute.type | BASIC, 2);
    writer.number(attribute.value, 2);
    return;
  }
  writer.number(attribute.type & 0x7fff, 2);
  writer.number(attribute.value.length, 2);
  writer.bytes(attribute.value);
}

/** Attributes outside an SA payload, as in the data of a RESPONDER-LIFETIME notify (RFC 2407 4.6.3.1). */
export function decodeAttributes(bytes: Bytes): Result<readonly Attribute[], DecodeFault> {
  const reader = new Reader(bytes, 'attribute');
  const list = attributes.read(reader, new Map());
  return reader.fault === undefined ? ok(list) : err(reader.fault);
}

export function encodeAttributes(list: readonly Attribute[]): Bytes {
  const writer = new Writer(attributes.size(list));
  attributes.write(writer, list, new Map());
  return writer.take();
}

/**
 * The value as a number. A variable one is big-endian of any length; what does not fit is clipped to
 * `Number.MAX_SAFE_INTEGER`, so that an enormous lifetime stays enormous.
 */
export function attributeNumber(attribute: Attribute): number {
  if (attribute.form === 'basic') return attribute.value;
  let value = 0;
  for (const byte of attribute.value) value = Math.min(value * 256 + byte, Number.MAX_SAFE_INTEGER);
  return value;
}

/** The value of the first attribute of a type, as `attributeNumber` has it; undefined where there is none. */
export function firstNumber(list: readonly Attribute[], type: number): number | undefined {
  for (const attribute of list) if (attribute.type === type) return attributeNumber(attribute);
  return undefined;
}

/** Why an attribute cannot be sent, or undefined. */
export function attributeFault(attribute: Attribute): string | undefined {
  if (attribute.type < 0 || attribute.type > 0x7fff)
    return `attribute type ${String(attribute.type)} is impossible`;
  if (attribute.form === 'variable') {
    return attribute.value.length > 0xffff ? 'an attribute is longer than 65535 bytes' : undefined;
  }
  return attribute.value < 0 || attribute.value > 0xffff
    ? `basic attribute ${String(attribute.type)} has the impossible value ${String(attribute.value)}`
    : undefined;
}
