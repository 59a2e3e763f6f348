/** Private keys on tokens, used as Phase 1 wants it. What the token is asked is judged here as if it were computed here. */
import type { KeyObject } from 'node:crypto';
import type { Bytes } from '../../services/bytes.js';
import { type TokenKey, TokenRefused } from '../../services/ports/public-key.js';
import type { Random } from '../../services/ports/random.js';
import { err, type Result } from '../../services/result.js';
import type { TokenFault } from '../../services/ports/token-fault.js';
import type { TokenKeyUse } from '../../services/ports/token.js';
import type { KeyObjects } from './key-objects.js';
import { inRangeOf, unpadded } from './rsa.js';

const NONE: TokenFault = { reason: 'no-library', message: 'Tokens cannot be used here.' };

/** For a daemon without a PKCS #11 library. */
export const NO_TOKENS: TokenKeyUse = {
  sign: () => Promise.resolve(err(NONE)),
  decrypt: () => Promise.resolve(err(NONE)),
};

/** Promises reject with `TokenRefused`. */
export class TokenKeys {
  readonly #tokens: TokenKeyUse;
  readonly #keyObjects: KeyObjects;
  readonly #random: Random;

  constructor(tokens: TokenKeyUse, keyObjects: KeyObjects, random: Random) {
    this.#tokens = tokens;
    this.#keyObjects = keyObjects;
    this.#random = random;
  }

  async sign(key: TokenKey, data: Bytes): Promise<Bytes> {
    return granted(key, await this.#tokens.sign(key, data));
  }

  /**
   * As `decryptPkcs1` does it: what cannot be a ciphertext goes to the token as a random one. A token that takes the block
   * apart itself gives no reason why it would not, and none is asked for; its own timing is beyond us.
   */
  async decrypt(key: TokenKey, ciphertext: Bytes, plausibleLength: number): Promise<Bytes> {
    const substitute = this.#random.bytes(plausibleLength);
    const { block, bad } = inRangeOf(this.#publicKey(key), ciphertext, this.#random);
    const opened = granted(key, await this.#tokens.decrypt(key, block));
    if (opened.form === 'block') return unpadded(opened.block, bad, substitute);
    const plaintext = opened.plaintext ?? new Uint8Array(0);
    const [answer, discarded] =
      bad === 0 && opened.plaintext !== undefined ? [plaintext, substitute] : [substitute, plaintext];
    discarded.fill(0);
    return answer;
  }

  #publicKey({ publicKey, object }: TokenKey): KeyObject {
    const key = this.#keyObjects.publicKey(publicKey, 'rsa');
    if (key === undefined)
      throw new TokenRefused(object, {
        reason: 'failed',
        message: `The certificate of a key on token "${object.token}" has no RSA key, and cannot decrypt.`,
      });
    return key;
  }
}

function granted<T>({ object }: TokenKey, result: Result<T, TokenFault>): T {
  if (!result.ok) throw new TokenRefused(object, result.error);
  return result.value;
}
