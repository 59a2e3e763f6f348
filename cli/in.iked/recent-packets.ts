/** The desk for packets through the embedded kernel: by hand, the latest that went by, and the counters of all. */
import type { OutputOutcome } from '../../adapters/kernel/embedded/embedded-kernel.js';
import type { PacketDesk, SeenPacket } from '../../services/admin/packets.js';
import { type Bytes, hex } from '../../services/bytes.js';
import type { Address } from '../../services/net/address.js';
import type { Events } from '../../services/ports/events.js';
import type { PacketCounters } from '../../services/ports/packet-counters.js';
import { err, ok, type Result } from '../../services/result.js';

const MOST_REMEMBERED = 16;

/** Undefined while there is no kernel that takes packets. */
export interface PacketKernel {
  readonly output: ((packet: Bytes) => OutputOutcome | Promise<OutputOutcome>) | undefined;
  readonly counters: (() => PacketCounters | Promise<PacketCounters>) | undefined;
}

export class RecentPackets implements PacketDesk {
  readonly #kernel: () => PacketKernel | undefined;
  readonly #events: Events;
  readonly #seen: SeenPacket[] = [];

  constructor(events: Events, kernel: () => PacketKernel | undefined) {
    this.#events = events;
    this.#kernel = kernel;
  }

  async send(packet: Bytes): Promise<string | undefined> {
    const outcome = await this.#kernel()?.output?.(packet);
    return outcome === undefined || typeof outcome === 'string' ? outcome : `dropped: ${outcome.dropped}`;
  }

  recent(): readonly SeenPacket[] | undefined {
    return this.#kernel()?.output === undefined ? undefined : this.#seen;
  }

  async counters(): Promise<Result<PacketCounters, string> | undefined> {
    try {
      const counters = await this.#kernel()?.counters?.();
      return counters && ok(counters);
    } catch (error) {
      return err(error instanceof Error ? error.message : String(error));
    }
  }

  saw(direction: 'out' | 'in', form: 'esp' | 'clear', local: Address, remote: Address, bytes: Bytes): void {
    this.#seen.push({ direction, form, local, remote, bytes: hex(bytes) });
    if (this.#seen.length > MOST_REMEMBERED) this.#seen.shift();
    this.#events.emit({ type: 'kernel.packet', direction, form, bytes: bytes.length });
  }
}
