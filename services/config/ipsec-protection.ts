/** One `ipsec { ... }` of the policy file: ESP, AH, or both, by the algorithm names of ipsecconf(8). */
import { type EspCipher, FIXED_KEY_BITS, type IntegrityAlgorithm } from '../algorithms.js';
import type { AhProtection, EspProtection, Protection } from '../ports/kernel.js';
import { type DiagnosticLog, quote } from './diagnostic.js';
import type { PolicyAction } from './ipsec-policy-grammar.js';
import { AES_KEY_BITS, BLOWFISH_KEY_BITS, type KeyBits, readAesKeyBits } from './key-size.js';
import { placeOf } from './lexicon.js';
import type { SettingsByName } from './policy-settings.js';
import type { Setting } from './setting.js';
import { checkSurplus, firstToken, readWord } from './setting-value.js';

const CIPHERS: ReadonlyMap<string, EspCipher> = new Map([
  ['aes', 'aes-cbc'],
  ['aes-cbc', 'aes-cbc'],
  ['3des', '3des'],
  ['3des-cbc', '3des'],
  ['des', 'des'],
  ['des-cbc', 'des'],
  ['blowfish', 'blowfish'],
  ['blowfish-cbc', 'blowfish'],
  ['null', 'null'],
  ['none', 'null'],
  ['aes-ctr', 'aes-ctr'],
  ['aes-gcm', 'aes-gcm-16'],
  ['aes-gcm16', 'aes-gcm-16'],
]);

const INTEGRITY: ReadonlyMap<string, IntegrityAlgorithm> = new Map([
  ['md5', 'hmac-md5-96'],
  ['hmac-md5', 'hmac-md5-96'],
  ['sha', 'hmac-sha1-96'],
  ['sha1', 'hmac-sha1-96'],
  ['hmac-sha', 'hmac-sha1-96'],
  ['hmac-sha1', 'hmac-sha1-96'],
  ['sha2', 'hmac-sha2-256-128'],
  // Cut shorter than RFC 4868 wants, as some old peers do. It has no number of its own: both ends must be told.
  ['sha256-96', 'hmac-sha2-256-96'],
  ['hmac-sha256-96', 'hmac-sha2-256-96'],
  ['sha256', 'hmac-sha2-256-128'],
  ['hmac-sha256', 'hmac-sha2-256-128'],
  ['sha384', 'hmac-sha2-384-192'],
  ['hmac-sha384', 'hmac-sha2-384-192'],
  ['sha512', 'hmac-sha2-512-256'],
  ['hmac-sha512', 'hmac-sha2-512-256'],
]);

const SA_SHARING: ReadonlyMap<string, 'shared' | 'unique'> = new Map([
  ['shared', 'shared'],
  ['unique', 'unique'],
]);

/**
 * Protections applied together, AH outermost. Undefined when something is wrong, which is logged as an error.
 */
