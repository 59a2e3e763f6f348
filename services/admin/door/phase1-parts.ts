/** The variable parts of a Phase 1 SA: usage, error counters, keys. */
import { concat, type Bytes } from '../../bytes.js';
import { roundedUp, structure } from '../../c-structure.js';

export const P1_STATS = structure('p1_stats', 24, {
  quickModeSasCreated: [0, 'u32'],
  quickModeSasDeleted: [4, 'u32'],
  created: [8, 'u64'],
  kilobytes: [16, 'u32'],
  keyUses: [20, 'u32'],
});
export const P1_ERRORS = structure('p1_errors', 16, {
  decryption: [0, 'u32'],
  hash: [4, 'u32'],
  other: [8, 'u32'],
  transmit: [12, 'u32'],
});
export const P1_KEY = structure('p1_key', 8, { type: [0, 'u32'], length: [4, 'u32'] });

export interface Phase1Usage {
  /** Counts single SAs, not pairs. */
  readonly quickModeSasCreated: number;
  readonly quickModeSasDeleted: number;
  /** Seconds since 1970 UTC. */
  readonly created: number;
  readonly kilobytes: number;
  /** How often keying material for IPsec SAs was taken from it. */
  readonly keyUses: number;
}

export interface Phase1Errors {
  readonly decryption: number;
  readonly hash: number;
  readonly other: number;
  readonly transmit: number;
}

export const KEY_TYPE = {
  preshared: 1,
  skeyid: 2,
  skeyid_d: 3,
  skeyid_a: 4,
  skeyid_e: 5,
  encryption: 6,
  iv: 7,
} as const;

export interface KeyRecord {
  readonly type: number;
  /** Undefined: the item claims a length below that of its own head. */
  readonly bytes: Bytes | undefined;
}

export function encodeUsage(usage: Phase1Usage): Bytes {
  return P1_STATS.encode(usage, {});
}

export function decodeUsage(part: Bytes): Phase1Usage | undefined {
  const stats = P1_STATS.read(part);
  return (
    stats && {
      quickModeSasCreated: stats.number('quickModeSasCreated'),
      quickModeSasDeleted: stats.number('quickModeSasDeleted'),
      created: stats.number('created'),
      kilobytes: stats.number('kilobytes'),
      keyUses: stats.number('keyUses'),
    }
  );
}

export function encodeErrors(errors: Phase1Errors): Bytes {
  return P1_ERRORS.encode(errors, {});
}

export function decodeErrors(part: Bytes): Phase1Errors | undefined {
  const errors = P1_ERRORS.read(part);
  return (
    errors && {
      decryption: errors.number('decryption'),
      hash: errors.number('hash'),
      other: errors.number('other'),
      transmit: errors.number('transmit'),
    }
  );
}

/** One after the other; `length` counts the head but not the padding to 8. */
export function encodeKeys(keys: readonly KeyRecord[]): Bytes {
  return concat(
    ...keys.flatMap(({ type, bytes = new Uint8Array(0) }) => {
      const length = P1_KEY.size + bytes.length;
      return [P1_KEY.encode({ type, length }, {}), bytes, new Uint8Array(roundedUp(length) - length)];
    }),
  );
}

/** Undefined when an item reaches beyond the part. An item too short for its own head ends the list. */
export function decodeKeys(part: Bytes): readonly KeyRecord[] | undefined {
  const keys: KeyRecord[] = [];
  let at = 0;
  while (at < part.length) {
    const head = P1_KEY.read(part, at);
    if (head === undefined) return undefined;
    const length = head.number('length');
    if (at + length > part.length) return undefined;
    if (length < P1_KEY.size) {
      keys.push({ type: head.number('type'), bytes: undefined });
      break;
    }
    keys.push({
      type: head.number('type'),
      bytes: Uint8Array.from(part.subarray(at + P1_KEY.size, at + length)),
    });
    at += roundedUp(length);
  }
  return keys;
}
