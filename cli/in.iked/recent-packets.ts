/** The desk for packets by hand: hands them to the embedded kernel, and remembers the latest that went by. */
import type { OutputOutcome } from '../../adapters/kernel/embedded/embedded-kernel.js';
import type { PacketDesk, SeenPacket } from '../../services/admin/packets.js';
import { type Bytes, hex } from '../../services/bytes.js';
import type { Address } from '../../services/net/address.js';
import type { Events } from '../../services/ports/events.js';

const MOST_REMEMBERED = 16;

/** Undefined while there is no kernel that takes packets. */
type HandsOver = (packet: Bytes) => OutputOutcome | Promise<OutputOutcome> | undefined;

export class RecentPackets implements PacketDesk {
  readonly #output: HandsOver;
  readonly #events: Events;
  readonly #seen: SeenPacket[] = [];

  constructor(events: Events, output: HandsOver) {
    this.#events = events;
    this.#output = output;
  }

  async send(packet: Bytes): Promise<string> {
    const outcome = await this.#output(packet);
    if (outcome === undefined) return 'dropped: the kernel is not open';
    return typeof outcome === 'string' ? outcome : `dropped: ${outcome.dropped}`;
  }

  recent(): readonly SeenPacket[] {
    return this.#seen;
  }

  saw(direction: 'out' | 'in', form: 'esp' | 'clear', local: Address, remote: Address, bytes: Bytes): void {
    this.#seen.push({ direction, form, local, remote, bytes: hex(bytes) });
    if (this.#seen.length > MOST_REMEMBERED) this.#seen.shift();
    this.#events.emit({ type: 'kernel.packet', direction, form, bytes: bytes.length });
  }
}