export function readProtection(
  action: PolicyAction,
  properties: SettingsByName,
  log: DiagnosticLog,
): readonly Protection[] | undefined {
  const place = placeOf(action.start);
  const cipherSetting = properties.get('encr_algs');
  const espAuthSetting = properties.get('encr_auth_algs');
  const ahSetting = properties.get('auth_algs');
  const saSetting = properties.get('sa');
  if (cipherSetting === undefined && espAuthSetting === undefined && ahSetting === undefined) {
    log.error(
      place,
      'this `ipsec` protects nothing',
      'expected `encr_algs`, `encr_auth_algs` or `auth_algs`',
    );
    return undefined;
  }
  if (saSetting !== undefined && readWord(saSetting, log, 'way to share an SA', SA_SHARING) === 'unique') {
    const problem = '`sa unique` is not built in this version: SAs are shared by all traffic of the policy';
    log.note(placeOf(saSetting.keyword), problem);
  }
  const cipher = cipherSetting === undefined ? NULL_CIPHER : readCipher(cipherSetting, log);
  const espAuth = espAuthSetting === undefined ? undefined : readIntegrity(espAuthSetting, log);
  const ahAuth = ahSetting === undefined ? undefined : readIntegrity(ahSetting, log);
  const unread =
    cipher === undefined ||
    (espAuthSetting !== undefined && espAuth === undefined) ||
    (ahSetting !== undefined && ahAuth === undefined);
  if (unread) return undefined;

  const esp: EspProtection | undefined =
    cipherSetting === undefined && espAuthSetting === undefined
      ? undefined
      : { protocol: 50, ...cipher, integrity: espAuth };
  const ah: AhProtection | undefined = ahAuth === undefined ? undefined : { protocol: 51, integrity: ahAuth };
  if (esp?.encryption === 'null' && esp.integrity === undefined) {
    // RFC 4303 2: encryption and integrity must not both be missing.
    log.error(
      place,
      'ESP without encryption and without integrity',
      'expected `encr_auth_algs` beside `encr_algs null`',
    );
    return undefined;
  }
  if (esp?.encryption === 'aes-gcm-16' && espAuthSetting !== undefined) {
    const problem = '`encr_auth_algs` beside AES-GCM, which has an integrity of its own (RFC 4106)';
    log.error(placeOf(espAuthSetting.keyword), problem, 'expected `encr_algs` alone');
    return undefined;
  }
  if (esp?.encryption === 'aes-ctr' && esp.integrity === undefined) {
    // RFC 3686 7: who flips a bit on the way flips that bit of what is read.
    log.error(place, 'AES-CTR without integrity', 'expected `encr_auth_algs` beside it');
    return undefined;
  }
  const open = esp !== undefined && esp.integrity === undefined && esp.encryption !== 'aes-gcm-16';
  if (open && ah === undefined) {
    log.warning(place, 'ESP without integrity can be altered on the way', 'expected `encr_auth_algs`');
  }
  return [ah, esp].filter((protection) => protection !== undefined);
}

interface CipherValue {
  readonly encryption: EspCipher;
  readonly keyBits: KeyBits;
}

const NULL_CIPHER: CipherValue = { encryption: 'null', keyBits: { low: 0, high: 0 } };

function readCipher(setting: Setting, log: DiagnosticLog): CipherValue | undefined {
  const [name, open] = setting.argument;
  const expected = `one of ${[...CIPHERS.keys()].join(', ')}; AES may have key sizes as in aes(128..256)`;
  if (name === undefined) {
    firstToken(setting, log, expected);
    return undefined;
  }
  const encryption = CIPHERS.get(name.image);
  if (encryption === undefined) {
    log.error(placeOf(name), `${quote(name.image)} is no ESP cipher`, `expected ${expected}`);
    return undefined;
  }
  if (open === undefined) {
    checkSurplus(setting, log);
    return { encryption, keyBits: defaultKeyBits(encryption) };
  }
  if (!encryption.startsWith('aes')) {
    log.error(placeOf(open), `${quote(name.image)} takes no key size`, `expected ${quote(name.image)} alone`);
    return undefined;
  }
  const keyBits = readAesKeyBits(setting.argument.slice(1), log);
  if (keyBits === undefined) return undefined;
  checkSurplus(setting, log);
  return { encryption, keyBits };
}

function defaultKeyBits(encryption: EspCipher): KeyBits {
  const fixed = FIXED_KEY_BITS[encryption];
  if (fixed !== undefined) return { low: fixed, high: fixed };
  return encryption === 'blowfish' ? BLOWFISH_KEY_BITS : AES_KEY_BITS;
}

function readIntegrity(setting: Setting, log: DiagnosticLog): IntegrityAlgorithm | undefined {
  const open = setting.argument[1];
  if (open !== undefined) {
    log.error(placeOf(open), 'an integrity algorithm takes no key size', 'expected its name alone');
    return undefined;
  }
  return readWord(setting, log, 'integrity algorithm', INTEGRITY);
}
