/**
 * Two ends may make the same thing at once. Both see both results, so both can tell which of the two stays: the one
 * whose lowest identifier is the higher. The end that made the other one retires and deletes it; nobody else does.
 */
import { hexOfNumber } from '../bytes.js';
import type { SpiPair } from '../ports/kernel.js';
import type { Phase1Sa } from './phase1-sa.js';

/** Of two Phase 1 SAs: whether `one` yields. Cookies are compared as they are written. */
export function phase1Yields(one: Phase1Sa, other: Phase1Sa): boolean {
  return lowest(cookiesOf(one)) < lowest(cookiesOf(other));
}

/** Of two Quick Modes for the same traffic: whether the SAs of `one` yield. */
export function phase2Yields(one: readonly SpiPair[], other: readonly SpiPair[]): boolean {
  return lowest(spisOf(one)) < lowest(spisOf(other));
}

function cookiesOf({ initiatorCookie, responderCookie }: Phase1Sa): readonly string[] {
  return [initiatorCookie, responderCookie];
}

/** As text of equal length, so that text compares like numbers. Each end sees the same set, from the other side. */
function spisOf(pairs: readonly SpiPair[]): readonly string[] {
  return pairs.flatMap(({ inboundSpi, outboundSpi }) => [inboundSpi, outboundSpi].map(hexOfNumber));
}

function lowest(words: readonly string[]): string {
  return words.reduce((least, word) => (word < least ? word : least));
}
