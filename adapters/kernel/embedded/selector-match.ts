/** Selectors against packets and against each other (RFC 4301 4.4.1.1). */
import type { Bytes } from '../../../services/bytes.js';
import { addressBytes, familyOf, rangeContains, single } from '../../../services/net/address.js';
import type { TrafficSelectors, TrafficSide } from '../../../services/ports/kernel.js';
import { IpEnd } from './ip-end.js';
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
  readonly end: IpEnd;
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
  const source = { end: packet.source, port: packet.ports?.source };
  const destination = { end: packet.destination, port: packet.ports?.destination };
  return direction === 'outbound'
    ? { local: source, remote: destination, protocol: packet.protocol }
    : { local: destination, remote: source, protocol: packet.protocol };
}

/** The traffic itself as selectors: one address, one port (0 where there is none) on each side. */
export function selectorsOf(traffic: Traffic): TrafficSelectors {
  return {
    local: { addresses: single(traffic.local.end.address), port: traffic.local.port ?? 0 },
    remote: { addresses: single(traffic.remote.end.address), port: traffic.remote.port ?? 0 },
    protocol: traffic.protocol ?? 0,
  };
}

/** The other way round: a packet from one address to one, with what is 0 unknown. */
export function trafficLike(packet: TrafficSelectors): Traffic {
  const known = (number: number): number | undefined => (number === 0 ? undefined : number);
  return {
    local: { end: endAt(packet.local), port: known(packet.local.port) },
    remote: { end: endAt(packet.remote), port: known(packet.remote.port) },
    protocol: known(packet.protocol),
  };
}

function endAt({ addresses }: TrafficSide): IpEnd {
  return new IpEnd(addressBytes(addresses.begin));
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
  const { local, remote, protocol } = traffic;
  if (!holds(selectors.local, local.end.bytes) || !holds(selectors.remote, remote.end.bytes)) return 'no';
  const byProtocol = matchProtocol(selectors.protocol, protocol);
  const byLocal = matchPort(selectors.local.port, local.port, protocol);
  const byRemote = matchPort(selectors.remote.port, remote.port, protocol);
  if (byProtocol === 'no' || byLocal === 'no' || byRemote === 'no') return 'no';
  return byProtocol === 'hidden' || byLocal === 'hidden' || byRemote === 'hidden' ? 'hidden' : 'yes';
}

function holds({ begin, end }: CompiledSide, address: Bytes): boolean {
  return begin.length === address.length && compare(begin, address) <= 0 && compare(address, end) <= 0;
}

/** Of the same length, and most differ early: calling Node's would take longer. */
function compare(a: Bytes, b: Bytes): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
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
