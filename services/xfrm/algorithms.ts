/** Algorithms by the names that the kernel's crypto layer has for them (`net/xfrm/xfrm_algo.c`). */
import { INTEGRITY, type EspCipher, type IntegrityAlgorithm } from '../algorithms.js';

/** Of RFC 4106 with an ICV of 16 bytes; key and salt are one (RFC 4106 8.1), as of the counter mode (RFC 3686 5.1). */
export const AEAD: Readonly<Partial<Record<EspCipher, { readonly name: string; readonly icvBits: number }>>> =
  {
    'aes-gcm-16': { name: 'rfc4106(gcm(aes))', icvBits: 128 },
  };

export const CRYPT: Readonly<Partial<Record<EspCipher, string>>> = {
  null: 'ecb(cipher_null)',
  des: 'cbc(des)',
  '3des': 'cbc(des3_ede)',
  blowfish: 'cbc(blowfish)',
  'aes-cbc': 'cbc(aes)',
  'aes-ctr': 'rfc3686(ctr(aes))',
};

/** The truncation is always said: what the kernel would take for SHA-256 by itself, 96 bits, is not RFC 4868's. */
export function authOf(algorithm: IntegrityAlgorithm): {
  readonly name: string;
  readonly truncatedBits: number;
} {
  const { hash, icvLength } = INTEGRITY[algorithm];
  return { name: `hmac(${hash})`, truncatedBits: icvLength * 8 };
}
