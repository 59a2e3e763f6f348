/** A policy as the SPD of Linux holds it, in words that PF_KEY and netlink share. */
import { formatRange, type Address } from '../../../services/net/address.js';
import type { TrafficSide } from '../../../services/ports/kernel.js';

export interface SpdTemplate {
  /** IP protocol: 50, 51, or one that is not ours, such as IPComp. */
  readonly protocol: number;
  /** `other`: BEET and whatever else there is. */
  readonly mode: 'transport' | 'tunnel' | 'other';
  /** Of the tunnel, in the direction of the entry; undefined in transport mode, where they are the packet's own. */
  readonly ends: { readonly source: Address; readonly destination: Address } | undefined;
  /** 0: any SA will do. */
  readonly requestId: number;
  /** Level `use`: without an SA the packet goes in the clear. */
  readonly optional: boolean;
}

export interface SpdEntry {
  readonly direction: 'in' | 'out' | 'forward';
  /** The kernel's number of it; 0 in one that is to be made. */
  readonly index: number;
  /** The smallest is asked first. */
  readonly priority: number;
  readonly action: 'protect' | 'pass' | 'drop';
  readonly source: TrafficSide;
  readonly destination: TrafficSide;
  /** 0 for any. */
  readonly protocol: number;
  /** As they are applied: the innermost first, the outermost last. */
  readonly templates: readonly SpdTemplate[];
}

/** What the kernel tells entries apart by: two with the same cannot stand beside each other. */
export function spdKey({ direction, source, destination, protocol }: SpdEntry): string {
  return JSON.stringify([direction, source, destination, protocol]);
}

/** For an operator: `out 10.1.0.0/16 -> 10.2.0.0/16 port 80, protocol 6`. */
export function spdWords({ direction, source, destination, protocol }: SpdEntry): string {
  const side = ({ addresses, port }: TrafficSide): string =>
    `${formatRange(addresses)}${port === 0 ? '' : ` port ${String(port)}`}`;
  const of = protocol === 0 ? '' : `, protocol ${String(protocol)}`;
  return `${direction} ${side(source)} -> ${side(destination)}${of}`;
}
