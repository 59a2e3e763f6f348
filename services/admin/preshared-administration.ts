/** What the administrator may ask about pre-shared keys of a running daemon. Needs `modkeys`, key bytes `keymat`. */
import type { Bytes } from '../bytes.js';
import type { Address } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import type { Result } from '../result.js';
import type { Listed } from './listing.js';
import type { DoorError } from './door/door-error.js';
import type { IdentityRecord } from './door/identity.js';

export interface PresharedView {
  readonly entry: PresharedKey;
  /** A copy, only when asked for; the request handler wipes it. */
  readonly key?: Bytes;
}

export type PresharedMatch =
  | { readonly local: Address; readonly remote: Address }
  | { readonly localIdentity: IdentityRecord; readonly remoteIdentity: IdentityRecord };

export interface PresharedAdministration {
  readonly presharedFrom: (from: number, withKey: boolean) => Listed<PresharedView> | undefined;
  readonly findPreshared: (match: PresharedMatch, withKey: boolean) => PresharedView | undefined;
  /**
   * One key in the syntax of ike.preshared(5). DATA_INVALID when it does not parse or is not exactly one; SYS_ERR with
   * EEXIST when both ends have one already. The caller wipes what it can of `text`.
   */
  readonly addPreshared: (text: string, source: string) => Result<void, DoorError>;
  /** How many went. */
  readonly deletePreshared: (match: PresharedMatch) => number;
  /** Replaces all keys: from the default file, or from `text`. DUP_IGNORED when it read all but repeated ones. */
  readonly readPreshared: (
    from: { readonly text: string; readonly source: string } | undefined,
  ) => Promise<Result<void, DoorError>>;
  /** All keys in the syntax of the file, as bytes that the caller wipes; undefined when there are none. */
  readonly writePreshared: () => Bytes | undefined;
}
