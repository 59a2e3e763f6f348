/** What `ikecert -t` names: a kind of key, and the hash under its signatures on certificates and requests. */
import type { X509Signature } from '../ports/public-key.js';

export interface KeyType {
  readonly name: string;
  readonly algorithm: 'rsa' | 'dsa';
  readonly hash: X509Signature['hash'];
  /** Of the signature algorithm. */
  readonly oid: string;
  /** Key sizes in bits: what `-m` may say for it. */
  readonly sizes: readonly number[];
}

const RSA_SIZES = [512, 1024, 2048, 3072, 4096];
/** The digest and its DigestInfo must fit into the key (RFC 8017 9.2): 62 bytes of SHA-384 and more do not fit 512 bits. */
const RSA_SIZES_OF_LONG_DIGESTS = RSA_SIZES.slice(1);
/** OpenSSL makes no DSA key below 1024 bits. */
const DSA_SIZES = [1024, 2048, 3072, 4096];

/** The first three are the original's; the others are ours. */
export const KEY_TYPES: readonly KeyType[] = [
  { name: 'rsa-sha1', algorithm: 'rsa', hash: 'sha1', oid: '1.2.840.113549.1.1.5', sizes: RSA_SIZES },
  { name: 'rsa-md5', algorithm: 'rsa', hash: 'md5', oid: '1.2.840.113549.1.1.4', sizes: RSA_SIZES },
  { name: 'dsa-sha1', algorithm: 'dsa', hash: 'sha1', oid: '1.2.840.10040.4.3', sizes: DSA_SIZES },
  { name: 'rsa-sha256', algorithm: 'rsa', hash: 'sha256', oid: '1.2.840.113549.1.1.11', sizes: RSA_SIZES },
  {
    name: 'rsa-sha384',
    algorithm: 'rsa',
    hash: 'sha384',
    oid: '1.2.840.113549.1.1.12',
    sizes: RSA_SIZES_OF_LONG_DIGESTS,
  },
  {
    name: 'rsa-sha512',
    algorithm: 'rsa',
    hash: 'sha512',
    oid: '1.2.840.113549.1.1.13',
    sizes: RSA_SIZES_OF_LONG_DIGESTS,
  },
];
