/** What was last refused or dropped of an address, for `ikeadm why`: bounded, those longest ago forgotten first. */
import type { Address } from '../services/net/address.js';

/** A flood from so many forged addresses leaves those of peers in it. */
const MOST_ADDRESSES = 4096;
/** So many are forgotten together: a `Map` goes over the places of all that it has lost to find its first. */
const FORGOTTEN_AT_ONCE = 512;

export interface Refused {
  readonly reason: string;
  /** Messages of this address, the latest for this reason. */
  readonly count: number;
  /** Of the latest, `Clock.now()`. */
  readonly at: number;
}

export class RefusedPeers {
  /** In the order of their latest. */
  readonly #refused = new Map<Address, Refused>();

  note(address: Address, reason: string, at: number): void {
    const before = this.#refused.get(address);
    if (before !== undefined) this.#refused.delete(address);
    else if (this.#refused.size >= MOST_ADDRESSES) this.#forgetOldest();
    this.#refused.set(address, { reason, count: (before?.count ?? 0) + 1, at });
  }

  #forgetOldest(): void {
    for (const oldest of this.#refused.keys()) {
      this.#refused.delete(oldest);
      if (this.#refused.size <= MOST_ADDRESSES - FORGOTTEN_AT_ONCE) return;
    }
  }

  latest(address: Address): Refused | undefined {
    return this.#refused.get(address);
  }
}
