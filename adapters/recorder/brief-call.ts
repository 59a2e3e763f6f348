/** What the few values of a call mean that `Piece.brief` wrote: `recorded-crypto.ts` and `recorded-ports.ts` say which they are. */
import type { Bytes } from '../../services/bytes.js';
import { REST_LEFT_OUT } from '../../services/record/values.js';
import type { OperationName, OperationOf } from './operation.js';

export interface Brief {
  readonly name: string | undefined;
  readonly first: number;
  readonly second: number;
  readonly third: number;
  readonly one: Bytes | undefined;
  readonly two: Bytes | undefined;
  readonly three: Bytes | undefined;
}

type Meaning = (brief: Brief) => readonly [args: readonly unknown[], value: unknown];

/** A key is a handle or bytes. */
const keyOf = ({ first, one }: Brief): unknown => one ?? first;
const enciphered: Meaning = ({ name, first, one, two, three }) => [[name, first, one, two], three];

const MEANINGS: Partial<Readonly<Record<OperationName, Meaning>>> = {
  generateKeyPair: ({ first, second, one }) => [[first], { privateKey: second, publicValue: one }],
  sharedSecret: ({ first, second, third, one }) => [[first, second, one], third],
  prf: (brief) => [[brief.name, keyOf(brief), REST_LEFT_OUT], brief.second],
  mac: ({ name, first, one }) => [[name, first, REST_LEFT_OUT], one],
  encrypt: enciphered,
  decrypt: enciphered,
  bytes: ({ first, one }) => [[first], one],
};

/** Undefined where this operation is not written so. */
export function callOf(
  { port, op }: OperationOf,
  brief: Brief,
):
  | (OperationOf & { readonly args: readonly unknown[]; readonly outcome: { readonly value: unknown } })
  | undefined {
  const meaning = MEANINGS[op];
  if (meaning === undefined) return undefined;
  const [args, value] = meaning(brief);
  return { port, op, args, outcome: { value } };
}
