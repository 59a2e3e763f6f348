/** Selectors against packets and against each other (RFC 4301 4.4.1.1). */
import type { Bytes } from '../../../services/bytes.js';
import {
  addressBytes,
  familyOf,
  rangeContains,
  single,
  type Address,
} from '../../../services/net/address.js';
import type { TrafficSelectors, TrafficSide } from '../../../services/ports/kernel.js';
import { hasPorts, type IpPacket } from './ip-packet.js';

/** `hidden`: a fragment does not show the protocol or port on which the answer depends. */
export type Match = 'yes' | 'no' | 'hidden';

/** A packet as this host sees it, whichever way it goes. */
export interface Traffic {
  readonly local: TrafficPoint;
  readonly remote: TrafficPoint;
  /** Undefined where a fragment hides it. */
  readonly protocol: number | undefined;
}

interface TrafficPoint {
  readonly address: Address;
  readonly bytes: Bytes;
  /** Undefined where there is none or a fragment hides it. */
  readonly port: number | undefined;
}

/** Selectors with their addresses as bytes: made once, asked for every packet. */
export interface CompiledSelectors {
  readonly local: CompiledSide;
  readonly remote: CompiledSide;
  readonly protocol: number;
}

interface CompiledSide {
  readonly begin: Bytes;
  readonly end: Bytes;
  readonly port: number;
}

export function trafficOf(packet: IpPacket, direction: 'inbound' | 'outbound'): Traffic {
  const source = point(packet.source, packet.ports?.source);
  const destination = point(packet.destination, packet.ports?.destination);
  return direction === 'outbound'
    ? { local: source, remote: destination, protocol: packet.protocol }
    : { local: destination, remote: source, protocol: packet.protocol };
}

function point(address: Address, port: number | undefined): TrafficPoint {
  return { address, bytes: addressBytes(address), port };
}

/** The traffic itself as selectors: one address, one port (0 where there is none) on each side. */
export function selectorsOf(traffic: Traffic): TrafficSelectors {
  return {
    local: { addresses: single(traffic.local.address), port: traffic.local.port ?? 0 },
    remote: { addresses: single(traffic.remote.address), port: traffic.remote.port ?? 0 },
    protocol: traffic.protocol ?? 0,
  };
}

/** The other way round: a packet from one address to one, with what is 0 unknown. */
export function trafficLike(packet: TrafficSelectors): Traffic {
  const known = (number: number): number | undefined => (number === 0 ? undefined : number);
  return {
    local: point(packet.local.addresses.begin, known(packet.local.port)),
    remote: point(packet.remote.addresses.begin, known(packet.remote.port)),
    protocol: known(packet.protocol),
  };
}

export function compileSelectors(selectors: TrafficSelectors): CompiledSelectors {
  return {
    local: compileSide(selectors.local),
    remote: compileSide(selectors.remote),
    protocol: selectors.protocol,
  };
}

function compileSide(side: TrafficSide): CompiledSide {
  return {
    begin: addressBytes(side.addresses.begin),
    end: addressBytes(side.addresses.end),
    port: side.port,
  };
}

export function match(selectors: CompiledSelectors, traffic: Traffic): Match {
  if (!holds(selectors.local, traffic.local) || !holds(selectors.remote, traffic.remote)) return 'no';
  const answers = [
    matchProtocol(selectors.protocol, traffic.protocol),
    matchPort(selectors.local.port, traffic.local.port, traffic.protocol),
    matchPort(selectors.remote.port, traffic.remote.port, traffic.protocol),
  ];
  if (answers.includes('no')) return 'no';
  return answers.includes('hidden') ? 'hidden' : 'yes';
}

function holds(side: CompiledSide, where: TrafficPoint): boolean {
  return (
    side.begin.length === where.bytes.length &&
    Buffer.compare(side.begin, where.bytes) <= 0 &&
    Buffer.compare(where.bytes, side.end) <= 0
  );
}

function matchProtocol(wanted: number, protocol: number | undefined): Match {
  if (wanted === 0) return 'yes';
  if (protocol === undefined) return 'hidden';
  return wanted === protocol ? 'yes' : 'no';
}

function matchPort(wanted: number, port: number | undefined, protocol: number | undefined): Match {
  if (wanted === 0) return 'yes';
  if (port !== undefined) return wanted === port ? 'yes' : 'no';
  return protocol === undefined || hasPorts(protocol) ? 'hidden' : 'no';
}

/** Whether `outer` holds all traffic that `inner` holds. */
export function selectorsCover(outer: TrafficSelectors, inner: TrafficSelectors): boolean {
  return (
    (outer.protocol === 0 || outer.protocol === inner.protocol) &&
    sideCovers(outer.local, inner.local) &&
    sideCovers(outer.remote, inner.remote)
  );
}

function sideCovers(outer: TrafficSide, inner: TrafficSide): boolean {
  return (
    familyOf(outer.addresses.begin) === familyOf(inner.addresses.begin) &&
    rangeContains(outer.addresses, inner.addresses) &&
    (outer.port === 0 || outer.port === inner.port)
  );
}
