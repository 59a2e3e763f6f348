/** Lifetimes of IPsec SAs as attributes: of a transform, and of a RESPONDER-LIFETIME notify (RFC 2407 4.5, 4.6.3.1). */
import { type Attribute, attributeNumber } from '../isakmp/payloads/attribute.js';
import { IPSEC_ATTRIBUTE, LIFE_TYPE } from '../isakmp/registries/ipsec-attributes.js';
import { basic, duration } from './phase1-suite.js';

export interface SaidLifetimes {
  /** Undefined: not said. */
  readonly seconds: number | undefined;
  readonly kilobytes: number | undefined;
  /** What is wrong with how it was said, so that it must not be relied on; or undefined. */
  readonly fault: string | undefined;
  /** Whether a value was beyond what we can hold, and became the largest that we can. */
  readonly clipped: boolean;
}

/** Each duration is of the type that stands before it; each type counts once (RFC 2407 4.5). */
export function readLifetimes(attributes: readonly Attribute[]): SaidLifetimes {
  let type: number | undefined;
  let seconds: number | undefined;
  let kilobytes: number | undefined;
  let fault: string | undefined;
  for (const attribute of attributes) {
    if (attribute.type === IPSEC_ATTRIBUTE.lifeType) type = attributeNumber(attribute);
    if (attribute.type !== IPSEC_ATTRIBUTE.lifeDuration) continue;
    if (type === LIFE_TYPE.seconds) seconds ??= attributeNumber(attribute);
    else if (type === LIFE_TYPE.kilobytes) kilobytes ??= attributeNumber(attribute);
    else if (type === undefined) fault ??= 'a life duration without its type';
    else fault ??= `a lifetime of the unknown type ${String(type)}`;
  }
  const clipped = seconds === Number.MAX_SAFE_INTEGER || kilobytes === Number.MAX_SAFE_INTEGER;
  if (seconds === 0 || kilobytes === 0) fault ??= 'a lifetime of nothing';
  return { seconds, kilobytes, fault, clipped };
}

export function lifetimeAttributes(said: {
  readonly seconds: number | undefined;
  readonly kilobytes: number | undefined;
}): readonly Attribute[] {
  const pair = (type: number, value: number | undefined): readonly Attribute[] =>
    value === undefined
      ? []
      : [basic(IPSEC_ATTRIBUTE.lifeType, type), duration(IPSEC_ATTRIBUTE.lifeDuration, value)];
  return [...pair(LIFE_TYPE.seconds, said.seconds), ...pair(LIFE_TYPE.kilobytes, said.kilobytes)];
}
