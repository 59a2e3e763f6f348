/**
 * Keepalives of the end behind a NAT (RFC 3948 4): one byte to each peer, so that the NAT does not forget the way back.
 * The other end ignores them.
 */
import type { PeerSa } from '../services/exchange/phase1-sa.js';
import type { Clock, TimerHandle } from '../services/ports/clock.js';
import type { Udp } from '../services/ports/udp.js';
import type { SaTable } from './sa-table.js';

/** RFC 3948 4: the default. */
const INTERVAL_MS = 20_000;

export class NatKeepalive {
  readonly #clock: Clock;
  readonly #udp: Udp;
  readonly #table: SaTable;
  #timer: TimerHandle;

  constructor(clock: Clock, udp: Udp, table: SaTable) {
    this.#clock = clock;
    this.#udp = udp;
    this.#table = table;
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
    for (const { local, remote } of this.#natted()) {
      const key = `${local.address} ${String(local.port)} ${remote.address} ${String(remote.port)}`;
      if (sent.has(key)) continue;
      sent.add(key);
      this.#udp.keepalive(local, remote);
    }
    if (sent.size > 0) this.begin();
  }

  /** IPsec SAs may outlive the Phase 1 SA that made them. */
  *#natted(): Iterable<PeerSa> {
    for (const { sa } of this.#table.phase1()) if (sa.features.nat.local) yield sa;
    for (const { phase1 } of this.#table.phase2()) if (phase1.sa.features.nat.local) yield phase1.sa;
  }
}
