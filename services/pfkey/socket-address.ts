/**
 * Socket addresses inside extensions.
 *
 *     sockaddr_in     family u16 @0, port @2 (network order), address @4; 16 bytes
 *     sockaddr_in6    family u16 @0, port @2 (network order), flow @4, address @8, scope @24; 28 bytes, illumos 32
 */
import { structureWithAreas } from '../c-structure.js';
import type { Bytes } from '../bytes.js';
import { addressBytes, addressFromBytes, familyOf, type Endpoint } from '../net/address.js';
import type { Dialect } from './dialect.js';

const AF_INET = 2;

const SOCKADDR_IN = structureWithAreas(
  'sockaddr_in',
  16,
  { family: [0, 'u16'], port: [2, 'u16be'] },
  { address: [4, 4] },
);
/** What every system has of it. */
const SOCKADDR_IN6 = structureWithAreas(
  'sockaddr_in6',
  28,
  { family: [0, 'u16'], port: [2, 'u16be'], flow: [4, 'u32'], scope: [24, 'u32'] },
  { address: [8, 16] },
);

export function encodeSocketAddress({ address, port }: Endpoint, dialect: Dialect): Bytes {
  const bytes = addressBytes(address);
  if (familyOf(address) === 4) return SOCKADDR_IN.encode({ family: AF_INET, port }, { address: bytes });
  const whole = new Uint8Array(dialect.sockaddrIn6);
  whole.set(SOCKADDR_IN6.encode({ family: dialect.afInet6, port, flow: 0, scope: 0 }, { address: bytes }));
  return whole;
}

/** The endpoint and how many bytes it took; undefined when it is cut short or of another family. */
export function decodeSocketAddress(
  bytes: Bytes,
  at: number,
  dialect: Dialect,
): { readonly endpoint: Endpoint; readonly length: number } | undefined {
  const v4 = SOCKADDR_IN.read(bytes, at);
  const family = v4?.number('family');
  const inet6 = family === dialect.afInet6;
  if (family !== AF_INET && !inet6) return undefined;
  const socket = inet6 ? SOCKADDR_IN6.read(bytes, at) : v4;
  const address = socket && addressFromBytes(socket.area('address'));
  if (socket === undefined || address === undefined) return undefined;
  return {
    endpoint: { address, port: socket.number('port') },
    length: inet6 ? dialect.sockaddrIn6 : SOCKADDR_IN.size,
  };
}
