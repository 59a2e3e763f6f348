/**
 * Names of algorithms as this program uses them everywhere between the codecs.
 * Numbers of the wire live in the registries of `isakmp/`; spellings of the files in `config/`.
 */

/** Hashes of Phase 1; the prf is HMAC of the same (RFC 2409 4). */
export type HashAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';

/** Ciphers of Phase 1, CBC all of them. */
export type Phase1Cipher = 'des' | '3des' | 'blowfish' | 'aes';

/** Authentication methods of Phase 1 by their `ike.config` keyword. */
export type AuthMethod = 'preshared' | 'dss_sig' | 'rsa_sig' | 'rsa_encrypt' | 'rsa_encrypt_revised';

/** Encryption of ESP. */
export type EspCipher = 'null' | 'des' | '3des' | 'blowfish' | 'aes-cbc' | 'aes-ctr' | 'aes-gcm-16';

/** Integrity of ESP and AH, with the truncation in the name (bits). */
export type IntegrityAlgorithm =
  | 'hmac-md5-96'
  | 'hmac-sha1-96'
  | 'hmac-sha2-256-128'
  | 'hmac-sha2-256-96'
  | 'hmac-sha2-384-192'
  | 'hmac-sha2-512-256';

/** Oakley group number (RFC 2409 6, RFC 3526, RFC 5903). */
export type GroupNumber = number;

export const HASH_LENGTH: Readonly<Record<HashAlgorithm, number>> = {
  md5: 16,
  sha1: 20,
  sha256: 32,
  sha384: 48,
  sha512: 64,
};

/** Block length in bytes, which is also the IV's. */
export const PHASE1_BLOCK_LENGTH: Readonly<Record<Phase1Cipher, number>> = {
  des: 8,
  '3des': 8,
  blowfish: 8,
  aes: 16,
};

/** Key bits of ciphers whose length is fixed; the others carry a Key Length attribute. */
export const FIXED_KEY_BITS: Readonly<Partial<Record<Phase1Cipher | EspCipher, number>>> = {
  des: 64,
  '3des': 192,
  null: 0,
};

/** Key bits of the ciphers of Phase 1 that carry a Key Length attribute (RFC 3602 5.3, RFC 2451 2.2). */
export const PHASE1_KEY_BITS: Readonly<
  Record<'aes' | 'blowfish', { readonly low: number; readonly high: number; readonly step: number }>
> = {
  aes: { low: 128, high: 256, step: 64 },
  blowfish: { low: 40, high: 448, step: 8 },
};

/** Integrity algorithms: hash, key length and ICV length, bytes (RFC 2403, 2404, 4868). */
export const INTEGRITY: Readonly<
  Record<
    IntegrityAlgorithm,
    { readonly hash: HashAlgorithm; readonly keyLength: number; readonly icvLength: number }
  >
> = {
  'hmac-md5-96': { hash: 'md5', keyLength: 16, icvLength: 12 },
  'hmac-sha1-96': { hash: 'sha1', keyLength: 20, icvLength: 12 },
  'hmac-sha2-256-128': { hash: 'sha256', keyLength: 32, icvLength: 16 },
  'hmac-sha2-256-96': { hash: 'sha256', keyLength: 32, icvLength: 12 },
  'hmac-sha2-384-192': { hash: 'sha384', keyLength: 48, icvLength: 24 },
  'hmac-sha2-512-256': { hash: 'sha512', keyLength: 64, icvLength: 32 },
};
