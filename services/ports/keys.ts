import type { Bytes } from '../bytes.js';

/** Names key bytes without being them. Safe in contexts, events and logs. Never reused within a run. */
export type KeyHandle = number & { readonly __keyHandle: true };

/**
 * The key store. The only places that hold key bytes are this and the embedded kernel's SADB.
 * Only `adapters/crypto`, kernels and the privileged admin path may call `bytes`.
 */
export interface Keys {
  /** Copies `bytes` in; the caller wipes its own copy. */
  put(bytes: Bytes): KeyHandle;
  /** The stored bytes themselves, not a copy. Throws `Error` for a handle that was erased: a defect, never an input error. */
  bytes(handle: KeyHandle): Bytes;
  /** How many bytes the key has. Throws as `bytes` does. */
  lengthOf(handle: KeyHandle): number;
  /** Copies the key to `at` and says its length; nothing is copied where it does not fit there. Throws as `bytes` does. */
  copy(handle: KeyHandle, into: Bytes, at: number): number;
  /** Zeroes and forgets. Erasing twice is no error. */
  erase(...handles: readonly KeyHandle[]): void;
  /** How many are held; leak tests read it. */
  readonly size: number;
}
