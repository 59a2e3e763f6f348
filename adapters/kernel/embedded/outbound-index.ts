/**
 * Outbound SAs by their two ends, oldest first. Most peers have one, which stands without a list; of a few a list is looked
 * through; where one peer has many, as of a host with many addresses, they are kept by our end, too.
 */
import type { Address } from '../../../services/net/address.js';

/** So many are looked through faster than looked up. */
const FEW = 16;

export interface SaEnds {
  readonly source: Address;
  readonly destination: Address;
}

type BySource<Sa> = Map<Address, Sa[]>;

export class OutboundIndex<Sa extends SaEnds> {
  readonly #byPeer = new Map<Address, Sa | Sa[] | BySource<Sa>>();

  /** How many peers have any. */
  get peers(): number {
    return this.#byPeer.size;
  }

  /** As the newest. */
  add(sa: Sa): void {
    const there = this.#byPeer.get(sa.destination);
    if (there === undefined) this.#byPeer.set(sa.destination, sa);
    else if (there instanceof Map) addTo(there, sa);
    else if (!Array.isArray(there)) this.#byPeer.set(sa.destination, [there, sa]);
    else if (there.length < FEW) there.push(sa);
    else this.#byPeer.set(sa.destination, bySource([...there, sa]));
  }

  /** One that is not there is no error. Its ends are those with which it was added. */
  remove(sa: Sa): void {
    const { destination, source } = sa;
    const there = this.#byPeer.get(destination);
    if (there === sa) this.#byPeer.delete(destination);
    else if (Array.isArray(there)) {
      takeFrom(there, sa);
      const [only, ...others] = there;
      if (only !== undefined && others.length === 0) this.#byPeer.set(destination, only);
    } else if (there instanceof Map) {
      const list = there.get(source) ?? [];
      takeFrom(list, sa);
      if (list.length === 0) there.delete(source);
      if (there.size === 0) this.#byPeer.delete(destination);
    }
  }

  clear(): void {
    this.#byPeer.clear();
  }

  /** The newest between these ends for which `fits` holds. */
  newest(local: Address, remote: Address, fits: (sa: Sa) => boolean): Sa | undefined {
    const there = this.#byPeer.get(remote);
    if (there === undefined) return undefined;
    if (there instanceof Map) return there.get(local)?.findLast(fits);
    if (Array.isArray(there)) return there.findLast((sa) => sa.source === local && fits(sa));
    return there.source === local && fits(there) ? there : undefined;
  }
}

function bySource<Sa extends SaEnds>(sas: readonly Sa[]): BySource<Sa> {
  const index: BySource<Sa> = new Map();
  for (const sa of sas) addTo(index, sa);
  return index;
}

function addTo<Sa extends SaEnds>(index: BySource<Sa>, sa: Sa): void {
  const list = index.get(sa.source);
  if (list === undefined) index.set(sa.source, [sa]);
  else list.push(sa);
}

function takeFrom<Sa>(list: Sa[], sa: Sa): void {
  const place = list.indexOf(sa);
  if (place >= 0) list.splice(place, 1);
}
