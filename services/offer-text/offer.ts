/** A Phase 1 offer that somebody typed, pasted or captured: the transforms as they would be on the wire. */
import type { Transform } from '../isakmp/payloads/transform.js';
import type { Attribute } from '../isakmp/payloads/attribute.js';
import { OAKLEY_ATTRIBUTE, LIFE_TYPE } from '../isakmp/registries/phase1-attributes.js';
import type { Address } from '../net/address.js';
import { basic, duration } from '../proposal/phase1-suite.js';

export interface Offer {
  readonly phase: 1;
  /** In the order of preference of whoever offers. */
  readonly transforms: readonly Transform[];
  /** Undefined where the source does not say. */
  readonly mode: 'main' | 'aggressive' | undefined;
  /** Who offers, and to whom. */
  readonly peer: Address | undefined;
  readonly local: Address | undefined;
  /** What was read, and what was assumed, one sentence each. */
  readonly remarks: readonly string[];
}

/** What is wrong with it: where, and what to do. */
export interface OfferFault {
  readonly where: string;
  readonly problem: string;
}

export interface Terms {
  readonly cipher: number;
  readonly keyBits: number | undefined;
  readonly hash: number;
  readonly method: number;
  readonly group: number;
  readonly lifetimeSeconds: number | undefined;
}

const KEY_IKE = 1;

export function transformOf(number: number, terms: Terms): Transform {
  const { cipher, keyBits, hash, method, group, lifetimeSeconds } = terms;
  const attributes: Attribute[] = [
    basic(OAKLEY_ATTRIBUTE.encryptionAlgorithm, cipher),
    basic(OAKLEY_ATTRIBUTE.hashAlgorithm, hash),
    basic(OAKLEY_ATTRIBUTE.authenticationMethod, method),
    basic(OAKLEY_ATTRIBUTE.groupDescription, group),
  ];
  if (keyBits !== undefined) attributes.push(basic(OAKLEY_ATTRIBUTE.keyLength, keyBits));
  if (lifetimeSeconds !== undefined) {
    attributes.push(
      basic(OAKLEY_ATTRIBUTE.lifeType, LIFE_TYPE.seconds),
      duration(OAKLEY_ATTRIBUTE.lifeDuration, lifetimeSeconds),
    );
  }
  return { number, id: KEY_IKE, attributes };
}
