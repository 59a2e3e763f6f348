/** Identification types (RFC 2407 4.6.2.1, RFC 3554 3). */
import { registry } from './registry.js';

export const ID_TYPE = {
  ipv4Addr: 1,
  fqdn: 2,
  userFqdn: 3,
  ipv4AddrSubnet: 4,
  ipv6Addr: 5,
  ipv6AddrSubnet: 6,
  ipv4AddrRange: 7,
  ipv6AddrRange: 8,
  derAsn1Dn: 9,
  derAsn1Gn: 10,
  keyId: 11,
} as const;

const SOURCE = 'RFC 2407 4.6.2.1';

export const ID_TYPES = registry('identification type', [
  { number: ID_TYPE.ipv4Addr, name: 'ID_IPV4_ADDR', source: SOURCE, supported: true },
  { number: ID_TYPE.fqdn, name: 'ID_FQDN', source: SOURCE, supported: true },
  { number: ID_TYPE.userFqdn, name: 'ID_USER_FQDN', source: SOURCE, supported: true },
  { number: ID_TYPE.ipv4AddrSubnet, name: 'ID_IPV4_ADDR_SUBNET', source: SOURCE, supported: true },
  { number: ID_TYPE.ipv6Addr, name: 'ID_IPV6_ADDR', source: SOURCE, supported: true },
  { number: ID_TYPE.ipv6AddrSubnet, name: 'ID_IPV6_ADDR_SUBNET', source: SOURCE, supported: true },
  { number: ID_TYPE.ipv4AddrRange, name: 'ID_IPV4_ADDR_RANGE', source: SOURCE, supported: true },
  { number: ID_TYPE.ipv6AddrRange, name: 'ID_IPV6_ADDR_RANGE', source: SOURCE, supported: true },
  { number: ID_TYPE.derAsn1Dn, name: 'ID_DER_ASN1_DN', source: SOURCE },
  { number: ID_TYPE.derAsn1Gn, name: 'ID_DER_ASN1_GN', source: SOURCE },
  { number: ID_TYPE.keyId, name: 'ID_KEY_ID', source: SOURCE },
  { number: 12, name: 'ID_LIST', source: 'RFC 3554 3' },
]);

export function idTypeName(number: number): string {
  return ID_TYPES.nameOf(number);
}
