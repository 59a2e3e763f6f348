/**
 * Which of several workers has a negotiation: the kernel hands out datagrams by the first four bytes of the initiator's
 * cookie (adapters/native/shared-port.c), and this is the same rule.
 */
import { type Bytes, readU32 } from '../bytes.js';
import type { Random } from '../ports/random.js';
import type { Cookie } from './header.js';

/** One of `count` workers; `index` counts from 0. */
export interface WorkerPlace {
  readonly index: number;
  readonly count: number;
}

export const ONLY_WORKER: WorkerPlace = { index: 0, count: 1 };

const DIGITS = 8;

export function workerOfCookie(initiatorCookie: Cookie, count: number): number {
  return workerOfBegin(Number.parseInt(initiatorCookie.slice(0, DIGITS), 16), count);
}

/** @param begin the first four bytes of the initiator's cookie as a number */
export function workerOfBegin(begin: number, count: number): number {
  return begin % count;
}

/** Gives eight bytes that make a cookie of this worker, to whoever asks for them. */
export function cookiesOf(random: Random, { index, count }: WorkerPlace): Random {
  return {
    bytes: (length) => {
      for (;;) {
        const bytes = random.bytes(length);
        if (workerOfBegin(readU32(bytes, 0), count) === index) return bytes;
      }
    },
  };
}

/** Of an address that all workers know alike: who begins with it what none of them has begun. */
export function workerOfBytes(bytes: Bytes, count: number): number {
  let sum = 0;
  for (const byte of bytes) sum = (sum * 31 + byte) % 0x1_00_00_00;
  return sum % count;
}
