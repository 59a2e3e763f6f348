/** As much DER as keys and signatures of node:crypto need where it has no words for them: INTEGERs and what is around. */
import type { Bytes } from '../../services/bytes.js';
import { concat } from '../../services/bytes.js';

export const DER = { integer: 0x02, bitString: 0x03, octetString: 0x04, sequence: 0x30 } as const;

/** Up to 65 535 bytes of content. */
export function derElement(tag: number, ...parts: readonly Bytes[]): Bytes {
  const inside = concat(...parts);
  const { length } = inside;
  const head =
    length < 0x80
      ? Uint8Array.of(tag, length)
      : length < 0x100
        ? Uint8Array.of(tag, 0x81, length)
        : Uint8Array.of(tag, 0x82, length >>> 8, length & 0xff);
  return concat(head, inside);
}

/** Positive, whatever its first bit is, and without leading zeros but the one that keeps it so. */
export function derInteger(magnitude: Bytes): Bytes {
  let start = 0;
  while (start < magnitude.length && magnitude[start] === 0) start++;
  const significant = magnitude.subarray(start);
  return derElement(
    DER.integer,
    ...((significant[0] ?? 0x80) < 0x80 ? [significant] : [Uint8Array.of(0), significant]),
  );
}

export interface DerContent {
  readonly tag: number;
  readonly start: number;
  /** Where the next element begins. */
  readonly end: number;
}

/** The element at `at`. What OpenSSL wrote is well formed; of anything else the numbers may point past its end. */
export function derContent(der: Bytes, at: number): DerContent {
  const tag = der[at] ?? 0;
  const first = der[at + 1] ?? 0;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const size = first & 0x7f;
  let length = 0;
  for (let i = 0; i < size; i++) length = length * 256 + (der[at + 2 + i] ?? 0);
  return { tag, start: at + 2 + size, end: at + 2 + size + length };
}

/** The magnitude of the INTEGER at `at`, or undefined when there is none. */
export function derMagnitude(der: Bytes, at: number): Bytes | undefined {
  const { tag, start, end } = derContent(der, at);
  if (tag !== DER.integer || end > der.length || end === start) return undefined;
  return der.subarray(der[start] === 0 ? start + 1 : start, end);
}
