import type { GroupNumber, HashAlgorithm, Phase1Cipher } from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import type { KeyDerivation } from './derivation.js';
import type { KeyHandle } from './keys.js';
import type { MaybePromise } from './maybe-promise.js';
import type { PublicKeyCrypto } from './public-key.js';

export interface DhKeyPair {
  readonly privateKey: KeyHandle;
  /** Public value as long as the group's prime, or x|y of an elliptic group (RFC 2409 5, RFC 5903 7). */
  readonly publicValue: Bytes;
}

/** Input of a digest: public bytes, or a secret by its handle. */
export type Secretive = Bytes | KeyHandle;

/**
 * What `sharedSecret` fails with: the peer's value must not be used, which only computing showed. `fault` is a clause like
 * those of `publicValueFault`.
 */
export class PublicValueRefused extends Error {
  readonly fault: string;

  constructor(fault: string) {
    super(`The peer's public value must not be used: ${fault}.`);
    this.name = 'PublicValueRefused';
    this.fault = fault;
  }
}

/** What keys are derived with. */
export interface KeyParts {
  /** HMAC whose result is a secret: SKEYID and children, KEYMAT blocks. The key of SKEYID may be nonces (RFC 2409 5). */
  prf(algorithm: HashAlgorithm, key: Secretive, ...parts: readonly Secretive[]): KeyHandle;
  /** A new secret: bytes [offset, offset+length) of the concatenation of `sources`, which stay. */
  slice(sources: readonly KeyHandle[], offset: number, length: number): KeyHandle;
  erase(...keys: readonly KeyHandle[]): void;
}

/**
 * Cryptography on handles. What may take long is a promise or a `MaybePromise`; what is cheap is synchronous.
 * They reject, or throw, with an `Error` whose message is fit for an operator and holds no secret.
 */
export interface Crypto extends KeyParts, KeyDerivation, PublicKeyCrypto {
  generateKeyPair(group: GroupNumber): MaybePromise<DhKeyPair>;
  /**
   * g^xy, as long as the prime (or x alone of an elliptic group). The private key stays; the caller erases it.
   * Fails with `PublicValueRefused` for a value that `publicValueFault` names, or that is in a small subgroup
   * (RFC 6989 2.2).
   */
  sharedSecret(group: GroupNumber, privateKey: KeyHandle, peerPublicValue: Bytes): MaybePromise<KeyHandle>;
  /** Why a peer's public value must not be used (length, range, curve), or undefined when it may. Cheap. */
  publicValueFault(group: GroupNumber, value: Bytes): string | undefined;

  hash(algorithm: HashAlgorithm, ...parts: readonly Bytes[]): Bytes;
  /** Hash of secrets and public bytes whose result is public, as an IV is (RFC 2409 appendix B). */
  digest(algorithm: HashAlgorithm, ...parts: readonly Secretive[]): Bytes;
  /** HMAC whose result goes on the wire or is compared: HASH_I, HASH(1), ... */
  mac(algorithm: HashAlgorithm, key: KeyHandle, ...parts: readonly Secretive[]): Bytes;
  lengthOf(key: KeyHandle): number;

  /** CBC without padding; `data` is a multiple of the block. */
  encrypt(cipher: Phase1Cipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes;
  /** CBC without padding; `data` is a non-empty multiple of the block. */
  decrypt(cipher: Phase1Cipher, key: KeyHandle, iv: Bytes, data: Bytes): Bytes;
  /** Constant in time for equal lengths. */
  equal(a: Bytes, b: Bytes): boolean;
}
