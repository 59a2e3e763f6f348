/** CBC's IVs (RFC 2409 appendix B). Within an exchange the next IV is the last block of ciphertext seen, either way. */
import type { HashAlgorithm, Phase1Cipher } from '../algorithms.js';
import { PHASE1_BLOCK_LENGTH } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import { u32 } from '../bytes.js';
import type { Crypto } from '../ports/crypto.js';

/** The IV of the first encrypted message of Phase 1; the public values are as on the wire. */
export function phase1Iv(
  crypto: Crypto,
  hash: HashAlgorithm,
  cipher: Phase1Cipher,
  initiatorPublic: Bytes,
  responderPublic: Bytes,
): Bytes {
  return part(crypto.hash(hash, initiatorPublic, responderPublic), 0, PHASE1_BLOCK_LENGTH[cipher]);
}

/** The IV of the first message of a Quick Mode or an Informational exchange; each has its own chain. */
export function phase2Iv(
  crypto: Crypto,
  hash: HashAlgorithm,
  cipher: Phase1Cipher,
  lastPhase1Block: Bytes,
  messageId: number,
): Bytes {
  return part(crypto.hash(hash, lastPhase1Block, u32(messageId)), 0, PHASE1_BLOCK_LENGTH[cipher]);
}

/** A copy of the last block, so that it does not hold the whole message in memory. */
export function lastBlock(cipher: Phase1Cipher, ciphertext: Bytes): Bytes {
  const length = PHASE1_BLOCK_LENGTH[cipher];
  return part(ciphertext, ciphertext.length - length, length);
}

/** A copy; of so few bytes a loop costs less than `slice`. */
function part(bytes: Bytes, start: number, length: number): Bytes {
  const copy = new Uint8Array(length);
  for (let at = 0; at < length; at += 1) copy[at] = bytes[start + at] ?? 0;
  return copy;
}
