import type { Bytes } from '../bytes.js';

/** Unpredictable bytes: cookies, nonces, message IDs, SPIs, IVs. Tests force collisions through it. */
export interface Random {
  bytes(length: number): Bytes;
}
