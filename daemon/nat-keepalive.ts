/**
 * Keepalives of the end behind a NAT (RFC 3948 4): one byte to each peer, so that the NAT does not forget the way back.
 * The other end ignores them.
 */
import type { Endpoint } from '../services/net/address.js';
import type { Clock, TimerHandle } from '../services/ports/clock.js';
import type { Udp } from '../services/ports/udp.js';

/** RFC 3948 4: the default. */
const INTERVAL_MS = 20_000;

export interface Path {
  readonly local: Endpoint;
  readonly remote: Endpoint;
}

export class NatKeepalive {
  readonly #clock: Clock;
  readonly #udp: Udp;
  readonly #paths: () => Iterable<Path>;
  #timer: TimerHandle | undefined;

  /** `paths`: from our NATed sockets to peers with whom anything stands; asked before each round. */
  constructor(clock: Clock, udp: Udp, paths: () => Iterable<Path>) {
    this.#clock = clock;
    this.#udp = udp;
    this.#paths = paths;
  }

  /** Something stands with a peer through a NAT of ours: rounds go on until nothing does. */
  begin(): void {
    this.#timer ??= this.#clock.setTimeout(() => {
      this.#timer = undefined;
      this.#round();
    }, INTERVAL_MS);
  }

  /** The daemon stops. */
  end(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #round(): void {
    const sent = new Set<string>();
    for (const { local, remote } of this.#paths()) {
      const key = `${local.address} ${String(local.port)} ${remote.address} ${String(remote.port)}`;
      if (sent.has(key)) continue;
      sent.add(key);
      this.#udp.keepalive(local, remote);
    }
    if (sent.size > 0) this.begin();
  }
}
