/**
 * What a recording without secrets must not hold although it is no key: by HASH_I and HASH_R of Main Mode, which are
 * encrypted on the wire, anybody could try pre-shared keys from a dictionary; and under public-key encryption the nonces
 * are the key (RFC 2409 5.2). They are replaced by noise of the same length, equal values by equal noise, so that a
 * replay still sees what agrees and what does not.
 */
import { type Bytes, hex } from '../bytes.js';
import { EXCHANGE } from '../isakmp/registries/exchange-types.js';
import type { CallOutcome, Entry, Json } from './entry.js';
import { LEFT_OUT, textBytes } from './values.js';

/** Noise of the same length that is the same for the same bytes, and from which they cannot be had. */
export type Noise = (bytes: Bytes) => Bytes;

const EXCHANGE_TYPE_AT = 18;
/** No payload that proves anything is shorter. */
const SHORTEST = 8;

export function veiled(entries: readonly Entry[], noise: Noise): readonly Entry[] {
  const hidden = new Map<string, string>();
  const hide = (text: Json | undefined): void => {
    const bytes = textBytes(text);
    if (bytes !== undefined && bytes.length >= SHORTEST) hidden.set(hex(bytes), hex(noise(bytes)));
  };
  // What has been on the wire in the clear is no secret any more.
  if (!entries.some(isAggressive)) {
    for (const entry of entries) {
      if (
        entry.kind === 'call' &&
        entry.op === 'mac' &&
        entry.outcome !== undefined &&
        'value' in entry.outcome
      )
        hide(entry.outcome.value);
    }
  }
  const sealed = new Set(
    entries.flatMap((entry) => (entry.kind === 'call' && entry.op === 'encryptRsa' ? [entry.args[1]] : [])),
  );
  for (const entry of entries) {
    if (entry.kind !== 'call' || entry.port !== 'random' || entry.outcome === undefined) continue;
    if ('value' in entry.outcome && sealed.has(entry.outcome.value)) hide(entry.outcome.value);
  }
  for (const nonce of openedNonces(entries)) hide(nonce);
  if (hidden.size === 0) return entries;
  const any = new RegExp([...hidden.keys()].join('|'), 'g');
  const cover = (text: string): string => text.replace(any, (found) => hidden.get(found) ?? found);
  return entries.map((entry) => covered(entry, cover, sealed.size > 0));
}

function isAggressive(entry: Entry): boolean {
  if (entry.kind !== 'in' && entry.kind !== 'out') return false;
  return textBytes(entry.bytes)?.[EXCHANGE_TYPE_AT] === EXCHANGE.aggressive;
}

/** Identity and nonce of the peer are opened in turn. */
function openedNonces(entries: readonly Entry[]): readonly (Json | undefined)[] {
  const numbers = entries
    .filter((entry) => entry.kind === 'call')
    .filter(({ op }) => op === 'decryptRsa')
    .map(({ by, number }) => `${by} ${String(number)}`)
    .filter((_, index) => index % 2 === 1);
  return entries
    .filter((entry) => entry.kind === 'done')
    .filter(({ by, number }) => numbers.includes(`${by} ${String(number)}`))
    .map(({ outcome }) => ('value' in outcome ? outcome.value : undefined));
}

function covered(entry: Entry, cover: (text: string) => string, keyed: boolean): Entry {
  if (entry.kind !== 'call' && entry.kind !== 'done') return entry;
  if (entry.kind === 'done') return { ...entry, outcome: coverOutcome(entry.outcome, cover) };
  const args = entry.args.map((arg, index) =>
    // SKEYID = prf(hash(Ni | Nr), ...)
    keyed && entry.op === 'prf' && index === 1 && textBytes(arg) !== undefined
      ? LEFT_OUT
      : coverJson(arg, cover),
  );
  return {
    ...entry,
    args,
    ...(entry.outcome === undefined ? {} : { outcome: coverOutcome(entry.outcome, cover) }),
  };
}

function coverOutcome(outcome: CallOutcome, cover: (text: string) => string): CallOutcome {
  return 'value' in outcome ? { value: coverJson(outcome.value, cover) } : outcome;
}

function coverJson(value: Json, cover: (text: string) => string): Json {
  if (typeof value === 'string') return value.startsWith('0x') ? cover(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (isList(value)) return value.map((part) => coverJson(part, cover));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, coverJson(part, cover)]));
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
