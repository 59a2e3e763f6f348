/** Values of port calls as text, and which of their numbers are key handles. */
import { type Bytes, fromHex, hex } from '../bytes.js';
import type { CallOutcome, Json, RecordedPort } from './entry.js';

/** What stands for a value that was left out. */
export const LEFT_OUT = '?';
/** At the end of a list: any number of values. */
export const REST_LEFT_OUT = '?...';

/** The arguments that are handles where they are numbers; from `rest` on all are. */
const HANDLES: Readonly<Record<string, { readonly at?: number; readonly rest?: number }>> = {
  digest: { rest: 1 },
  prf: { rest: 1 },
  mac: { rest: 1 },
  slice: { at: 0 },
  lengthOf: { at: 0 },
  encrypt: { at: 1 },
  decrypt: { at: 1 },
  sharedSecret: { at: 1 },
  signDss: { at: 1 },
  verifyDss: { at: 2 },
  phase1Children: { rest: 0 },
  ipsecKeys: { rest: 1 },
};

const HANDLE_RESULTS: ReadonlySet<string> = new Set([
  ...['prf', 'slice', 'sharedSecret', 'phase1Children', 'ipsecKeys'],
]);

/** How a handle is named in a recording. */
export type HandleName = (handle: number) => string;

export const plainHandle: HandleName = (handle) => `#${String(handle)}`;

export function argumentsText(
  port: RecordedPort,
  op: string,
  args: readonly unknown[],
  name: HandleName,
): readonly Json[] {
  if (port !== 'crypto') return args.map((arg) => valueText(arg, port === 'kernel' ? name : undefined));
  const { at, rest } = HANDLES[op] ?? {};
  return args.map((arg, index) => {
    const isHandle = index === at || (rest !== undefined && index >= rest);
    return valueText(arg, isHandle ? name : undefined, isHandle);
  });
}

export function resultText(port: RecordedPort, op: string, result: unknown, name: HandleName): Json {
  if (port === 'crypto' && op === 'generateKeyPair') return valueText(result, name);
  return valueText(result, name, port === 'crypto' && HANDLE_RESULTS.has(op));
}

/** Names of fields that hold handles. */
const HANDLE_FIELDS: ReadonlySet<string> = new Set(['key', 'privateKey', 'handle']);

function valueText(value: unknown, name: HandleName | undefined, isHandle = false): Json {
  if (value instanceof Uint8Array) return bytesText(value);
  if (typeof value === 'number') return isHandle && name !== undefined ? name(value) : value;
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map((part: unknown) => valueText(part, name, isHandle));
  if (typeof value !== 'object' || value === null) return null;
  const fields: Record<string, Json> = {};
  for (const [field, part] of Object.entries(value)) {
    // Private keys are named by their kind; `handle` would be another one in each run.
    if (part === undefined || (field === 'handle' && 'bits' in value)) continue;
    fields[field] = valueText(part, name, HANDLE_FIELDS.has(field));
  }
  return fields;
}

export function errorText(error: unknown): CallOutcome {
  if (!(error instanceof Error)) return { error: { message: String(error) } };
  const fields: Record<string, Json> = {};
  for (const [field, value] of Object.entries(error)) {
    if (value !== undefined) fields[field] = valueText(value, undefined);
  }
  return { error: { ...fields, name: error.name, message: error.message } };
}

export function bytesText(bytes: Bytes): string {
  return `0x${hex(bytes)}`;
}

/** Undefined where it is no bytes. */
export function textBytes(text: Json | undefined): Bytes | undefined {
  if (typeof text !== 'string' || !/^0x([0-9a-f]{2})*$/.test(text)) return undefined;
  return fromHex(text.slice(2));
}

/** The number of `#12`; undefined where it is no handle. */
export function handleNumber(text: Json | undefined): number | undefined {
  return typeof text === 'string' && /^#\d+$/.test(text) ? Number(text.slice(1)) : undefined;
}

/** The handles of a list, undefined where there is none; undefined where it is no such list. */
export function handleNumbers(text: Json | undefined): readonly (number | undefined)[] | undefined {
  return text !== undefined && isList(text) ? text.map(handleNumber) : undefined;
}

/** Whether two texts say the same. What was left out is never held against anybody. */
export function sameText(a: Json, b: Json): boolean {
  if (a === LEFT_OUT || b === LEFT_OUT || a === b) return true;
  if (isList(a) || isList(b)) return isList(a) && isList(b) && sameList(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].every((key) => {
    const [one, other] = [a[key], b[key]];
    return one !== undefined && other !== undefined && sameText(one, other);
  });
}

function sameList(a: readonly Json[], b: readonly Json[]): boolean {
  const ends = [a, b].flatMap((list) => (list.at(-1) === REST_LEFT_OUT ? [list.length - 1] : []));
  if (ends.length === 0 && a.length !== b.length) return false;
  const most = Math.min(a.length, b.length, ...ends);
  if (most < Math.max(...ends)) return false;
  return a.slice(0, most).every((part, index) => sameText(part, b[index] ?? null));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
