/** Packets that wait for an SA, and the ACQUIREs that asked for it: one for each policy and pair of ends at a time. */
import type { Bytes } from '../../../services/bytes.js';
import type { Clock } from '../../../services/ports/clock.js';
import type { Acquire, IpsecPolicy, TrafficSelectors } from '../../../services/ports/kernel.js';
import { DeadlineQueue, type Deadline } from '../../../services/collections/deadline-queue.js';

interface Pending extends Deadline {
  readonly id: number;
  readonly key: string;
  readonly packets: Bytes[];
}

const PACKETS_PER_ACQUIRE = 16;
const PACKETS_IN_ALL = 64;
/** A transport policy for a prefix asks once per address; a scan must not ask without end. */
const ACQUIRES_IN_ALL = 256;
/**
 * Key management answers each ACQUIRE, also with a refusal; this only mends a lost answer. Longer than `expire_timer`'s
 * default of 300 s, so that no second negotiation starts beside a slow one.
 */
const LAPSE_MS = 330_000;

export class AcquireTable {
  private readonly clock: Clock;
  private readonly byKey = new Map<string, Pending>();
  private readonly byId = new Map<number, Pending>();
  private readonly deadlines: DeadlineQueue<Pending>;
  private held = 0;
  private lastId = 0;

  /** `lapsed` gets the packets of an ACQUIRE that nobody answered. */
  constructor(clock: Clock, lapsed: (packets: readonly Bytes[]) => void) {
    this.clock = clock;
    this.deadlines = new DeadlineQueue(clock, (pending) => {
      lapsed(this.forget(pending));
    });
  }

  /** Holds a copy of the packet if there is room; `acquire` is there when it has to be raised. */
  hold(
    policy: IpsecPolicy,
    traffic: TrafficSelectors,
    packet: Bytes,
  ): { readonly held: boolean; readonly acquire: Acquire | undefined } {
    // By text, not by object: after the policies were read again, the same policy still has its ACQUIRE.
    const key = JSON.stringify([policy.mode, policy.outer, policy.selectors]);
    const known = this.byKey.get(key);
    if (known === undefined && this.byKey.size >= ACQUIRES_IN_ALL) return { held: false, acquire: undefined };
    const pending = known ?? this.start(key);
    const room = pending.packets.length < PACKETS_PER_ACQUIRE && this.held < PACKETS_IN_ALL;
    if (room) {
      pending.packets.push(Uint8Array.from(packet));
      this.held += 1;
    }
    const acquire = known === undefined ? { id: pending.id, policy, packet: traffic } : undefined;
    return { held: room, acquire };
  }

  /** Ends an ACQUIRE and gives back its packets in their order; none for one that ended before. */
  end(id: number): readonly Bytes[] {
    const pending = this.byId.get(id);
    return pending === undefined ? [] : this.forget(pending);
  }

  clear(): void {
    this.deadlines.clear();
    this.byKey.clear();
    this.byId.clear();
    this.held = 0;
  }

  private start(key: string): Pending {
    this.lastId += 1;
    const pending: Pending = { id: this.lastId, key, packets: [], due: 0, position: -1 };
    this.byKey.set(key, pending);
    this.byId.set(pending.id, pending);
    this.deadlines.set(pending, this.clock.now() + LAPSE_MS);
    return pending;
  }

  private forget(pending: Pending): readonly Bytes[] {
    this.deadlines.remove(pending);
    this.byKey.delete(pending.key);
    this.byId.delete(pending.id);
    this.held -= pending.packets.length;
    return pending.packets;
  }
}
