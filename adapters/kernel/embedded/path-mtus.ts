/**
 * How long a packet to a peer may be, as routers say. Nobody proves such words (RFC 4301 8.2): they count for packets that
 * this host did send, not below what every path takes, and for ten minutes.
 */
import { type Address, familyOf } from '../../../services/net/address.js';
import type { Clock } from '../../../services/ports/clock.js';
import { type Deadline, DeadlineQueue } from '../../../services/collections/deadline-queue.js';

/** RFC 791: what every host takes in one piece. RFC 8200 5. */
const LEAST = { 4: 576, 6: 1280 } as const;
/** RFC 1191 6.3, RFC 8201 4: then a longer one may be tried. */
const LIFE_MS = 600_000;

interface Limit extends Deadline {
  readonly remote: Address;
  readonly mtu: number;
}

export class PathMtus {
  readonly #clock: Clock;
  readonly #changed: (mtus: ReadonlyMap<Address, number>) => void;
  readonly #limits = new Map<Address, Limit>();
  readonly #lives: DeadlineQueue<Limit>;

  /** `changed` gets bytes of IP packets, of all peers for which there is a limit. */
  constructor(clock: Clock, changed: (mtus: ReadonlyMap<Address, number>) => void) {
    this.#clock = clock;
    this.#changed = changed;
    this.#lives = new DeadlineQueue(clock, ({ remote }) => {
      this.#limits.delete(remote);
      this.#tell();
    });
  }

  /** Undefined where nothing changed: a limit comes down only. */
  learn(remote: Address, said: number): number | undefined {
    const mtu = Math.max(said, LEAST[familyOf(remote)]);
    const known = this.#limits.get(remote);
    if (known !== undefined && known.mtu <= mtu) return undefined;
    if (known !== undefined) this.#lives.remove(known);
    const limit = { remote, mtu, due: 0, position: -1 };
    this.#limits.set(remote, limit);
    this.#lives.set(limit, this.#clock.now() + LIFE_MS);
    this.#tell();
    return mtu;
  }

  clear(): void {
    for (const limit of this.#limits.values()) this.#lives.remove(limit);
    this.#limits.clear();
  }

  #tell(): void {
    this.#changed(new Map([...this.#limits.values()].map(({ remote, mtu }) => [remote, mtu])));
  }
}
