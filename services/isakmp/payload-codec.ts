/** A payload as a whole: its kind and number, its body's decoder and encoder, and what its values must satisfy. */
import type { Bytes } from '../bytes.js';
import { type Blank, DATA, type FieldList } from './fields.js';
import type { Reader } from './reader.js';
import type { VerifyFault } from './verify-fault.js';
import type { Writer } from './writer.js';

/** A fault whose payload goes without saying; its explanation is a clause about `it`. */
export type ValueFault = Omit<VerifyFault, 'payload'>;

/** What every payload that was read has. */
export interface PayloadHead<K extends string> {
  readonly kind: K;
  /** The body as it came, without the generic header: what IKEv1 hashes (RFC 2409 5). */
  readonly raw: Bytes;
}

export interface PayloadCodec<K extends string, T> {
  readonly kind: K;
  /** Number in Next Payload fields (RFC 2408 3.1). */
  readonly type: number;
  /** Reads the body, which is everything after the generic header. Structure only. */
  read(reader: Reader): PayloadHead<K> & Readonly<T>;
  /** Bytes of the body. */
  size(value: Readonly<T>): number;
  write(writer: Writer, value: Readonly<T>): void;
  /** The first thing the values must not say, or undefined. What verifies can be encoded. */
  verify(value: Readonly<T>): VerifyFault | undefined;
}

/** `blank`: a payload whose body is `raw`, with all fields of the list and nothing in them yet. */
export function payloadCodec<K extends string, T extends object>(
  kind: K,
  type: number,
  fields: FieldList<T>,
  blank: (raw: Bytes) => PayloadHead<K> & Blank<T>,
  verify: (value: Readonly<T>) => ValueFault | undefined,
): PayloadCodec<K, T> {
  return {
    kind,
    type,
    read(reader) {
      const value = fields.read(reader, blank(reader.peek()));
      reader.finish();
      return value;
    },
    size: (value) => fields.size(value),
    write(writer, value) {
      fields.write(writer, value);
    },
    verify(value) {
      const fault = verify(value);
      return fault === undefined
        ? undefined
        : { ...fault, payload: kind, explanation: `the ${kind} payload is wrong: ${fault.explanation}` };
    },
  };
}

/** The codec of a payload that is one field of bytes. */
export function dataCodec<K extends string>(
  kind: K,
  type: number,
  verify: (value: { readonly data: Bytes }) => ValueFault | undefined,
): PayloadCodec<K, { data: Bytes }> {
  return payloadCodec(kind, type, DATA, (raw) => ({ kind, raw, data: raw }), verify);
}
