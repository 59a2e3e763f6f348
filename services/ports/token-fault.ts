/** Why a PKCS #11 token did not do what it was asked. */

export type TokenFaultReason =
  /** There is no library, or it cannot be loaded: something must be installed or configured first. */
  | 'no-library'
  /** The library knows no token of this name. */
  | 'absent'
  /** Nobody has logged in, or no longer. */
  | 'locked'
  | 'pin-incorrect'
  /** After too many wrong ones; the token's own tools must set a new PIN. */
  | 'pin-locked'
  /** The PIN has expired, has never been set, or cannot be one by its length or characters. */
  | 'pin-unusable'
  /** The token has no such object. */
  | 'no-object'
  /** It was taken away, or its session was ended from outside. */
  | 'lost'
  | 'failed';

export interface TokenFault {
  readonly reason: TokenFaultReason;
  /** A sentence for the operator; it names the token, never a PIN. */
  readonly message: string;
}
