/** A payload as a whole: its kind and number, its body's decoder and encoder, and what its values must satisfy. */
import type { FieldList } from './fields.js';
import type { Reader } from './reader.js';
import type { VerifyFault } from './verify-fault.js';
import type { Writer } from './writer.js';

/** A fault whose payload goes without saying; its explanation is a clause about `it`. */
export type ValueFault = Omit<VerifyFault, 'payload'>;

export interface PayloadCodec<K extends string, T> {
  readonly kind: K;
  /** Number in Next Payload fields (RFC 2408 3.1). */
  readonly type: number;
  /** Reads the body, which is everything after the generic header. Structure only. */
  read(reader: Reader): { readonly kind: K } & Readonly<T>;
  write(writer: Writer, value: Readonly<T>): void;
  /** The first thing the values must not say, or undefined. What verifies can be encoded. */
  verify(value: Readonly<T>): VerifyFault | undefined;
}

export function payloadCodec<K extends string, T extends object>(
  kind: K,
  type: number,
  fields: FieldList<T>,
  verify: (value: Readonly<T>) => ValueFault | undefined,
): PayloadCodec<K, T> {
  return {
    kind,
    type,
    read(reader) {
      const value = fields.read(reader);
      reader.finish();
      return { kind, ...value };
    },
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
