/** The hashes by which the ends prove themselves in Phase 1 and their messages in Phase 2 (RFC 2409 5, 5.5, 5.7). */
import type { HashAlgorithm } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import { u32, u8 } from '../bytes.js';
import type { Crypto } from '../ports/crypto.js';
import type { KeyHandle } from '../ports/keys.js';

export interface Phase1Proof {
  readonly hash: HashAlgorithm;
  readonly skeyid: KeyHandle;
  readonly initiatorPublic: Bytes;
  readonly responderPublic: Bytes;
  readonly initiatorCookie: Bytes;
  readonly responderCookie: Bytes;
  /** SAi_b: body of the initiator's SA payload with every proposal offered, by both ends. */
  readonly saBody: Bytes;
  /** IDii_b or IDir_b: body of the identification payload of the end that proves itself. */
  readonly idBody: Bytes;
}

/** What HASH_I is made of: g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b. DSS hashes it in its own way (RFC 2409 5.1). */
export function initiatorProofParts(input: Phase1Proof): readonly Bytes[] {
  return [
    input.initiatorPublic,
    input.responderPublic,
    input.initiatorCookie,
    input.responderCookie,
    input.saBody,
    input.idBody,
  ];
}

/** What HASH_R is made of: g^xr | g^xi | CKY-R | CKY-I | SAi_b | IDir_b */
export function responderProofParts(input: Phase1Proof): readonly Bytes[] {
  return [
    input.responderPublic,
    input.initiatorPublic,
    input.responderCookie,
    input.initiatorCookie,
    input.saBody,
    input.idBody,
  ];
}

/** HASH_I = prf(SKEYID, g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b) */
export function initiatorProof(crypto: Crypto, input: Phase1Proof): Bytes {
  return crypto.mac(input.hash, input.skeyid, ...initiatorProofParts(input));
}

/** HASH_R = prf(SKEYID, g^xr | g^xi | CKY-R | CKY-I | SAi_b | IDir_b) */
export function responderProof(crypto: Crypto, input: Phase1Proof): Bytes {
  return crypto.mac(input.hash, input.skeyid, ...responderProofParts(input));
}

interface Phase2Message {
  readonly hash: HashAlgorithm;
  readonly skeyidA: KeyHandle;
  readonly messageId: number;
}

export interface MessageAfterHash extends Phase2Message {
  /** All that follows the HASH payload, generic headers included and padding not. */
  readonly rest: Bytes;
}

/** HASH(1) = prf(SKEYID_a, M-ID | rest) */
export function quickModeHash1(crypto: Crypto, input: MessageAfterHash): Bytes {
  return crypto.mac(input.hash, input.skeyidA, u32(input.messageId), input.rest);
}

/** HASH(2) = prf(SKEYID_a, M-ID | Ni_b | rest); `initiatorNonce` is Ni_b. */
export function quickModeHash2(
  crypto: Crypto,
  input: MessageAfterHash & { readonly initiatorNonce: Bytes },
): Bytes {
  return crypto.mac(input.hash, input.skeyidA, u32(input.messageId), input.initiatorNonce, input.rest);
}

/** HASH(3) = prf(SKEYID_a, 0 | M-ID | Ni_b | Nr_b), the zero one byte. */
export function quickModeHash3(
  crypto: Crypto,
  input: Phase2Message & { readonly initiatorNonce: Bytes; readonly responderNonce: Bytes },
): Bytes {
  const { hash, skeyidA, messageId, initiatorNonce, responderNonce } = input;
  return crypto.mac(hash, skeyidA, u8(0), u32(messageId), initiatorNonce, responderNonce);
}

/** RFC 2409 5.7: HASH(1) of an Informational exchange = prf(SKEYID_a, M-ID | N/D) */
export function informationalHash(crypto: Crypto, input: MessageAfterHash): Bytes {
  return quickModeHash1(crypto, input);
}
