/** SKEYID, its children and the Phase 1 cipher's key (RFC 2409 5 and appendix B). */
import { HASH_LENGTH } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import { concat, u8 } from '../bytes.js';
import type { Crypto, KeyParts } from '../ports/crypto.js';
import type { KeyExchange, Phase1Children } from '../ports/derivation.js';
import type { KeyHandle } from '../ports/keys.js';

export interface Phase1Keys extends Phase1Children {
  /** Proves both ends in Phase 1. */
  readonly skeyid: KeyHandle;
}

/** All of them, to be erased. */
export function handlesOf(keys: Phase1Keys): readonly KeyHandle[] {
  return [keys.skeyid, keys.skeyidD, keys.skeyidA, keys.skeyidE, keys.encryptionKey];
}

/** Those that exchanges under the SA use. */
export function usedKeys({ skeyidD, skeyidA, encryptionKey }: Phase1Keys): readonly KeyHandle[] {
  return [skeyidD, skeyidA, encryptionKey];
}

/** Ni_b and Nr_b: bodies of the nonce payloads, without generic header. */
export interface NoncedKeyExchange extends KeyExchange {
  readonly initiatorNonce: Bytes;
  readonly responderNonce: Bytes;
}

/** The caller erases what comes back; what went in stays. */
export function presharedPhase1Keys(
  crypto: Crypto,
  presharedKey: KeyHandle,
  input: NoncedKeyExchange,
): Phase1Keys {
  const { hash, initiatorNonce, responderNonce } = input;
  // RFC 2409 5: SKEYID = prf(pre-shared-key, Ni_b | Nr_b)
  return phase1Keys(crypto, crypto.prf(hash, presharedKey, initiatorNonce, responderNonce), input);
}

/** For signatures. */
export function signaturePhase1Keys(crypto: Crypto, input: NoncedKeyExchange): Phase1Keys {
  const { hash, initiatorNonce, responderNonce, sharedSecret } = input;
  // RFC 2409 5: SKEYID = prf(Ni_b | Nr_b, g^xy)
  return phase1Keys(crypto, crypto.prf(hash, concat(initiatorNonce, responderNonce), sharedSecret), input);
}

/** For public-key encryption, where the nonces are the secret that only the right ends can read. */
export function encryptionPhase1Keys(crypto: Crypto, input: NoncedKeyExchange): Phase1Keys {
  const { hash, initiatorNonce, responderNonce, initiatorCookie, responderCookie } = input;
  // RFC 2409 5: SKEYID = prf(hash(Ni_b | Nr_b), CKY-I | CKY-R)
  const key = crypto.hash(hash, initiatorNonce, responderNonce);
  return phase1Keys(crypto, crypto.prf(hash, key, initiatorCookie, responderCookie), input);
}

function phase1Keys(crypto: Crypto, skeyid: KeyHandle, input: KeyExchange): Phase1Keys {
  const { skeyidD, skeyidA, skeyidE, encryptionKey } = crypto.phase1Children(skeyid, input);
  return { skeyid, skeyidD, skeyidA, skeyidE, encryptionKey };
}

/** As `KeyDerivation.phase1Children`. */
export function phase1Children(crypto: KeyParts, skeyid: KeyHandle, input: KeyExchange): Phase1Children {
  const { hash, sharedSecret, initiatorCookie, responderCookie } = input;
  const skeyidD = crypto.prf(hash, skeyid, sharedSecret, initiatorCookie, responderCookie, u8(0));
  const skeyidA = crypto.prf(hash, skeyid, skeyidD, sharedSecret, initiatorCookie, responderCookie, u8(1));
  const skeyidE = crypto.prf(hash, skeyid, skeyidA, sharedSecret, initiatorCookie, responderCookie, u8(2));
  return { skeyidD, skeyidA, skeyidE, encryptionKey: cipherKey(crypto, skeyidE, input) };
}

/** RFC 2409 appendix B: the first bytes of SKEYID_e where it is long enough, else of K1 | K2 | ... grown from it. */
function cipherKey(crypto: KeyParts, skeyidE: KeyHandle, input: KeyExchange): KeyHandle {
  const length = input.keyBits >>> 3;
  if (length <= HASH_LENGTH[input.hash]) return crypto.slice([skeyidE], 0, length);
  const blocks: KeyHandle[] = [];
  let available = 0;
  for (let previous: KeyHandle | Bytes = u8(0); available < length; available += HASH_LENGTH[input.hash]) {
    const block = crypto.prf(input.hash, skeyidE, previous);
    blocks.push(block);
    previous = block;
  }
  const key = crypto.slice(blocks, 0, length);
  crypto.erase(...blocks);
  return key;
}
