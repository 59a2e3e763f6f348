/** Identities of both phases: ID payloads to addresses, selectors and words, and back (RFC 2407 4.6.2). */
import { type Bytes, concat, readU32, sameBytes } from '../bytes.js';
import { formatName, readName } from '../certs/name.js';
import type { IdPayload } from '../isakmp/payloads/identification.js';
import { ID_TYPE, idTypeName } from '../isakmp/registries/id-types.js';
import {
  type Address,
  addressBytes,
  addressFromBytes,
  type AddressRange,
  compareAddresses,
  familyOf,
  formatRange,
  prefixLengthOf,
  prefixRange,
  single,
} from '../net/address.js';
import { ipv4Text } from '../net/known-addresses.js';
import type { TrafficSelectors } from '../ports/kernel.js';

/** Phase 1 identity of a host: its address. Port and protocol stay 0, which RFC 2407 4.6.2 allows. */
export function addressIdentity(address: Address): IdPayload {
  return {
    kind: 'ID',
    idType: familyOf(address) === 4 ? ID_TYPE.ipv4Addr : ID_TYPE.ipv6Addr,
    protocol: 0,
    port: 0,
    data: addressBytes(address),
  };
}

/** The addresses an identity of an address type names; undefined for other types or impossible data. */
export function identityRange(identity: IdPayload): AddressRange | undefined {
  const { data, idType } = identity;
  const size =
    idType === ID_TYPE.ipv4Addr || idType === ID_TYPE.ipv4AddrSubnet || idType === ID_TYPE.ipv4AddrRange
      ? 4
      : 16;
  if (data.length < size) return undefined;
  const first = size === 4 ? ipv4Text(readU32(data, 0)) : addressFromBytes(data.subarray(0, size));
  if (first === undefined) return undefined;
  switch (idType) {
    case ID_TYPE.ipv4Addr:
    case ID_TYPE.ipv6Addr:
      return data.length === size ? single(first) : undefined;
    case ID_TYPE.ipv4AddrSubnet:
    case ID_TYPE.ipv6AddrSubnet: {
      const length = data.length === size * 2 ? maskLength(data, size) : undefined;
      return length === undefined ? undefined : prefixRange(first, length);
    }
    case ID_TYPE.ipv4AddrRange:
    case ID_TYPE.ipv6AddrRange: {
      const last = data.length === size * 2 ? addressFromBytes(data.subarray(size)) : undefined;
      return last === undefined || compareAddresses(first, last) > 0
        ? undefined
        : { begin: first, end: last };
    }
    default:
      return undefined;
  }
}

/** Length of the netmask that stands from `start` on; undefined when its ones are not contiguous. */
function maskLength(data: Bytes, start: number): number | undefined {
  let length = 0;
  for (let at = start; at < data.length; at += 1) {
    const byte = data[at] ?? 0;
    const ones = Math.min(8, Math.clz32(~byte << 24));
    const contiguous = ((byte << ones) & 0xff) === 0 && (ones === 0 || length === (at - start) * 8);
    if (!contiguous) return undefined;
    length += ones;
  }
  return length;
}

/** One side of Quick Mode traffic: an address, a subnet where the range is one, else a range. */
export function selectorIdentity(addresses: AddressRange, protocol: number, port: number): IdPayload {
  const v4 = familyOf(addresses.begin) === 4;
  const id = (idType: number, data: Bytes): IdPayload => ({ kind: 'ID', protocol, port, idType, data });
  if (addresses.begin === addresses.end) {
    return id(v4 ? ID_TYPE.ipv4Addr : ID_TYPE.ipv6Addr, addressBytes(addresses.begin));
  }
  const length = prefixLengthOf(addresses);
  if (length !== undefined) {
    const mask = addressBytes(prefixRange(v4 ? '255.255.255.255' : ALL_ONES_6, length).begin);
    const data = concat(addressBytes(addresses.begin), mask);
    return id(v4 ? ID_TYPE.ipv4AddrSubnet : ID_TYPE.ipv6AddrSubnet, data);
  }
  const data = concat(addressBytes(addresses.begin), addressBytes(addresses.end));
  return id(v4 ? ID_TYPE.ipv4AddrRange : ID_TYPE.ipv6AddrRange, data);
}

const ALL_ONES_6 = 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff';

/** IDci and IDcr of our traffic when we are the Quick Mode initiator. */
export function selectorIdentities(selectors: TrafficSelectors): readonly [IdPayload, IdPayload] {
  const { local, remote, protocol } = selectors;
  return [
    selectorIdentity(local.addresses, protocol, local.port),
    selectorIdentity(remote.addresses, protocol, remote.port),
  ];
}

/** Traffic from the view of the end that IDcr names; undefined when an identity is no set of addresses. */
export function selectorsOf(initiator: IdPayload, responder: IdPayload): TrafficSelectors | undefined {
  const remote = identityRange(initiator);
  const local = identityRange(responder);
  if (remote === undefined || local === undefined) return undefined;
  // The protocols of both sides must agree; 0 on one side says nothing against the other's.
  if (initiator.protocol !== responder.protocol && initiator.protocol !== 0 && responder.protocol !== 0)
    return undefined;
  return {
    local: { addresses: local, port: responder.port },
    remote: { addresses: remote, port: initiator.port },
    protocol: Math.max(initiator.protocol, responder.protocol),
  };
}

/** For people: `10.1.0.0/16`, `gw.example.net (ID_FQDN)`. Bytes that do not print are shown as hex. */
export function describeIdentity(identity: IdPayload): string {
  const range = identityRange(identity);
  if (range !== undefined) return formatRange(range);
  return `${identityText(identity)} (${idTypeName(identity.idType)})`;
}

/** What stands in an identity that is no address: a distinguished name as text, hex where the bytes do not print. */
export function identityText({ data, idType }: IdPayload): string {
  const name = idType === ID_TYPE.derAsn1Dn ? readName(data) : undefined;
  if (name?.ok === true) return formatName(name.value);
  const text = Buffer.from(data).toString('latin1');
  return /^[\x20-\x7e]*$/.test(text) ? text : Buffer.from(data).toString('hex');
}

/** With bytes of its own: a view would keep the whole buffer of the message alive for as long as the identity. */
export function copyOfIdentity({ kind, idType, protocol, port, data }: IdPayload): IdPayload {
  return { kind, idType, protocol, port, data: Uint8Array.from(data) };
}

export function isSameIdentity(one: IdPayload, other: IdPayload): boolean {
  return (
    one.idType === other.idType &&
    one.protocol === other.protocol &&
    one.port === other.port &&
    sameBytes(one.data, other.data)
  );
}
