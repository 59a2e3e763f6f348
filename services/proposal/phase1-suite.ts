/** Phase 1 transforms between `ike.config`, the wire and what was agreed (RFC 2409 appendix A, RFC 3602 5.3). */
import {
  type AuthMethod,
  FIXED_KEY_BITS,
  type GroupNumber,
  type HashAlgorithm,
  PHASE1_KEY_BITS,
  type Phase1Cipher,
} from '../algorithms.js';
import { u32 } from '../bytes.js';
import { type Attribute, attributeNumber, firstNumber } from '../isakmp/payloads/attribute.js';
import type { Transform } from '../isakmp/payloads/transform.js';
import { encryptionName, LIFE_TYPE, OAKLEY_ATTRIBUTE } from '../isakmp/registries/phase1-attributes.js';
import type { Phase1Transform } from '../policy/rule.js';
import { oddAttributes } from './odd-attributes.js';

/** KEY_IKE, the only Phase 1 transform identifier (RFC 2407 4.4.2.1). */
const KEY_IKE = 1;

/** RFC 2407 4.5: what an absent lifetime means, seconds. */
export const DEFAULT_LIFETIME_SECONDS = 28_800;

export const CIPHER_NUMBER: Readonly<Record<Phase1Cipher, number>> = {
  des: 1,
  blowfish: 3,
  '3des': 5,
  aes: 7,
};
export const HASH_NUMBER: Readonly<Record<HashAlgorithm, number>> = {
  md5: 1,
  sha1: 2,
  sha256: 4,
  sha384: 5,
  sha512: 6,
};
export const METHOD_NUMBER: Readonly<Record<AuthMethod, number>> = {
  preshared: 1,
  dss_sig: 2,
  rsa_sig: 3,
  rsa_encrypt: 4,
  rsa_encrypt_revised: 5,
};

/** What both ends agreed on for Phase 1. */
export interface Phase1Suite {
  readonly cipher: Phase1Cipher;
  /** Bits of the key in use: 64 for DES, 192 for 3DES. */
  readonly keyBits: number;
  readonly hash: HashAlgorithm;
  readonly method: AuthMethod;
  readonly group: GroupNumber;
  readonly lifetimeSeconds: number;
  /** Kilobytes the SA may protect; undefined when the offer names none. */
  readonly lifetimeKb: number | undefined;
}

/** An offered transform as numbers, whether we know them or not. Undefined: the attribute is absent. */
export interface OfferedPhase1 {
  /** Transform identifier: of what is not KEY_IKE the attributes mean something else (RFC 2408 5.6). */
  readonly id: number;
  readonly cipher: number | undefined;
  readonly keyBits: number | undefined;
  readonly hash: number | undefined;
  readonly method: number | undefined;
  readonly group: number | undefined;
  readonly lifetimeSeconds: number;
  readonly lifetimeKb: number | undefined;
  /** Attribute types that we do not understand, or that contradict themselves; such a transform must not be chosen. */
  readonly odd: readonly number[];
}

/** The wire form of one rule transform with one key length. */
function transformOf(number: number, transform: Phase1Transform, keyBits: number | undefined): Transform {
  const attributes: Attribute[] = [
    basic(OAKLEY_ATTRIBUTE.encryptionAlgorithm, CIPHER_NUMBER[transform.cipher]),
    basic(OAKLEY_ATTRIBUTE.hashAlgorithm, HASH_NUMBER[transform.hash]),
    basic(OAKLEY_ATTRIBUTE.authenticationMethod, METHOD_NUMBER[transform.method]),
    basic(OAKLEY_ATTRIBUTE.groupDescription, transform.group),
  ];
  if (keyBits !== undefined) attributes.push(basic(OAKLEY_ATTRIBUTE.keyLength, keyBits));
  // RFC 2409 appendix A: the type stands before its duration.
  attributes.push(
    basic(OAKLEY_ATTRIBUTE.lifeType, LIFE_TYPE.seconds),
    duration(OAKLEY_ATTRIBUTE.lifeDuration, transform.lifetimeSeconds),
  );
  return { number, id: KEY_IKE, attributes };
}

export function basic(type: number, value: number): Attribute {
  return { type, form: 'basic', value };
}

/** Basic when it fits 16 bits, else variable with 4 bytes (RFC 2408 3.3). */
export function duration(type: number, value: number): Attribute {
  return value <= 0xffff
    ? basic(type, value)
    : { type, form: 'variable', value: u32(Math.min(value, 0xffff_ffff)) };
}

/** What is offered of Blowfish, and what an offer without a Key Length means (RFC 2451 2.2). */
const BLOWFISH_BITS = 128;

/** Key lengths of a range that AES has, strongest first. */
export function keyLengths(range: { readonly low: number; readonly high: number }, step: number): number[] {
  const lengths: number[] = [];
  for (let bits = range.high; bits >= range.low; bits -= step) lengths.push(bits);
  return lengths;
}

