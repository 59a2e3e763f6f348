/**
 * By what a message that comes again is known: 52 bits of its bytes, without cryptography. Whoever makes another message
 * with the mark of one that was accepted gains what sending that one again would give: at most our last answer.
 */
import type { Bytes } from '../bytes.js';

const MULTIPLIERS = [0x01000193, 0x85ebca6b] as const;
/** The second half has so many bits. */
const LOW_BITS = 20;

export function markOf(bytes: Bytes): number {
  let high = 0x811c9dc5;
  let low = bytes.length;
  for (const byte of bytes) {
    high = Math.imul(high ^ byte, MULTIPLIERS[0]);
    low = Math.imul(low ^ byte, MULTIPLIERS[1]) ^ (low >>> 15);
  }
  return (high >>> 0) * 2 ** LOW_BITS + (low >>> (32 - LOW_BITS));
}
