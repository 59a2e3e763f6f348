/** Port: PKCS #11 tokens, which hold private keys and use them for whoever knows the PIN. */
import type { Bytes } from '../bytes.js';
import type { Result } from '../result.js';
import type { KeyHandle } from './keys.js';
import type { TokenKey } from './public-key.js';
import type { TokenFault } from './token-fault.js';

/**
 * What a decryption yields. `block` is the whole PKCS #1 block, for the caller to take apart without telling how;
 * `plaintext` comes from tokens that take it apart themselves, undefined when the block was wrong in any way.
 */
export type TokenPlaintext =
  | { readonly form: 'block'; readonly block: Bytes }
  | { readonly form: 'plaintext'; readonly plaintext: Bytes | undefined };

/** What is done with a key on a token. Nothing here waits for a token on the calling thread. */
export interface TokenKeyUse {
  /** RSA: the bytes in a PKCS #1 type 1 block, without DigestInfo. DSA: r|s, with the bytes as the digest. */
  sign(key: TokenKey, data: Bytes): Promise<Result<Bytes, TokenFault>>;
  /** RSA, PKCS #1 type 2. `ciphertext` is as long as the modulus. The caller wipes what it gets. */
  decrypt(key: TokenKey, ciphertext: Bytes): Promise<Result<TokenPlaintext, TokenFault>>;
}

/** One PKCS #11 library and its tokens, named by their labels without padding. Promises do not reject. */
export interface Tokens extends TokenKeyUse {
  /** Whether the token is there. */
  find(label: string): Promise<Result<void, TokenFault>>;
  /** Unlocks the token for the process; a token that is unlocked already stays so, whatever the PIN. */
  login(label: string, pin: KeyHandle): Promise<Result<void, TokenFault>>;
  /** Keys of the token cannot be used from now on. A token that is locked stays so. */
  logout(label: string): Promise<Result<void, TokenFault>>;
}
