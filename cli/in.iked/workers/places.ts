/** With which worker anything stands with a peer: who is asked to begin with it again. */
import { workerOfBytes } from '../../../services/isakmp/worker-of-cookie.js';
import { type Address, addressBytes } from '../../../services/net/address.js';
import type { StandingChange } from './messages.js';

export class Places {
  readonly #count: number;
  /** By the peer's address, for each worker how many of ours something stands with. */
  readonly #standing = new Map<Address, Map<number, number>>();

  constructor(count: number) {
    this.#count = count;
  }

  heard(worker: number, changes: readonly StandingChange[]): void {
    for (const { remote, stands } of changes) {
      const workers = this.#standing.get(remote) ?? new Map<number, number>();
      const ends = (workers.get(worker) ?? 0) + (stands ? 1 : -1);
      if (ends > 0) workers.set(worker, ends);
      else workers.delete(worker);
      if (workers.size > 0) this.#standing.set(remote, workers);
      else this.#standing.delete(remote);
    }
  }

  /** Of a peer with which nothing stands always the same. */
  workerFor(remote: Address): number {
    const [worker] = this.#standing.get(remote)?.keys() ?? [];
    return worker ?? workerOfBytes(addressBytes(remote), this.#count);
  }
}
