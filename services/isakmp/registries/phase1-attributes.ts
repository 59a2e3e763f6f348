/** Phase 1 attribute classes and their values (RFC 2409 appendix A). */
import { registry } from './registry.js';

/** The classes this version understands. The registry below also names the others; a transform with one of those must not be chosen. */
export const OAKLEY_ATTRIBUTE = {
  encryptionAlgorithm: 1,
  hashAlgorithm: 2,
  authenticationMethod: 3,
  groupDescription: 4,
  lifeType: 11,
  lifeDuration: 12,
  keyLength: 14,
} as const;

/** Values of Life Type, the same in both phases (RFC 2409 appendix A, RFC 2407 4.5). */
export const LIFE_TYPE = { seconds: 1, kilobytes: 2 } as const;

const SOURCE = 'RFC 2409 appendix A';

export const OAKLEY_ATTRIBUTES = registry('Phase 1 attribute', [
  {
    number: OAKLEY_ATTRIBUTE.encryptionAlgorithm,
    name: 'Encryption Algorithm',
    source: SOURCE,
    supported: true,
  },
  { number: OAKLEY_ATTRIBUTE.hashAlgorithm, name: 'Hash Algorithm', source: SOURCE, supported: true },
  {
    number: OAKLEY_ATTRIBUTE.authenticationMethod,
    name: 'Authentication Method',
    source: SOURCE,
    supported: true,
  },
  { number: OAKLEY_ATTRIBUTE.groupDescription, name: 'Group Description', source: SOURCE, supported: true },
  { number: 5, name: 'Group Type', source: SOURCE },
  { number: 6, name: 'Group Prime', source: SOURCE },
  { number: 7, name: 'Group Generator One', source: SOURCE },
  { number: 8, name: 'Group Generator Two', source: SOURCE },
  { number: 9, name: 'Group Curve A', source: SOURCE },
  { number: 10, name: 'Group Curve B', source: SOURCE },
  { number: OAKLEY_ATTRIBUTE.lifeType, name: 'Life Type', source: SOURCE, supported: true },
  { number: OAKLEY_ATTRIBUTE.lifeDuration, name: 'Life Duration', source: SOURCE, supported: true },
  { number: 13, name: 'PRF', source: SOURCE },
  { number: OAKLEY_ATTRIBUTE.keyLength, name: 'Key Length', source: SOURCE, supported: true },
  { number: 15, name: 'Field Size', source: SOURCE },
  { number: 16, name: 'Group Order', source: SOURCE },
]);

export const ENCRYPTION_ALGORITHMS = registry('Phase 1 encryption algorithm', [
  { number: 1, name: 'DES-CBC', source: SOURCE, supported: true },
  { number: 2, name: 'IDEA-CBC', source: SOURCE },
  { number: 3, name: 'Blowfish-CBC', source: SOURCE, supported: true },
  { number: 4, name: 'RC5-R16-B64-CBC', source: SOURCE },
  { number: 5, name: '3DES-CBC', source: SOURCE, supported: true },
  { number: 6, name: 'CAST-CBC', source: SOURCE },
  { number: 7, name: 'AES-CBC', source: 'RFC 3602 5.1', supported: true },
  { number: 8, name: 'Camellia-CBC', source: 'RFC 4312 2.5' },
]);

export const HASH_ALGORITHMS = registry('Phase 1 hash algorithm', [
  { number: 1, name: 'MD5', source: SOURCE, supported: true },
  { number: 2, name: 'SHA-1', source: SOURCE, supported: true },
  { number: 3, name: 'Tiger', source: SOURCE },
  { number: 4, name: 'SHA2-256', source: 'RFC 4868 4', supported: true },
  { number: 5, name: 'SHA2-384', source: 'RFC 4868 4', supported: true },
  { number: 6, name: 'SHA2-512', source: 'RFC 4868 4', supported: true },
]);

export const AUTHENTICATION_METHODS = registry('Phase 1 authentication method', [
  { number: 1, name: 'pre-shared key', source: SOURCE, supported: true },
  { number: 2, name: 'DSS signatures', source: SOURCE, supported: true },
  { number: 3, name: 'RSA signatures', source: SOURCE, supported: true },
  { number: 4, name: 'RSA encryption', source: SOURCE, supported: true },
  { number: 5, name: 'revised RSA encryption', source: SOURCE },
  { number: 9, name: 'ECDSA with SHA-256 on P-256', source: 'RFC 4754 3' },
  { number: 10, name: 'ECDSA with SHA-384 on P-384', source: 'RFC 4754 3' },
  { number: 11, name: 'ECDSA with SHA-512 on P-521', source: 'RFC 4754 3' },
  { number: 65001, name: 'XAUTH, pre-shared key, initiator', source: 'practice (draft-beaulieu-ike-xauth)' },
  { number: 65002, name: 'XAUTH, pre-shared key, responder', source: 'practice (draft-beaulieu-ike-xauth)' },
  { number: 65005, name: 'XAUTH, RSA signatures, initiator', source: 'practice (draft-beaulieu-ike-xauth)' },
  { number: 65006, name: 'XAUTH, RSA signatures, responder', source: 'practice (draft-beaulieu-ike-xauth)' },
]);

export const LIFE_TYPES = registry('life type', [
  { number: LIFE_TYPE.seconds, name: 'seconds', source: SOURCE, supported: true },
  { number: LIFE_TYPE.kilobytes, name: 'kilobytes', source: SOURCE, supported: true },
]);

export function encryptionName(number: number): string {
  return ENCRYPTION_ALGORITHMS.nameOf(number);
}

export function hashName(number: number): string {
  return HASH_ALGORITHMS.nameOf(number);
}

export function authMethodName(number: number): string {
  return AUTHENTICATION_METHODS.nameOf(number);
}

export { groupName } from './groups.js';
