/** Addresses in the long form: `AF_INET: port 500, 192.0.2.1 (alpha.example).` */
import { familyOf, type Address, type Endpoint } from '../../../services/net/address.js';
import type { Session } from '../session.js';

/** What stands in brackets after an address, found before printing; undefined with `-n`. */
export type HostNames = ReadonlyMap<Address, string | undefined> | undefined;

/** Looks all of them up at once. */
export async function hostNames(
  session: Session,
  addresses: readonly (Address | undefined)[],
): Promise<HostNames> {
  if (session.options.numeric) return undefined;
  const distinct = [...new Set(addresses)].filter((address) => address !== undefined);
  return new Map(
    await Promise.all(
      distinct.map(
        async (address) =>
          [address, isUnspecified(address) ? undefined : await session.world.names.nameOf(address)] as const,
      ),
    ),
  );
}

/** `prefixLength` 0: a single address. */
export function longAddress(endpoint: Endpoint | undefined, names: HostNames, prefixLength = 0): string {
  if (endpoint === undefined) return '<unknown address family>.';
  const family = familyOf(endpoint.address) === 4 ? 'AF_INET' : 'AF_INET6';
  const length = prefixLength > 0 ? `/${String(prefixLength)}` : '';
  return `${family}: port ${String(endpoint.port)}, ${endpoint.address}${length}${suffix(endpoint.address, names)}.`;
}

function suffix(address: Address, names: HostNames): string {
  if (names === undefined) return '';
  if (isUnspecified(address)) return ' <unspecified>';
  const name = names.get(address);
  return name === undefined ? ' <unknown>' : ` (${name})`;
}

function isUnspecified(address: Address): boolean {
  return address === '0.0.0.0' || address === '::';
}
