/**
 * Two socket addresses, local then remote (in rules: begin then end of a range).
 *
 *   0  loc_addr  sockaddr_storage, 256
 * 256  rem_addr  sockaddr_storage, 256
 *
 * Each: family u16; IPv4: port @2 (network order), address @4; IPv6: port @2, flow @4, address @8, scope @24.
 */
import { concat, type Bytes } from '../../bytes.js';
import { addressBytes, addressFromBytes, familyOf, type Endpoint } from '../../net/address.js';
import { structureWithAreas } from '../../c-structure.js';

export const SOCKADDR_LENGTH = 256;
export const ADDRESS_PAIR_LENGTH = 2 * SOCKADDR_LENGTH;

export const AF_INET = 2;
/** The number of illumos, whatever the host's own is. */
export const AF_INET6 = 26;

export const SOCKADDR_IN = structureWithAreas(
  'sockaddr_in',
  SOCKADDR_LENGTH,
  { family: [0, 'u16'], port: [2, 'u16be'] },
  { address: [4, 4] },
);
export const SOCKADDR_IN6 = structureWithAreas(
  'sockaddr_in6',
  SOCKADDR_LENGTH,
  { family: [0, 'u16'], port: [2, 'u16be'], flow: [4, 'u32'], scope: [24, 'u32'] },
  { address: [8, 16] },
);

export interface AddressPair {
  /** Undefined: the family is neither IPv4 nor IPv6. */
  readonly local: Endpoint | undefined;
  readonly remote: Endpoint | undefined;
}

export function encodeAddressPair(local: Endpoint, remote: Endpoint): Bytes {
  return concat(encodeSocketAddress(local), encodeSocketAddress(remote));
}

/** Undefined when fewer than 512 bytes stand at `at`. */
export function decodeAddressPair(bytes: Bytes, at = 0): AddressPair | undefined {
  if (at + ADDRESS_PAIR_LENGTH > bytes.length) return undefined;
  return { local: decodeSocketAddress(bytes, at), remote: decodeSocketAddress(bytes, at + SOCKADDR_LENGTH) };
}

export function encodeSocketAddress({ address, port }: Endpoint): Bytes {
  return familyOf(address) === 4
    ? SOCKADDR_IN.encode({ family: AF_INET, port }, { address: addressBytes(address) })
    : SOCKADDR_IN6.encode({ family: AF_INET6, port, flow: 0, scope: 0 }, { address: addressBytes(address) });
}

function decodeSocketAddress(bytes: Bytes, at: number): Endpoint | undefined {
  const v4 = SOCKADDR_IN.read(bytes, at);
  const family = v4?.number('family');
  const socket = family === AF_INET ? v4 : family === AF_INET6 ? SOCKADDR_IN6.read(bytes, at) : undefined;
  const address = socket && addressFromBytes(socket.area('address'));
  return address === undefined ? undefined : { address, port: socket?.number('port') ?? 0 };
}