function offeredLengths({ cipher, keyBits }: Phase1Transform): readonly (number | undefined)[] {
  if (keyBits === undefined) return [undefined];
  return cipher === 'blowfish'
    ? [Math.max(keyBits.low, Math.min(BLOWFISH_BITS, keyBits.high))]
    : keyLengths(keyBits, PHASE1_KEY_BITS.aes.step);
}

/** All these transforms in their order; a key range becomes one transform per length, strongest first. */
export function phase1Offer(transforms: readonly Phase1Transform[]): readonly Transform[] {
  const offer: Transform[] = [];
  for (const transform of transforms) {
    for (const bits of offeredLengths(transform)) offer.push(transformOf(offer.length + 1, transform, bits));
  }
  return offer;
}

const ATTRIBUTE_RULES = {
  known: new Set<number>(Object.values(OAKLEY_ATTRIBUTE)),
  lifeType: OAKLEY_ATTRIBUTE.lifeType,
  lifeDuration: OAKLEY_ATTRIBUTE.lifeDuration,
};

export function readPhase1(transform: Transform): OfferedPhase1 {
  const { attributes } = transform;
  let lifeType: number | undefined;
  let seconds: number | undefined;
  let kilobytes: number | undefined;
  for (const attribute of attributes) {
    if (attribute.type === OAKLEY_ATTRIBUTE.lifeType) lifeType = attributeNumber(attribute);
    if (attribute.type !== OAKLEY_ATTRIBUTE.lifeDuration) continue;
    if (lifeType === LIFE_TYPE.seconds) seconds ??= attributeNumber(attribute);
    if (lifeType === LIFE_TYPE.kilobytes) kilobytes ??= attributeNumber(attribute);
  }
  return {
    id: transform.id,
    cipher: firstNumber(attributes, OAKLEY_ATTRIBUTE.encryptionAlgorithm),
    keyBits: firstNumber(attributes, OAKLEY_ATTRIBUTE.keyLength),
    hash: firstNumber(attributes, OAKLEY_ATTRIBUTE.hashAlgorithm),
    method: firstNumber(attributes, OAKLEY_ATTRIBUTE.authenticationMethod),
    group: firstNumber(attributes, OAKLEY_ATTRIBUTE.groupDescription),
    lifetimeSeconds: seconds ?? DEFAULT_LIFETIME_SECONDS,
    lifetimeKb: kilobytes,
    odd: oddAttributes(attributes, ATTRIBUTE_RULES),
  };
}

/**
 * What would be agreed if `offered` were chosen for `accepted`, or undefined when they do not agree.
 * DES and 3DES must not carry a Key Length (RFC 2409 appendix A); one that a peer sends all the same is ignored.
 */
export function agreePhase1(offered: OfferedPhase1, accepted: Phase1Transform): Phase1Suite | undefined {
  const keyBits = agreedKeyBits(offered.keyBits, accepted);
  const agrees =
    offered.id === KEY_IKE &&
    offered.odd.length === 0 &&
    offered.cipher === CIPHER_NUMBER[accepted.cipher] &&
    offered.hash === HASH_NUMBER[accepted.hash] &&
    offered.method === METHOD_NUMBER[accepted.method] &&
    offered.group === accepted.group &&
    keyBits !== undefined;
  if (!agrees) return undefined;
  return {
    cipher: accepted.cipher,
    keyBits,
    hash: accepted.hash,
    method: accepted.method,
    group: accepted.group,
    lifetimeSeconds: Math.min(offered.lifetimeSeconds, accepted.lifetimeSeconds),
    lifetimeKb: offered.lifetimeKb,
  };
}

/** What is wrong with a transform that can be chosen all the same: a clause for the operator, or undefined. */
export function surplusKeyLength({ attributes }: Transform): string | undefined {
  const cipher = firstNumber(attributes, OAKLEY_ATTRIBUTE.encryptionAlgorithm);
  if (cipher !== CIPHER_NUMBER.des && cipher !== CIPHER_NUMBER['3des']) return undefined;
  const keyBits = firstNumber(attributes, OAKLEY_ATTRIBUTE.keyLength);
  if (keyBits === undefined) return undefined;
  return `a Key Length of ${String(keyBits)} bits is ignored: ${encryptionName(cipher)} has one length only (RFC 2409 appendix A)`;
}

/** Bits of the key that an offer and a rule agree on, or undefined where they do not. */
export function agreedKeyBits(offered: number | undefined, accepted: Phase1Transform): number | undefined {
  const { cipher, keyBits } = accepted;
  if (cipher !== 'aes' && cipher !== 'blowfish') return FIXED_KEY_BITS[cipher];
  const bits = offered ?? (cipher === 'blowfish' ? BLOWFISH_BITS : undefined);
  if (bits === undefined || keyBits === undefined) return undefined;
  const { low, high, step } = PHASE1_KEY_BITS[cipher];
  const possible = bits >= low && bits <= high && bits % step === 0;
  return possible && bits >= keyBits.low && bits <= keyBits.high ? bits : undefined;
}
