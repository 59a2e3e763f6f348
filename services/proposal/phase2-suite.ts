/** What is agreed for the IPsec SAs of one protocol, and the numbers of it on the wire (RFC 2407 4.4.3, 4.4.4, 4.5). */
import { type EspCipher, type GroupNumber, INTEGRITY, type IntegrityAlgorithm } from '../algorithms.js';
import { AH_TRANSFORM } from '../isakmp/registries/ah-transforms.js';
import { ESP_TRANSFORM } from '../isakmp/registries/esp-transforms.js';
import { AUTH_ALGORITHM } from '../isakmp/registries/ipsec-attributes.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import type { IpsecProtocol } from '../ports/kernel.js';
import type { Encapsulation, IpsecMode } from './encapsulation.js';

export const ESP_NUMBER: Readonly<Record<EspCipher, number>> = {
  des: ESP_TRANSFORM.des,
  '3des': ESP_TRANSFORM.tripleDes,
  blowfish: ESP_TRANSFORM.blowfish,
  null: ESP_TRANSFORM.null,
  'aes-cbc': ESP_TRANSFORM.aesCbc,
  'aes-ctr': ESP_TRANSFORM.aesCtr,
  'aes-gcm-16': ESP_TRANSFORM.aesGcm16,
};

/**
 * Values of the Authentication Algorithm attribute. The 96-bit form of SHA-256 shares its number with the 128-bit one
 * (RFC 4868): which of them is meant, only our policy says.
 */
export const INTEGRITY_NUMBER: Readonly<Record<IntegrityAlgorithm, number>> = {
  'hmac-md5-96': AUTH_ALGORITHM.hmacMd5,
  'hmac-sha1-96': AUTH_ALGORITHM.hmacSha1,
  'hmac-sha2-256-128': AUTH_ALGORITHM.hmacSha2256,
  'hmac-sha2-256-96': AUTH_ALGORITHM.hmacSha2256,
  'hmac-sha2-384-192': AUTH_ALGORITHM.hmacSha2384,
  'hmac-sha2-512-256': AUTH_ALGORITHM.hmacSha2512,
};

/** RFC 2407 4.4.3: the transform of AH names its hash, and the attribute must name the same. */
export const AH_NUMBER: Readonly<Record<IntegrityAlgorithm, number>> = {
  'hmac-md5-96': AH_TRANSFORM.md5,
  'hmac-sha1-96': AH_TRANSFORM.sha1,
  'hmac-sha2-256-128': AH_TRANSFORM.sha2256,
  'hmac-sha2-256-96': AH_TRANSFORM.sha2256,
  'hmac-sha2-384-192': AH_TRANSFORM.sha2384,
  'hmac-sha2-512-256': AH_TRANSFORM.sha2512,
};

interface SuiteTerms {
  readonly mode: IpsecMode;
  readonly lifetimeSeconds: number;
  readonly lifetimeKb: number | undefined;
}

/** What both ends agreed on for one pair of ESP SAs. */
export interface EspSuite extends SuiteTerms {
  readonly protocol: 50;
  readonly encryption: EspCipher;
  /** Bits of the encryption key in use: 192 for 3DES, 0 for NULL. The nonce of CTR and GCM is not counted. */
  readonly keyBits: number;
  readonly integrity: IntegrityAlgorithm | undefined;
}

/** What both ends agreed on for one pair of AH SAs. */
export interface AhSuite extends SuiteTerms {
  readonly protocol: 51;
  readonly integrity: IntegrityAlgorithm;
}

export type Phase2Suite = EspSuite | AhSuite;

/** What a Quick Mode asks for besides algorithms. */
export interface Phase2Terms {
  readonly mode: IpsecMode;
  readonly encapsulation: Encapsulation;
  readonly group: GroupNumber;
  /** Undefined: not said, which means 28 800 s (RFC 2407 4.5). */
  readonly lifetimeSeconds: number | undefined;
  readonly lifetimeKb: number | undefined;
}

export function wireProtocol(protocol: IpsecProtocol): number {
  return protocol === 51 ? PROTOCOL.ah : PROTOCOL.esp;
}

/** Undefined for what is neither AH nor ESP. */
export function ipsecProtocol(protocol: number): IpsecProtocol | undefined {
  return protocol === PROTOCOL.esp ? 50 : protocol === PROTOCOL.ah ? 51 : undefined;
}

/** Whether the cipher says its key size by a Key Length attribute. */
export function carriesKeyLength(cipher: EspCipher): boolean {
  return cipher.startsWith('aes') || cipher === 'blowfish';
}

/** Bytes that follow the encryption key in KEYMAT: the nonce of CTR (RFC 3686 5.1), the salt of GCM (RFC 4106 8.1). */
const NONCE_LENGTH: Readonly<Partial<Record<EspCipher, number>>> = { 'aes-ctr': 4, 'aes-gcm-16': 4 };

/** Lengths of the two keys of one SA, bytes; the encryption key with its nonce. */
export function keyLengthsOf(suite: Phase2Suite): {
  readonly encryption: number;
  readonly integrity: number;
} {
  const integrity = suite.integrity === undefined ? 0 : INTEGRITY[suite.integrity].keyLength;
  if (suite.protocol === 51) return { encryption: 0, integrity };
  return { encryption: (suite.keyBits >>> 3) + (NONCE_LENGTH[suite.encryption] ?? 0), integrity };
}
