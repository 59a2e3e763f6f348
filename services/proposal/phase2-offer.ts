/** What we offer in a Quick Mode: the alternatives of the policy as proposals (RFC 2408 4.2, RFC 2407 4.5). */
import type { Bytes } from '../bytes.js';
import type { Attribute } from '../isakmp/payloads/attribute.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import type { Transform } from '../isakmp/payloads/transform.js';
import { IPSEC_ATTRIBUTE } from '../isakmp/registries/ipsec-attributes.js';
import type { EspProtection, IpsecPolicy, IpsecProtocol, Protection } from '../ports/kernel.js';
import { type Encapsulation, modeNumber } from './encapsulation.js';
import { basic, DEFAULT_LIFETIME_SECONDS, keyLengths } from './phase1-suite.js';
import { lifetimeAttributes } from './phase2-lifetime.js';
import {
  AH_NUMBER,
  carriesKeyLength,
  ESP_NUMBER,
  INTEGRITY_NUMBER,
  type Phase2Terms,
  wireProtocol,
} from './phase2-suite.js';

/** Key size of Blowfish that everybody has (RFC 2451 2.2). */
const BLOWFISH_BITS = 128;
const AES_STEP = 64;

/** The alternatives that can be had: AH covers the addresses that a NAT changes, so it cannot pass one (RFC 3947 5). */
export function usableAlternatives(
  policy: IpsecPolicy,
  encapsulation: Encapsulation,
): readonly (readonly Protection[])[] {
  if (encapsulation === 'none') return policy.proposals;
  return policy.proposals.filter((together) => together.every(({ protocol }) => protocol !== 51));
}

/** Each protocol once, AH before ESP: what needs an SPI of ours. */
export function offeredProtocols(
  policy: IpsecPolicy,
  encapsulation: Encapsulation,
): readonly IpsecProtocol[] {
  const protocols = usableAlternatives(policy, encapsulation).flatMap((together) =>
    together.map(({ protocol }) => protocol),
  );
  return [...new Set(protocols)].sort((a, b) => b - a);
}

/**
 * One proposal number for each alternative, in the policy's order; what is applied together has one number (RFC 2408
 * 4.2). A range of key sizes becomes one transform per size, strongest first.
 */
export function phase2Offer(
  policy: IpsecPolicy,
  terms: Phase2Terms,
  spiOf: (protocol: IpsecProtocol) => Bytes,
): readonly Proposal[] {
  return usableAlternatives(policy, terms.encapsulation).flatMap((together, index) =>
    together.map((protection) => ({
      number: index + 1,
      protocol: wireProtocol(protection.protocol),
      spi: spiOf(protection.protocol),
      transforms: transformsOf(protection, terms),
    })),
  );
}

function transformsOf(protection: Protection, terms: Phase2Terms): readonly Transform[] {
  const sizes = protection.protocol === 51 ? [undefined] : bitsOf(protection);
  return sizes.map((bits, index) => ({
    number: index + 1,
    id: protection.protocol === 51 ? AH_NUMBER[protection.integrity] : ESP_NUMBER[protection.encryption],
    attributes: attributesOf(protection, bits, terms),
  }));
}

function bitsOf({ encryption, keyBits }: EspProtection): readonly (number | undefined)[] {
  if (!carriesKeyLength(encryption)) return [undefined];
  if (encryption !== 'blowfish') return keyLengths(keyBits, AES_STEP);
  return [keyBits.low <= BLOWFISH_BITS && BLOWFISH_BITS <= keyBits.high ? BLOWFISH_BITS : keyBits.high];
}

function attributesOf(
  protection: Protection,
  bits: number | undefined,
  terms: Phase2Terms,
): readonly Attribute[] {
  const attributes: Attribute[] = [];
  if (terms.group !== 0) attributes.push(basic(IPSEC_ATTRIBUTE.groupDescription, terms.group));
  attributes.push(basic(IPSEC_ATTRIBUTE.encapsulationMode, modeNumber(terms.mode, terms.encapsulation)));
  if (bits !== undefined) attributes.push(basic(IPSEC_ATTRIBUTE.keyLength, bits));
  if (protection.integrity !== undefined) {
    attributes.push(basic(IPSEC_ATTRIBUTE.authenticationAlgorithm, INTEGRITY_NUMBER[protection.integrity]));
  }
  const seconds = terms.lifetimeSeconds ?? DEFAULT_LIFETIME_SECONDS;
  attributes.push(...lifetimeAttributes({ seconds, kilobytes: terms.lifetimeKb }));
  return attributes;
}
