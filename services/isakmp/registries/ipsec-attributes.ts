/** Phase 2 attribute classes and their values (RFC 2407 4.5, RFC 3947 5.1, RFC 4304 2). */
import { LIFE_TYPE } from './phase1-attributes.js';
import { registry } from './registry.js';

/** The classes this version understands. The registry below also names the others; a transform with one of those must not be chosen. */
export const IPSEC_ATTRIBUTE = {
  lifeType: 1,
  lifeDuration: 2,
  groupDescription: 3,
  encapsulationMode: 4,
  authenticationAlgorithm: 5,
  keyLength: 6,
} as const;

export const ENCAPSULATION_MODE = {
  tunnel: 1,
  transport: 2,
  udpTunnel: 3,
  udpTransport: 4,
  udpTunnelDraft: 61443,
  udpTransportDraft: 61444,
} as const;

export const AUTH_ALGORITHM = {
  hmacMd5: 1,
  hmacSha1: 2,
  hmacSha2256: 5,
  hmacSha2384: 6,
  hmacSha2512: 7,
} as const;

export { LIFE_TYPE };

const SOURCE = 'RFC 2407 4.5';

export const IPSEC_ATTRIBUTES = registry('Phase 2 attribute', [
  { number: IPSEC_ATTRIBUTE.lifeType, name: 'SA Life Type', source: SOURCE, supported: true },
  { number: IPSEC_ATTRIBUTE.lifeDuration, name: 'SA Life Duration', source: SOURCE, supported: true },
  { number: IPSEC_ATTRIBUTE.groupDescription, name: 'Group Description', source: SOURCE, supported: true },
  { number: IPSEC_ATTRIBUTE.encapsulationMode, name: 'Encapsulation Mode', source: SOURCE, supported: true },
  {
    number: IPSEC_ATTRIBUTE.authenticationAlgorithm,
    name: 'Authentication Algorithm',
    source: SOURCE,
    supported: true,
  },
  { number: IPSEC_ATTRIBUTE.keyLength, name: 'Key Length', source: SOURCE, supported: true },
  { number: 7, name: 'Key Rounds', source: SOURCE },
  { number: 8, name: 'Compress Dictionary Size', source: SOURCE },
  { number: 9, name: 'Compress Private Algorithm', source: SOURCE },
  { number: 10, name: 'ECN Tunnel', source: 'RFC 3168 9.2.1.2' },
  { number: 11, name: 'Extended (64-bit) Sequence Number', source: 'RFC 4304 2' },
  { number: 12, name: 'Authentication Key Length', source: 'RFC 4359 5' },
  { number: 13, name: 'Signature Encoding Algorithm', source: 'RFC 4359 5' },
]);

export const ENCAPSULATION_MODES = registry('encapsulation mode', [
  { number: ENCAPSULATION_MODE.tunnel, name: 'tunnel', source: SOURCE, supported: true },
  { number: ENCAPSULATION_MODE.transport, name: 'transport', source: SOURCE, supported: true },
  { number: ENCAPSULATION_MODE.udpTunnel, name: 'UDP tunnel', source: 'RFC 3947 5.1', supported: true },
  { number: ENCAPSULATION_MODE.udpTransport, name: 'UDP transport', source: 'RFC 3947 5.1', supported: true },
  {
    number: ENCAPSULATION_MODE.udpTunnelDraft,
    name: 'UDP tunnel (draft)',
    source: 'draft-ietf-ipsec-nat-t-ike-03',
    supported: true,
  },
  {
    number: ENCAPSULATION_MODE.udpTransportDraft,
    name: 'UDP transport (draft)',
    source: 'draft-ietf-ipsec-nat-t-ike-03',
    supported: true,
  },
]);

export const AUTH_ALGORITHMS = registry('Phase 2 authentication algorithm', [
  { number: AUTH_ALGORITHM.hmacMd5, name: 'HMAC-MD5', source: SOURCE, supported: true },
  { number: AUTH_ALGORITHM.hmacSha1, name: 'HMAC-SHA1', source: SOURCE, supported: true },
  { number: 3, name: 'DES-MAC', source: SOURCE },
  { number: 4, name: 'KPDK', source: SOURCE },
  { number: AUTH_ALGORITHM.hmacSha2256, name: 'HMAC-SHA2-256', source: 'RFC 4868 4', supported: true },
  { number: AUTH_ALGORITHM.hmacSha2384, name: 'HMAC-SHA2-384', source: 'RFC 4868 4', supported: true },
  { number: AUTH_ALGORITHM.hmacSha2512, name: 'HMAC-SHA2-512', source: 'RFC 4868 4', supported: true },
  { number: 8, name: 'HMAC-RIPEMD', source: 'RFC 2857 3' },
  { number: 9, name: 'AES-XCBC-MAC', source: 'RFC 3566 6' },
  { number: 10, name: 'SIG-RSA', source: 'RFC 4359 5' },
  { number: 11, name: 'AES-128-GMAC', source: 'RFC 4543 9' },
  { number: 12, name: 'AES-192-GMAC', source: 'RFC 4543 9' },
  { number: 13, name: 'AES-256-GMAC', source: 'RFC 4543 9' },
]);

export function ipsecAttributeName(number: number): string {
  return IPSEC_ATTRIBUTES.nameOf(number);
}

export function encapsulationModeName(number: number): string {
  return ENCAPSULATION_MODES.nameOf(number);
}

export function authAlgorithmName(number: number): string {
  return AUTH_ALGORITHMS.nameOf(number);
}
