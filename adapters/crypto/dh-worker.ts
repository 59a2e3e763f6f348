/** What a worker thread runs: one Diffie-Hellman computation per call. Bundled as a file of its own. */
import type { Bytes } from '../../services/bytes.js';
import { PublicValueRefused } from '../../services/ports/crypto.js';
import { publicValueOf, sharedSecretOf } from './dh-compute.js';

export interface DhTask {
  readonly group: number;
  /** In memory shared with the main thread, which wipes it. */
  readonly exponent: Bytes;
  /** Undefined asks for the public value that belongs to the exponent. */
  readonly peerPublicValue: Bytes | undefined;
  /** Where the answer goes, shared too: so no copy of a secret is left in a message. */
  readonly answer: Bytes;
}

/** `refused`: a clause about the peer's value. `failed`: a sentence. */
export type DhFault = { readonly refused: string } | { readonly failed: string };

/** Gives back what went wrong; a rejection means that the worker itself broke. */
export default function runDhTask({ group, exponent, peerPublicValue, answer }: DhTask): DhFault | undefined {
  const own = Uint8Array.from(exponent);
  try {
    const computed =
      peerPublicValue === undefined ? publicValueOf(group, own) : sharedSecretOf(group, own, peerPublicValue);
    answer.set(computed);
    computed.fill(0);
    return undefined;
  } catch (error) {
    if (error instanceof PublicValueRefused) return { refused: error.fault };
    return { failed: error instanceof Error ? error.message : String(error) };
  } finally {
    own.fill(0);
  }
}
