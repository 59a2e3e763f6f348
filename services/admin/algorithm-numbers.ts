/**
 * Numbers that algorithms have on the door: SADB numbers in SAs (RFC 2367 3.5 and the IPsec algorithm table), IKE
 * attribute values in lists (RFC 2409 appendix A), and the names the algorithm table gives them.
 */
import type { AuthMethod, HashAlgorithm, Phase1Cipher } from '../algorithms.js';

interface CipherNumbers {
  readonly sadb: number;
  readonly ike: number;
  readonly name: string;
}

export const CIPHER_NUMBERS: Readonly<Record<Phase1Cipher, CipherNumbers>> = {
  des: { sadb: 2, ike: 1, name: 'des-cbc' },
  '3des': { sadb: 3, ike: 5, name: '3des-cbc' },
  blowfish: { sadb: 7, ike: 3, name: 'blowfish-cbc' },
  aes: { sadb: 12, ike: 7, name: 'aes-cbc' },
};

interface HashNumbers extends CipherNumbers {
  /** As the prf of a transform. */
  readonly prf: number;
}

export const HASH_NUMBERS: Readonly<Record<HashAlgorithm, HashNumbers>> = {
  md5: { sadb: 2, ike: 1, prf: 1, name: 'hmac-md5' },
  sha1: { sadb: 3, ike: 2, prf: 2, name: 'hmac-sha1' },
  sha256: { sadb: 5, ike: 4, prf: 5, name: 'hmac-sha256' },
  sha384: { sadb: 6, ike: 5, prf: 6, name: 'hmac-sha384' },
  sha512: { sadb: 7, ike: 6, prf: 7, name: 'hmac-sha512' },
};

export const METHOD_NUMBERS: Readonly<Record<AuthMethod, number>> = {
  preshared: 1,
  dss_sig: 2,
  rsa_sig: 3,
  rsa_encrypt: 4,
  rsa_encrypt_revised: 5,
};

/** Estimated strength in bits: RFC 3526 8 (first column), its scale continued down for 1 and 2; RFC 5903 1 for 19 to 21; RFC 5114 4 for 22 to 26. */
const GROUP_STRENGTH: ReadonlyMap<number, number> = new Map([
  [1, 66],
  [2, 77],
  [5, 90],
  [14, 110],
  [15, 130],
  [16, 150],
  [17, 170],
  [18, 190],
  [19, 128],
  [20, 192],
  [21, 256],
  [22, 80],
  [23, 112],
  [24, 112],
  [25, 80],
  [26, 112],
]);

/** 0 for a group nobody has estimated here. */
export function groupStrength(group: number): number {
  return GROUP_STRENGTH.get(group) ?? 0;
}

const GROUP_NAMES: ReadonlyMap<number, string> = new Map([
  [0, '<unavailable>'],
  [1, '768-bit MODP (group 1)'],
  [2, '1024-bit MODP (group 2)'],
  [3, 'EC2N group on GP[2^155]'],
  [4, 'EC2N group on GP[2^185]'],
  [5, '1536-bit MODP (group 5)'],
  [14, '2048-bit MODP (group 14)'],
  [15, '3072-bit MODP (group 15)'],
  [16, '4096-bit MODP (group 16)'],
  [17, '6144-bit MODP (group 17)'],
  [18, '8192-bit MODP (group 18)'],
  [19, '256-bit ECP (group 19)'],
  [20, '384-bit ECP (group 20)'],
  [21, '521-bit ECP (group 21)'],
  [22, '1024-bit MODP with 160-bit subprime (group 22)'],
  [23, '2048-bit MODP with 224-bit subprime (group 23)'],
  [24, '2048-bit MODP with 256-bit subprime (group 24)'],
  [25, '192-bit ECP (group 25)'],
  [26, '224-bit ECP (group 26)'],
]);

export function groupName(group: number): string {
  return GROUP_NAMES.get(group) ?? `<unknown ${String(group)}>`;
}
