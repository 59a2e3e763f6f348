/** What `ike.preshared` says. The key itself is in the key store. */
import { type AddressRange, formatRange } from '../net/address.js';
import type { KeyHandle } from '../ports/keys.js';
import type { SourcePosition } from './rule.js';

export type PresharedIdType = 'address' | 'prefix' | 'fqdn' | 'user_fqdn' | 'dn' | 'gn' | 'keyid' | 'range';

export type PresharedIdentity =
  | {
      readonly type: 'address' | 'prefix' | 'range';
      readonly range: AddressRange;
      readonly prefixLength: number | undefined;
    }
  | { readonly type: 'fqdn' | 'user_fqdn' | 'dn' | 'gn' | 'keyid'; readonly text: string };

export type PresharedMode = 'base' | 'main' | 'aggressive' | 'both';

export interface PresharedKey {
  readonly local: PresharedIdentity;
  readonly remote: PresharedIdentity;
  readonly mode: PresharedMode;
  readonly key: KeyHandle;
  readonly bits: number;
  readonly position: SourcePosition;
}

/** For failures that name it; never its key. */
export function placeOfPreshared({ local, remote, position: { file, line } }: PresharedKey) {
  const side = (identity: PresharedIdentity): string =>
    'range' in identity ? formatRange(identity.range) : identity.text;
  return { what: `the key of localid ${side(local)}, remoteid ${side(remote)}`, file, line };
}
