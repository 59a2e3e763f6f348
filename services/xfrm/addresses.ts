/** Addresses and selectors of netlink: 16 bytes for either family, of which IPv4 uses the first 4. */
import type { Bytes } from '../bytes.js';
import { addressBytes, addressFromBytes, familyOf, type Address } from '../net/address.js';
import { AF_INET, AF_INET6 } from './registry.js';
import { SELECTOR } from './structures.js';

/** Traffic as an SA or a policy has it. */
export interface XfrmSelector {
  /** 0: of either family, which only a selector that covers everything can be. */
  readonly family: number;
  readonly source: XfrmSide;
  readonly destination: XfrmSide;
  /** IP protocol, 0 for any. */
  readonly protocol: number;
  readonly interfaceIndex: number;
  readonly user: number;
}

export interface XfrmSide {
  readonly address: Address;
  readonly prefixLength: number;
  readonly port: number;
  /** 0: any port. */
  readonly portMask: number;
}

export function familyNumber(address: Address): number {
  return familyOf(address) === 4 ? AF_INET : AF_INET6;
}

/** Undefined for a family that is none of the two. Family 0 has no addresses; what stands there is read as IPv4. */
export function decodeAddress(bytes: Bytes, family: number): Address | undefined {
  if (family === AF_INET6) return addressFromBytes(bytes.subarray(0, 16));
  return family === AF_INET || family === 0 ? addressFromBytes(bytes.subarray(0, 4)) : undefined;
}

const ANYWHERE: XfrmSide = { address: '0.0.0.0', prefixLength: 0, port: 0, portMask: 0 };

/** Everything, of whatever family. */
export const ANY_TRAFFIC: XfrmSelector = {
  family: 0,
  source: ANYWHERE,
  destination: ANYWHERE,
  protocol: 0,
  interfaceIndex: 0,
  user: 0,
};

export function encodeSelector({ source, destination, ...rest }: XfrmSelector): Bytes {
  return SELECTOR.encode(
    {
      family: rest.family,
      protocol: rest.protocol,
      interfaceIndex: rest.interfaceIndex,
      user: rest.user,
      sourcePort: source.port,
      sourcePortMask: source.portMask,
      sourcePrefix: source.prefixLength,
      destinationPort: destination.port,
      destinationPortMask: destination.portMask,
      destinationPrefix: destination.prefixLength,
    },
    { source: addressBytes(source.address), destination: addressBytes(destination.address) },
  );
}

export function decodeSelector(bytes: Bytes): XfrmSelector | undefined {
  const read = SELECTOR.read(bytes);
  if (read === undefined) return undefined;
  const family = read.number('family');
  const source = decodeAddress(read.area('source'), family);
  const destination = decodeAddress(read.area('destination'), family);
  if (source === undefined || destination === undefined) return undefined;
  return {
    family,
    source: {
      address: source,
      prefixLength: read.number('sourcePrefix'),
      port: read.number('sourcePort'),
      portMask: read.number('sourcePortMask'),
    },
    destination: {
      address: destination,
      prefixLength: read.number('destinationPrefix'),
      port: read.number('destinationPort'),
      portMask: read.number('destinationPortMask'),
    },
    protocol: read.number('protocol'),
    interfaceIndex: read.number('interfaceIndex'),
    user: read.number('user'),
  };
}
