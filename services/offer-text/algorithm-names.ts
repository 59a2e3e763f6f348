/** Names that strongSwan, libreswan, ike-scan, Cisco and ike.config give to what Phase 1 offers, as numbers of RFC 2409. */
import { OAKLEY_GROUPS } from '../isakmp/registries/groups.js';
import { METHOD_NUMBER } from '../proposal/phase1-suite.js';

export interface CipherName {
  readonly cipher: number;
  readonly keyBits: number | undefined;
}

const CIPHERS: ReadonlyMap<string, CipherName> = new Map([
  ['des', { cipher: 1, keyBits: undefined }],
  ['des-cbc', { cipher: 1, keyBits: undefined }],
  ['idea', { cipher: 2, keyBits: undefined }],
  ['blowfish', { cipher: 3, keyBits: 128 }],
  ['3des', { cipher: 5, keyBits: undefined }],
  ['3des-cbc', { cipher: 5, keyBits: undefined }],
  ['cast', { cipher: 6, keyBits: 128 }],
  ['aes', { cipher: 7, keyBits: 128 }],
  ['aes-cbc', { cipher: 7, keyBits: 128 }],
  ['camellia', { cipher: 8, keyBits: 128 }],
]);

/** `aes`, `aes256`, `aes_256`, `aes-256`, `3des`; the key size that is not said is 128 where there is one to say. */
export function cipherNamed(text: string): CipherName | undefined {
  const plain = CIPHERS.get(text);
  if (plain !== undefined) return plain;
  const [, name = '', bits = ''] = /^(aes|camellia|blowfish|cast)[-_ ]?(\d{2,3})$/.exec(text) ?? [];
  const sized = CIPHERS.get(name);
  return sized && { cipher: sized.cipher, keyBits: Number(bits) };
}

const HASHES: ReadonlyMap<string, number> = new Map([
  ['md5', 1],
  ['sha', 2],
  ['sha1', 2],
  ['tiger', 3],
  ...(['256', '384', '512'] as const).flatMap((bits, index): [string, number][] =>
    [`sha${bits}`, `sha2-${bits}`, `sha2_${bits}`, `sha2${bits}`].map((name) => [name, index + 4]),
  ),
]);

export function hashNamed(text: string): number | undefined {
  return HASHES.get(text);
}

const METHODS: ReadonlyMap<string, number> = new Map([
  ...['psk', 'preshared', 'pre-share', 'secret'].map((name): [string, number] => [
    name,
    METHOD_NUMBER.preshared,
  ]),
  ...['dss', 'dsasig', 'dss_sig', 'dsa_sig'].map((name): [string, number] => [name, METHOD_NUMBER.dss_sig]),
  ...['rsasig', 'rsa_sig', 'rsa-sig', 'rsa', 'pubkey'].map((name): [string, number] => [
    name,
    METHOD_NUMBER.rsa_sig,
  ]),
  ...['rsa_encrypt', 'rsa-encr', 'rsa_enc', 'rsaenc'].map((name): [string, number] => [
    name,
    METHOD_NUMBER.rsa_encrypt,
  ]),
]);

export function methodNamed(text: string): number | undefined {
  return METHODS.get(text);
}

const GROUPS: ReadonlyMap<string, number> = new Map(
  OAKLEY_GROUPS.entries.map(({ name, number }) => [name.toLowerCase(), number]),
);

/** `modp2048`, `ecp256`, `dh14`, `group14`, `14`. */
export function groupNamed(text: string): number | undefined {
  const [, digits] = /^(?:dh|group)?(\d{1,2})$/.exec(text) ?? [];
  return digits === undefined ? GROUPS.get(text) : Number(digits);
}
