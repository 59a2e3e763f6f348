/** Algorithms in calls that are written briefly, by number: they are the same few in all recordings. */
import type { HashAlgorithm, Phase1Cipher } from '../../services/algorithms.js';

export type AlgorithmName = HashAlgorithm | Phase1Cipher;

/** Those that are used most come first. */
export const ALGORITHM_NAMES: readonly AlgorithmName[] = [
  ...(['sha1', 'aes', 'sha256', 'md5', '3des', 'sha384', 'sha512', 'blowfish', 'des'] as const),
];

/** Index in `ALGORITHM_NAMES`. */
export function algorithmNumber(name: AlgorithmName): number {
  const { length } = ALGORITHM_NAMES;
  let number = 0;
  while (number < length && ALGORITHM_NAMES[number] !== name) number += 1;
  return number;
}
