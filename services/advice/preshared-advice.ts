/** What is weak or ambiguous in ike.preshared, though it is valid. */
import type { Bytes } from '../bytes.js';
import type { Diagnostic } from '../config/diagnostic.js';
import { type AddressRange, formatRange, rangeContains } from '../net/address.js';
import type { PresharedIdentity, PresharedKey } from '../policy/preshared-key.js';
import { EndsIndex } from '../policy/range-index.js';
import type { KeyHandle } from '../ports/keys.js';
import { keyWeakness } from './key-weakness.js';
import { warning } from './warning.js';

/** `bytesOf` is asked once for each entry; what it gives is looked at and not kept. */
export function presharedAdvice(
  keys: readonly PresharedKey[],
  bytesOf: (key: KeyHandle) => Bytes | undefined,
): readonly Diagnostic[] {
  const ends = new EndsIndex(
    keys.map((entry, index) => ({ entry, index })),
    ({ entry }) => rangesOf(entry.local),
    ({ entry }) => rangesOf(entry.remote),
  );
  const earlierThan = ({ local, remote }: PresharedKey, index: number): readonly PresharedKey[] =>
    'range' in local && 'range' in remote
      ? ends
          .meeting(local.range, remote.range)
          .filter((other) => other.index < index)
          .map(({ entry }) => entry)
      : [];
  return keys.flatMap((entry, index) => [
    ...overlapAdvice(entry, earlierThan(entry, index)),
    ...weaknessAdvice(entry, bytesOf(entry.key)),
  ]);
}

function weaknessAdvice({ key: _, ...entry }: PresharedKey, bytes: Bytes | undefined): readonly Diagnostic[] {
  const weakness = bytes && keyWeakness(bytes, [...namesOf(entry.local), ...namesOf(entry.remote)]);
  if (weakness === undefined) return [];
  return [
    warning(
      entry.position,
      `the key ${weakness}`,
      'use 128 random bits or more, for instance of openssl rand -hex 32',
    ),
  ];
}

function namesOf(identity: PresharedIdentity): readonly string[] {
  if (!('range' in identity)) return [identity.text];
  return [identity.range.begin, identity.range.end];
}

/** Two entries that one pair of addresses fits; the parser has refused those for the same two ends. */
function overlapAdvice(entry: PresharedKey, earlier: readonly PresharedKey[]): readonly Diagnostic[] {
  const other = earlier.find(
    (candidate) =>
      sameMode(candidate, entry) &&
      overlap(candidate.local, entry.local) &&
      overlap(candidate.remote, entry.remote),
  );
  if (other === undefined) return [];
  return [
    warning(
      entry.position,
      `addresses of remoteid ${words(entry.remote)} fit the entry of line ${String(other.position.line)} (${words(other.remote)}), too`,
      'the more exact remoteid is used; make sure that the peer has that key',
    ),
  ];
}

function sameMode(a: PresharedKey, b: PresharedKey): boolean {
  const any = (mode: PresharedKey['mode']): boolean => mode === 'base' || mode === 'both';
  return any(a.mode) || any(b.mode) || a.mode === b.mode;
}

function overlap(a: PresharedIdentity, b: PresharedIdentity): boolean {
  if (!('range' in a) || !('range' in b)) return false;
  return rangeContains(a.range, b.range) || rangeContains(b.range, a.range);
}

function rangesOf(identity: PresharedIdentity): readonly AddressRange[] {
  return 'range' in identity ? [identity.range] : [];
}

function words(identity: PresharedIdentity): string {
  return 'range' in identity ? formatRange(identity.range) : identity.text;
}
