/** Phase 2 (ESP) transforms between the kernel's policy, the wire and what was agreed (RFC 2407 4.4.4, 4.5). */
import {
  type EspCipher,
  FIXED_KEY_BITS,
  type GroupNumber,
  INTEGRITY,
  type IntegrityAlgorithm,
} from '../algorithms.js';
import type { Bytes } from '../bytes.js';
import { type Attribute, attributeNumber } from '../isakmp/payloads/attribute.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import type { Transform } from '../isakmp/payloads/transform.js';
import { ESP_TRANSFORM } from '../isakmp/registries/esp-transforms.js';
import {
  AUTH_ALGORITHM,
  ENCAPSULATION_MODE,
  IPSEC_ATTRIBUTE,
  LIFE_TYPE,
} from '../isakmp/registries/ipsec-attributes.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import type { EspProtection, IpsecPolicy, Protection } from '../ports/kernel.js';
import { oddAttributes } from './odd-attributes.js';
import { basic, DEFAULT_LIFETIME_SECONDS, duration, keyLengths } from './phase1-suite.js';

export const ESP_NUMBER: Readonly<Record<EspCipher, number>> = {
  des: ESP_TRANSFORM.des,
  '3des': ESP_TRANSFORM.tripleDes,
  blowfish: ESP_TRANSFORM.blowfish,
  null: ESP_TRANSFORM.null,
  'aes-cbc': ESP_TRANSFORM.aesCbc,
  'aes-ctr': ESP_TRANSFORM.aesCtr,
  'aes-gcm-16': ESP_TRANSFORM.aesGcm16,
};

/** The 96-bit form of SHA-256 shares its number with the 128-bit one and is never offered by itself (RFC 4868). */
export const INTEGRITY_NUMBER: Readonly<Record<IntegrityAlgorithm, number>> = {
  'hmac-md5-96': AUTH_ALGORITHM.hmacMd5,
  'hmac-sha1-96': AUTH_ALGORITHM.hmacSha1,
  'hmac-sha2-256-128': AUTH_ALGORITHM.hmacSha2256,
  'hmac-sha2-256-96': AUTH_ALGORITHM.hmacSha2256,
  'hmac-sha2-384-192': AUTH_ALGORITHM.hmacSha2384,
  'hmac-sha2-512-256': AUTH_ALGORITHM.hmacSha2512,
};

/** What both ends agreed on for one pair of ESP SAs. */
export interface EspSuite {
  readonly encryption: EspCipher;
  /** Bits of the encryption key in use: 192 for 3DES, 0 for NULL. */
  readonly keyBits: number;
  readonly integrity: IntegrityAlgorithm | undefined;
  readonly mode: 'transport' | 'tunnel';
  /** Oakley group of PFS, 0 for none. */
  readonly group: GroupNumber;
  readonly lifetimeSeconds: number;
  readonly lifetimeKb: number | undefined;
}

/** What a Quick Mode asks for besides algorithms. */
export interface Phase2Terms {
  readonly mode: 'transport' | 'tunnel';
  readonly group: GroupNumber;
  /** Undefined: not said, which means 28 800 s (RFC 2407 4.5). */
  readonly lifetimeSeconds: number | undefined;
  readonly lifetimeKb: number | undefined;
}

/** An offered transform as numbers. Undefined: absent. */
export interface OfferedEsp {
  readonly encryption: number;
  readonly keyBits: number | undefined;
  readonly integrity: number | undefined;
  readonly mode: number | undefined;
  readonly group: number;
  readonly lifetimeSeconds: number;
  readonly lifetimeKb: number | undefined;
  /** Attribute types that we do not understand, or that contradict themselves. */
  readonly odd: readonly number[];
}

/** The alternatives of a policy that are a single ESP each; an `and` of protocols is not. */
export function espAlternatives(policy: IpsecPolicy): readonly EspProtection[] {
  return policy.proposals.flatMap((together) => (together.length === 1 ? together.filter(isEsp) : []));
}

function isEsp(protection: Protection): protection is EspProtection {
  return protection.protocol === 50;
}

/** One proposal per alternative, in the policy's order; a key range becomes one transform per length, strongest first. */
export function phase2Offer(policy: IpsecPolicy, terms: Phase2Terms, spi: Bytes): readonly Proposal[] {
  return espAlternatives(policy).map((protection, index) => ({
    number: index + 1,
    protocol: PROTOCOL.esp,
    spi,
    transforms: bitsOf(protection).map((bits, position) =>
      transformOf(position + 1, protection, bits, terms),
    ),
  }));
}

function bitsOf(protection: EspProtection): readonly (number | undefined)[] {
  return carriesKeyLength(protection.encryption) ? keyLengths(protection.keyBits, 64) : [undefined];
}

function carriesKeyLength(cipher: EspCipher): boolean {
  return cipher.startsWith('aes') || cipher === 'blowfish';
}

