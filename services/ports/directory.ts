/** Port: looking into directories (LDAP, RFC 4523). */
import type { Bytes } from '../bytes.js';
import type { Result } from '../result.js';

export type DirectoryAttribute = 'userCertificate' | 'cACertificate' | 'certificateRevocationList';

export type DirectoryEntry =
  /** A distinguished name in the order of directories, from the end: `CN=gw,O=Example,C=CH` (RFC 4514). */
  | { readonly dn: string }
  /** Whatever entry has this `mail`. */
  | { readonly mailbox: string };

export interface Directory {
  /**
   * Values of the attributes, of all servers in their order until one has some. Time, number and length of answers are
   * bounded by the adapter. The error is a sentence part for an operator; the promise never rejects.
   */
  look(
    entry: DirectoryEntry,
    attributes: readonly DirectoryAttribute[],
  ): Promise<Result<readonly Bytes[], string>>;
}
