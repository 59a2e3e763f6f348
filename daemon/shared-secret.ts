/** The secret of an exchange, and the explanation when only computing it showed that the peer's value is bad. */
import { JobRefused } from '../machines/exchange.js';
import type { GroupNumber } from '../services/algorithms.js';
import type { Bytes } from '../services/bytes.js';
import type { Failure } from '../services/failure/failure.js';
import { type Crypto, PublicValueRefused } from '../services/ports/crypto.js';
import type { KeyHandle } from '../services/ports/keys.js';
import type { MaybePromise } from '../services/ports/maybe-promise.js';

export interface KeyExchange {
  readonly group: GroupNumber;
  readonly privateKey: KeyHandle;
  readonly peerPublic: Bytes;
}

/** Fails with `JobRefused` where `explain` has words for it. */
export function sharedSecretOf(
  crypto: Crypto,
  { group, privateKey, peerPublic }: KeyExchange,
  explain: (fault: string) => Failure,
): MaybePromise<KeyHandle> {
  const refuse = (error: unknown): never => {
    if (error instanceof PublicValueRefused) throw new JobRefused(explain(error.fault));
    throw error;
  };
  try {
    const secret = crypto.sharedSecret(group, privateKey, peerPublic);
    return secret instanceof Promise ? secret.catch(refuse) : secret;
  } catch (error) {
    return refuse(error);
  }
}
