/** Packets through the embedded kernel: by hand, where no network interface feeds it, and counted. Values and their JSON on the door. */
import type { Address } from '../net/address.js';
import type { PacketCounters } from '../ports/packet-counters.js';
import type { Result } from '../result.js';
import { isRecord } from './door/own-explanations.js';
import { isCount, readCounts } from './load.js';

export interface PacketReply {
  /** `sent`, `held` until its SAs are made, `bypassed`, or `dropped: reason`. */
  readonly outcome: string;
}

/** A packet that went by, newest last. */
export interface SeenPacket {
  readonly direction: 'out' | 'in';
  /** `esp`: as it was on the wire, without the UDP header. `clear`: the IP packet that came out of protection. */
  readonly form: 'esp' | 'clear';
  /** Ends of the wire for `esp`; empty for `clear`, whose packet says its own. */
  readonly local: Address;
  readonly remote: Address;
  readonly bytes: string;
}

/** Undefined: packets are the business of the system's kernel. */
export interface PacketDesk {
  send(packet: Uint8Array): Promise<string | undefined>;
  /** The latest, bounded. */
  recent(): readonly SeenPacket[] | undefined;
  /** The error is a sentence. Must not reject. */
  counters(): Promise<Result<PacketCounters, string> | undefined>;
}

const LONGEST_PACKET = 9000;

/** The IP packet of `{ packet: hex }`. */
export function readPacketRequest(value: unknown): Uint8Array | undefined {
  if (typeof value !== 'object' || value === null || !('packet' in value)) return undefined;
  const { packet } = value;
  if (typeof packet !== 'string' || packet.length > LONGEST_PACKET * 2 || !/^([0-9a-f]{2})+$/.test(packet)) {
    return undefined;
  }
  return new Uint8Array(Buffer.from(packet, 'hex'));
}

export function readPacketReply(value: unknown): PacketReply | undefined {
  if (typeof value !== 'object' || value === null || !('outcome' in value)) return undefined;
  return typeof value.outcome === 'string' ? { outcome: value.outcome } : undefined;
}

export function readSeenPackets(value: unknown): readonly SeenPacket[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const seen = value.map(readSeenPacket);
  return seen.every((packet) => packet !== undefined) ? seen : undefined;
}

function readSeenPacket(value: unknown): SeenPacket | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!(
    'direction' in value &&
    'form' in value &&
    'local' in value &&
    'remote' in value &&
    'bytes' in value
  )) {
    return undefined;
  }
  const { direction, form, local, remote, bytes } = value;
  if ((direction !== 'out' && direction !== 'in') || (form !== 'esp' && form !== 'clear')) return undefined;
  if (typeof local !== 'string' || typeof remote !== 'string' || typeof bytes !== 'string') return undefined;
  return { direction, form, local, remote, bytes };
}

export function readPacketCounters(value: unknown): PacketCounters | undefined {
  if (!isRecord(value) || !isRecord(value.dropped)) return undefined;
  const { sent, received, bypassed, acquires } = value;
  const outbound = readCounts(value.dropped.outbound);
  const inbound = readCounts(value.dropped.inbound);
  if (!isCount(sent) || !isCount(received) || !isCount(bypassed) || !isCount(acquires)) return undefined;
  if (outbound === undefined || inbound === undefined) return undefined;
  return { sent, received, bypassed, acquires, dropped: { outbound, inbound } };
}
