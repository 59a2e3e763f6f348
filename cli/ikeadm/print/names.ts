/** Names of the numbers in Phase 1 SAs. Another version of the daemon may send numbers that have none here. */
import { CIPHER_NUMBERS, HASH_NUMBERS } from '../../../services/admin/algorithm-numbers.js';
import { KEY_TYPE } from '../../../services/admin/door/phase1-parts.js';

type Names = ReadonlyMap<number, string>;

const EXCHANGES: Names = new Map([
  [0, '<unspecified>'],
  [1, 'base'],
  [2, 'main mode (identity protect)'],
  [3, 'authentication only'],
  [4, 'aggressive mode'],
  [240, 'main and aggressive mode'],
  [256, 'any mode'],
]);

const STATES: Names = new Map([
  [0, '<invalid>'],
  [1, 'INITIALIZING'],
  [2, 'SENT FIRST MSG (SA)'],
  [3, 'SENT SECOND MSG (KE)'],
  [4, 'SENT FINAL MSG'],
  [5, 'ACTIVE'],
  [6, 'DELETED'],
]);

const METHODS: Names = new Map([
  [1, 'pre-shared key'],
  [2, 'DSS signatures'],
  [3, 'RSA signatures'],
  [4, 'RSA Encryption'],
  [5, 'Revised RSA Encryption'],
]);

const PRFS: Names = new Map([
  [1, 'HMAC MD5'],
  [2, 'HMAC SHA1'],
  [5, 'HMAC SHA256'],
  [6, 'HMAC SHA384'],
  [7, 'HMAC SHA512'],
]);

const IDENTITY_TYPES: Names = new Map([
  [1, 'prefix'],
  [2, 'FQDN'],
  [3, 'user-FQDN (mbox)'],
  [4, 'ASN.1 DER Distinguished Name'],
  [5, 'ASN.1 DER Generic Name'],
  [6, 'Generic key id'],
  [7, 'Address range'],
]);

const KEYS: Names = new Map([
  [KEY_TYPE.preshared, 'Pre-shared key'],
  [KEY_TYPE.skeyid, 'SKEYID'],
  [KEY_TYPE.skeyid_d, 'SKEYID_d'],
  [KEY_TYPE.skeyid_a, 'SKEYID_a'],
  [KEY_TYPE.skeyid_e, 'SKEYID_e'],
  [KEY_TYPE.encryption, 'Encryption key'],
  [KEY_TYPE.iv, 'Initialization vector'],
]);

const CIPHERS: Names = byNumber(Object.values(CIPHER_NUMBERS), [11, 'null']);
const HASHES: Names = byNumber(Object.values(HASH_NUMBERS));

export const exchangeName = named(EXCHANGES);
export const stateName = named(STATES);
export const methodName = named(METHODS);
export const prfName = named(PRFS);
export const identityTypeName = named(IDENTITY_TYPES);
export const cipherName = named(CIPHERS);
export const hashName = named(HASHES);

/** Undefined for a type of key that has no name here. */
export function keyName(type: number): string | undefined {
  return KEYS.get(type);
}

function named(names: Names): (number: number) => string {
  return (number) => names.get(number) ?? `<unknown ${String(number)}>`;
}

function byNumber(
  algorithms: readonly { readonly sadb: number; readonly name: string }[],
  ...more: readonly (readonly [number, string])[]
): Names {
  return new Map([[0, '<none>'], ...algorithms.map(({ sadb, name }) => [sadb, name] as const), ...more]);
}
