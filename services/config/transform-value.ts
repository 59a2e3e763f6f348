/** Values of `p1_xform`: methods, groups, hashes, and ciphers with their key sizes. */
import type { AuthMethod, GroupNumber, HashAlgorithm, Phase1Cipher } from '../algorithms.js';
import { type DiagnosticLog, quote } from './diagnostic.js';
import { AES_KEY_BITS, BLOWFISH_KEY_BITS, type KeyBits, readAesKeyBits } from './key-size.js';
import { placeOf } from './lexicon.js';
import type { Setting } from './setting.js';
import { checkSurplus, firstToken, readNumber, readWord } from './setting-value.js';

const METHODS: ReadonlyMap<string, AuthMethod> = new Map([
  ['preshared', 'preshared'],
  ['rsa_sig', 'rsa_sig'],
  ['rsa_encrypt', 'rsa_encrypt'],
  ['dss_sig', 'dss_sig'],
]);

const HASHES: ReadonlyMap<string, HashAlgorithm> = new Map([
  ['md5', 'md5'],
  ['sha', 'sha1'],
  ['sha1', 'sha1'],
  ['sha256', 'sha256'],
  ['sha384', 'sha384'],
  ['sha512', 'sha512'],
]);

const CIPHERS: ReadonlyMap<string, Phase1Cipher> = new Map([
  ['3des', '3des'],
  ['3des-cbc', '3des'],
  ['aes', 'aes'],
  ['aes-cbc', 'aes'],
  ['blowfish', 'blowfish'],
  ['blowfish-cbc', 'blowfish'],
  ['des', 'des'],
  ['des-cbc', 'des'],
]);
/** ike.config(5) prints this typing error for `blowfish-cbc`, so files may hold it. */
const MISPRINT = 'blowfish-cdc';

/** Groups that `ike.config` can name, whether this version has them or not. */
const GROUPS: ReadonlySet<number> = new Set([
  1, 2, 3, 4, 5, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
]);

export interface CipherValue {
  readonly cipher: Phase1Cipher;
  readonly keyBits: KeyBits | undefined;
}

export function readMethod(setting: Setting, log: DiagnosticLog): AuthMethod | undefined {
  return readWord(setting, log, 'authentication method', METHODS);
}

export function readHash(setting: Setting, log: DiagnosticLog): HashAlgorithm | undefined {
  return readWord(setting, log, 'hash', HASHES);
}

/** `or none`: 0 is allowed and means no group. */
export function readGroup(
  setting: Setting,
  log: DiagnosticLog,
  none: 'or none' | 'required',
): GroupNumber | undefined {
  const group = readNumber(setting, log);
  if (group === undefined || GROUPS.has(group) || (group === 0 && none === 'or none')) return group;
  const token = setting.argument[0];
  const groups = `${none === 'or none' ? '0 (none), ' : ''}1 to 5 or 14 to 26`;
  if (token !== undefined) {
    log.error(placeOf(token), `${quote(token.image)} is no Oakley group`, `expected ${groups}`);
  }
  return undefined;
}

/** A cipher, and for AES its key sizes as `aes(256)` or `aes(128..256)`. */
export function readCipher(setting: Setting, log: DiagnosticLog): CipherValue | undefined {
  const names = `one of ${[...CIPHERS.keys()].join(', ')}; AES may have key sizes as in aes(128..256)`;
  const token = firstToken(setting, log, names);
  if (token === undefined) return undefined;
  const cipher = token.image === MISPRINT ? 'blowfish' : CIPHERS.get(token.image);
  if (cipher === undefined) {
    log.error(placeOf(token), `${quote(token.image)} is no cipher`, `expected ${names}`);
    return undefined;
  }
  const [, open] = setting.argument;
  if (open === undefined) {
    checkSurplus(setting, log);
    if (cipher === 'aes') return { cipher, keyBits: AES_KEY_BITS };
    return { cipher, keyBits: cipher === 'blowfish' ? BLOWFISH_KEY_BITS : undefined };
  }
  if (cipher !== 'aes') {
    log.error(
      placeOf(open),
      `${quote(token.image)} takes no key size`,
      `expected ${quote(token.image)} alone`,
    );
    return undefined;
  }
  const keyBits = readAesKeyBits(setting.argument.slice(1), log);
  if (keyBits === undefined) return undefined;
  checkSurplus(setting, log);
  return { cipher, keyBits };
}
