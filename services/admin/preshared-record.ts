/** A pre-shared key as the daemon sees it, in the numbers of the door. */
import { familyOf } from '../net/address.js';
import type { PresharedIdentity, PresharedMode } from '../policy/preshared-key.js';
import { IDENTITY_TYPE } from './door/identity.js';
import type { PresharedEnd, PresharedRecord } from './door/preshared.js';
import type { PresharedView } from './preshared-administration.js';

/** Exchange values: `base`, where nothing is said, is good for every exchange. */
export const PRESHARED_EXCHANGE: Readonly<Record<PresharedMode, number>> = {
  base: 1,
  main: 2,
  aggressive: 4,
  both: 240,
};

export function presharedRecord({ entry, key }: PresharedView): PresharedRecord {
  return {
    exchange: PRESHARED_EXCHANGE[entry.mode],
    local: endOf(entry.local),
    remote: endOf(entry.remote),
    key,
    bits: key === undefined ? 0 : entry.bits,
  };
}

function endOf(identity: PresharedIdentity): PresharedEnd {
  const named = (text: string): PresharedEnd => ({
    identity: { type: IDENTITY_TYPE[identity.type === 'address' ? 'prefix' : identity.type], uid: 0, text },
  });
  if (!('range' in identity)) return named(identity.text);
  const { type, range, prefixLength } = identity;
  switch (type) {
    case 'address':
      return { address: { address: range.begin, port: 0 }, prefixLength: prefixLength ?? 0 };
    case 'prefix':
      return named(`${range.begin}/${String(prefixLength ?? (familyOf(range.begin) === 4 ? 32 : 128))}`);
    case 'range':
      return named(`${range.begin}-${range.end}`);
  }
}