function transformOf(
  number: number,
  protection: EspProtection,
  bits: number | undefined,
  terms: Phase2Terms,
): Transform {
  const attributes: Attribute[] = [];
  if (terms.group !== 0) attributes.push(basic(IPSEC_ATTRIBUTE.groupDescription, terms.group));
  attributes.push(basic(IPSEC_ATTRIBUTE.encapsulationMode, ENCAPSULATION_MODE[terms.mode]));
  if (bits !== undefined) attributes.push(basic(IPSEC_ATTRIBUTE.keyLength, bits));
  if (protection.integrity !== undefined) {
    attributes.push(basic(IPSEC_ATTRIBUTE.authenticationAlgorithm, INTEGRITY_NUMBER[protection.integrity]));
  }
  attributes.push(
    basic(IPSEC_ATTRIBUTE.lifeType, LIFE_TYPE.seconds),
    duration(IPSEC_ATTRIBUTE.lifeDuration, terms.lifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS),
  );
  if (terms.lifetimeKb !== undefined) {
    attributes.push(
      basic(IPSEC_ATTRIBUTE.lifeType, LIFE_TYPE.kilobytes),
      duration(IPSEC_ATTRIBUTE.lifeDuration, terms.lifetimeKb),
    );
  }
  return { number, id: ESP_NUMBER[protection.encryption], attributes };
}

const ATTRIBUTE_RULES = {
  known: new Set<number>(Object.values(IPSEC_ATTRIBUTE)),
  lifeType: IPSEC_ATTRIBUTE.lifeType,
  lifeDuration: IPSEC_ATTRIBUTE.lifeDuration,
};

export function readEsp(transform: Transform): OfferedEsp {
  const first = (type: number): number | undefined => {
    const found = transform.attributes.find((attribute) => attribute.type === type);
    return found === undefined ? undefined : attributeNumber(found);
  };
  let lifeType: number | undefined;
  let seconds: number | undefined;
  let kilobytes: number | undefined;
  for (const attribute of transform.attributes) {
    if (attribute.type === IPSEC_ATTRIBUTE.lifeType) lifeType = attributeNumber(attribute);
    if (attribute.type !== IPSEC_ATTRIBUTE.lifeDuration) continue;
    if (lifeType === LIFE_TYPE.seconds) seconds ??= attributeNumber(attribute);
    if (lifeType === LIFE_TYPE.kilobytes) kilobytes ??= attributeNumber(attribute);
  }
  return {
    encryption: transform.id,
    keyBits: first(IPSEC_ATTRIBUTE.keyLength),
    integrity: first(IPSEC_ATTRIBUTE.authenticationAlgorithm),
    mode: first(IPSEC_ATTRIBUTE.encapsulationMode),
    group: first(IPSEC_ATTRIBUTE.groupDescription) ?? 0,
    lifetimeSeconds: seconds ?? DEFAULT_LIFETIME_SECONDS,
    lifetimeKb: kilobytes,
    odd: oddAttributes(transform.attributes, ATTRIBUTE_RULES),
  };
}

/** What would be agreed if `offered` were chosen for `accepted`; undefined when they do not agree. PFS is not compared. */
export function agreeEsp(
  offered: OfferedEsp,
  accepted: EspProtection,
  mode: 'transport' | 'tunnel',
): EspSuite | undefined {
  const keyBits = keyBitsAgreed(offered, accepted);
  const integrity = accepted.integrity === undefined ? undefined : INTEGRITY_NUMBER[accepted.integrity];
  if (
    offered.odd.length > 0 ||
    offered.encryption !== ESP_NUMBER[accepted.encryption] ||
    offered.integrity !== integrity ||
    offered.mode !== ENCAPSULATION_MODE[mode] ||
    keyBits === undefined
  ) {
    return undefined;
  }
  return {
    encryption: accepted.encryption,
    keyBits,
    integrity: accepted.integrity,
    mode,
    group: offered.group,
    lifetimeSeconds: offered.lifetimeSeconds,
    lifetimeKb: offered.lifetimeKb,
  };
}

function keyBitsAgreed(offered: OfferedEsp, accepted: EspProtection): number | undefined {
  if (!carriesKeyLength(accepted.encryption)) return FIXED_KEY_BITS[accepted.encryption] ?? 0;
  // RFC 3602 5.3 wants the attribute; without it the peer can only mean the smallest AES key.
  const bits = offered.keyBits ?? 128;
  return bits >= accepted.keyBits.low && bits <= accepted.keyBits.high ? bits : undefined;
}

/** Lengths of the two keys of one SA, bytes. */
export function keyLengthsOf(suite: EspSuite): { readonly encryption: number; readonly integrity: number } {
  return {
    encryption: suite.keyBits / 8,
    integrity: suite.integrity === undefined ? 0 : INTEGRITY[suite.integrity].keyLength,
  };
}
