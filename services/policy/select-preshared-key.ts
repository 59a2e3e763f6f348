/**
 * Which pre-shared key is used between two addresses. In Main Mode the key is needed before the identity is known, so
 * the addresses decide (RFC 2409 5.4): the exact pair first, then the longest prefix on the remote side.
 */
import { failure } from '../failure/build.js';
import type { Failure } from '../failure/failure.js';
import { type Address, familyOf, formatRange, inRange } from '../net/address.js';
import { err, ok, type Result } from '../result.js';
import { EndsIndex } from './range-index.js';
import { placeOfPreshared, type PresharedIdentity, type PresharedKey } from './preshared-key.js';

/** Entries that a failure names because they nearly fit. */
const MOST_NEAR = 3;

function covers(identity: PresharedIdentity, address: Address): boolean {
  return 'range' in identity && inRange(address, identity.range);
}

/** Of one list of keys, made at the first question: lists are replaced, never changed. */
const indices = new WeakMap<readonly PresharedKey[], EndsIndex<PresharedKey>>();

function indexOf(keys: readonly PresharedKey[]): EndsIndex<PresharedKey> {
  const known = indices.get(keys);
  if (known !== undefined) return known;
  const rangesOf = (identity: PresharedIdentity) => ('range' in identity ? [identity.range] : []);
  const index = new EndsIndex(
    keys,
    ({ local }) => rangesOf(local),
    ({ remote }) => rangesOf(remote),
  );
  indices.set(keys, index);
  return index;
}

/** How precisely an identity names an address: prefix length, or all bits for a single one. */
export function precisionOf(identity: PresharedIdentity): number {
  if (!('range' in identity)) return -1;
  const { begin, end } = identity.range;
  if (begin === end) return familyOf(begin) === 4 ? 32 : 128;
  return identity.prefixLength ?? 0;
}

export function presharedKeyFor(
  keys: readonly PresharedKey[],
  local: Address,
  remote: Address,
  exchange: 'main' | 'aggressive',
): Result<{ readonly key: PresharedKey; readonly why: string }, Failure> {
  let best: PresharedKey | undefined;
  for (const key of indexOf(keys).covering(local, remote)) {
    const modeFits = key.mode === 'base' || key.mode === 'both' || key.mode === exchange;
    if (!modeFits) continue;
    if (best === undefined || moreExact(key, best)) best = key;
  }
  if (best === undefined) return err(noKey(keys, local, remote, exchange));
  return ok({ key: best, why: whyOf(best) });
}

/** Made once for each key: each negotiation wants them, and hardly anybody reads them. */
const reasons = new WeakMap<PresharedKey, string>();

function whyOf(key: PresharedKey): string {
  const known = reasons.get(key);
  if (known !== undefined) return known;
  const why = `The key used is that of ${describe(key)}, chosen by the two addresses.`;
  reasons.set(key, why);
  return why;
}

function moreExact(key: PresharedKey, other: PresharedKey): boolean {
  const remote = precisionOf(key.remote) - precisionOf(other.remote);
  return remote === 0 ? precisionOf(key.local) > precisionOf(other.local) : remote > 0;
}

function describe(key: PresharedKey): string {
  const side = (identity: PresharedIdentity): string =>
    'range' in identity ? formatRange(identity.range) : identity.text;
  const { file, line } = key.position;
  return `${file}:${String(line)} (localid ${side(key.local)}, remoteid ${side(key.remote)})`;
}

function noKey(keys: readonly PresharedKey[], local: Address, remote: Address, exchange: string): Failure {
  const near: PresharedKey[] = [];
  for (const key of keys) {
    if ((covers(key.local, local) || covers(key.remote, remote)) && near.push(key) === MOST_NEAR) break;
  }
  return failure(
    'no-preshared-key',
    { exchange: '', message: 0 },
    'config',
    `No entry of ike.preshared is for ${local} with ${remote} in ${exchange} mode.${near.length === 0 ? '' : ` Near: ${near.map(describe).join('; ')}.`}`,
    'Add an entry with these two addresses as localid and remoteid, and load it.',
    { places: near.map(placeOfPreshared) },
  );
}
