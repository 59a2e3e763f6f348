/**
 * Entries of `ike.preshared` that Aggressive Mode may choose by a name, found by the peer's name or address without a
 * look at each.
 */
import type { IdPayload } from '../isakmp/payloads/identification.js';
import { type Address, single } from '../net/address.js';
import type { PresharedKey } from '../policy/preshared-key.js';
import { RangeIndex } from '../policy/range-index.js';
import { identityKey, presharedName } from './phase1-identity.js';

export class NamedKeys {
  /** By the name of the peer, in the order of the file. */
  readonly #byName = new Map<string, PresharedKey[]>();
  /** Those in which only this end has a name, by the range of the peer. */
  readonly #byRange: readonly PresharedKey[];
  readonly #ranges: RangeIndex;

  constructor(keys: readonly PresharedKey[]) {
    const byRange: PresharedKey[] = [];
    for (const key of keys) {
      if (key.mode === 'main') continue;
      const peer = presharedName(key.remote);
      if (peer !== undefined) {
        const place = identityKey(peer);
        const same = this.#byName.get(place);
        if (same === undefined) this.#byName.set(place, [key]);
        else same.push(key);
      } else if ('range' in key.remote && presharedName(key.local) !== undefined) byRange.push(key);
    }
    this.#byRange = byRange;
    this.#ranges = new RangeIndex(byRange.map(({ remote }) => ('range' in remote ? [remote.range] : [])));
  }

  /** Those whose remote end is this peer: by its name, where it is known, then by its address; each in the order of the file. */
  ofPeer(name: IdPayload | undefined, address: Address): readonly PresharedKey[] {
    const named = name === undefined ? [] : (this.#byName.get(identityKey(name)) ?? []);
    const covering = this.#ranges.meeting(single(address)).flatMap((item) => this.#byRange[item] ?? []);
    return [...named, ...covering];
  }
}

/** Of one list of keys, made at the first question: lists are replaced, never changed. */
const indices = new WeakMap<readonly PresharedKey[], NamedKeys>();

export function namedKeys(keys: readonly PresharedKey[]): NamedKeys {
  const known = indices.get(keys);
  if (known !== undefined) return known;
  const index = new NamedKeys(keys);
  indices.set(keys, index);
  return index;
}
