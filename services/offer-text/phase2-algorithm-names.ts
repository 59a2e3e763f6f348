/** Names that strongSwan, libreswan and Cisco give to what Phase 2 offers, as numbers of RFC 2407. */
import { AUTH_ALGORITHM } from '../isakmp/registries/ipsec-attributes.js';
import { AH_TRANSFORM } from '../isakmp/registries/ah-transforms.js';
import { ESP_TRANSFORM } from '../isakmp/registries/esp-transforms.js';

export interface EspCipherName {
  /** ESP transform identifier. */
  readonly id: number;
  readonly keyBits: number | undefined;
  /** Protects integrity by itself. */
  readonly combined: boolean;
}

const AES_CCM = 14;
const GMAC = 23;
/** Identifiers by the bytes of the check value: RFC 4106 8.2, RFC 4309 7.1. */
const COMBINED: Readonly<Record<'gcm' | 'ccm', Readonly<Record<number, number>>>> = {
  gcm: { 8: ESP_TRANSFORM.aesGcm8, 12: ESP_TRANSFORM.aesGcm12, 16: ESP_TRANSFORM.aesGcm16 },
  ccm: { 8: AES_CCM, 12: AES_CCM + 1, 16: AES_CCM + 2 },
};

const PLAIN: ReadonlyMap<string, EspCipherName> = new Map(
  (
    [
      ['des', ESP_TRANSFORM.des, undefined],
      ['3des', ESP_TRANSFORM.tripleDes, undefined],
      ['cast', 6, 128],
      ['cast128', 6, 128],
      ['null', ESP_TRANSFORM.null, undefined],
      ['seed', 21, undefined],
    ] as const
  ).map(([name, id, keyBits]) => [name, { id, keyBits, combined: false }]),
);

const KEYED: Readonly<Record<string, number>> = {
  aes: ESP_TRANSFORM.aesCbc,
  blowfish: ESP_TRANSFORM.blowfish,
  camellia: 22,
};

/**
 * `aes256`, `aes_256`, `3des`, `aes128ctr`, `aes_ctr256`; of GCM `aes256gcm16` and `aes256gcm128` (strongSwan counts the
 * check value in bytes or bits), `aes_gcm256`, `aes_gcm_c_256`, `aes_gcm_16_256` (libreswan). A key size that is not said
 * is 128.
 */
export function espCipherNamed(word: string): EspCipherName | undefined {
  const text = word
    .replaceAll('_', '')
    .replace(/cbc$/, '')
    .replace(/^aescbc/, 'aes');
  const plain = PLAIN.get(text);
  if (plain !== undefined) return plain;
  const [, name = '', bits] = /^(aes|blowfish|camellia)(\d{2,3})?$/.exec(text) ?? [];
  const keyed = Object.hasOwn(KEYED, name) ? KEYED[name] : undefined;
  if (keyed !== undefined) return { id: keyed, keyBits: Number(bits ?? 128), combined: false };
  const [, before, mode = '', after] = /^aes(\d{3})?(ctr|gcm|ccm|gmac)[abc]?(\d*)$/.exec(text) ?? [];
  if (mode === 'ctr' || mode === 'gmac') {
    const id = mode === 'ctr' ? ESP_TRANSFORM.aesCtr : GMAC;
    const keyBits = Number(before ?? (after === '' || after === undefined ? 128 : after));
    return { id, keyBits, combined: mode === 'gmac' };
  }
  if (mode !== 'gcm' && mode !== 'ccm') return undefined;
  // Behind a key size stands the check value; without one the check value, if any, stands before the key size.
  const [, check = '', size = ''] = /^(8|12|16|64|96|128)?(\d{3})?$/.exec(after ?? '') ?? [];
  const lone = before === undefined && size === '' && Number(check) > 16;
  const bytes = check === '' || lone ? 16 : Number(check) > 16 ? Number(check) / 8 : Number(check);
  const id = COMBINED[mode][bytes];
  const keyBits = Number(before ?? (lone ? check : size === '' ? 128 : size));
  return id === undefined || (after !== '' && check === '' && size === '')
    ? undefined
    : { id, keyBits, combined: true };
}

export interface IntegrityName {
  /** Value of the Authentication Algorithm attribute. */
  readonly attribute: number;
  /** AH transform identifier. */
  readonly transform: number;
}

const SHA2 = ['256', '384', '512'] as const;
const INTEGRITY: ReadonlyMap<string, IntegrityName> = new Map([
  ['md5', { attribute: AUTH_ALGORITHM.hmacMd5, transform: AH_TRANSFORM.md5 }],
  ['sha', { attribute: AUTH_ALGORITHM.hmacSha1, transform: AH_TRANSFORM.sha1 }],
  ['sha1', { attribute: AUTH_ALGORITHM.hmacSha1, transform: AH_TRANSFORM.sha1 }],
  ['sha2', { attribute: AUTH_ALGORITHM.hmacSha2256, transform: AH_TRANSFORM.sha2256 }],
  ['ripemd', { attribute: 8, transform: 8 }],
  ['aesxcbc', { attribute: 9, transform: 9 }],
  ...SHA2.flatMap((bits, index): [string, IntegrityName][] => {
    const number = { attribute: AUTH_ALGORITHM.hmacSha2256 + index, transform: AH_TRANSFORM.sha2256 + index };
    return [`sha${bits}`, `sha2${bits}`].map((name) => [name, number]);
  }),
]);

/** `sha1`, `sha256`, `sha2_256`; the forms cut to 96 bits have the number of the others (RFC 4868). */
export function integrityNamed(word: string): IntegrityName | undefined {
  const text = word.replaceAll('_', '').replace(/^hmac/, '');
  return INTEGRITY.get(text) ?? INTEGRITY.get(text.replace(/(?:96|truncbug)$/, ''));
}
