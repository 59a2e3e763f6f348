/** A Phase 2 offer that somebody typed, pasted or captured: the proposals as a Quick Mode would carry them. */
import type { Attribute } from '../isakmp/payloads/attribute.js';
import type { Proposal } from '../isakmp/payloads/proposal.js';
import type { Transform } from '../isakmp/payloads/transform.js';
import { ENCAPSULATION_MODE, IPSEC_ATTRIBUTE } from '../isakmp/registries/ipsec-attributes.js';
import { PROTOCOL } from '../isakmp/registries/protocols.js';
import type { Address } from '../net/address.js';
import type { TrafficSelectors } from '../ports/kernel.js';
import type { IpsecMode } from '../proposal/encapsulation.js';
import { basic } from '../proposal/phase1-suite.js';
import { lifetimeAttributes } from '../proposal/phase2-lifetime.js';
import type { EspCipherName, IntegrityName } from './phase2-algorithm-names.js';

export interface Phase2Offer {
  readonly phase: 2;
  /** In the order of preference; those of one number are meant together (RFC 2408 4.2). */
  readonly proposals: readonly Proposal[];
  /** Seen from the end that is asked: its own side is `local`. Undefined where the source does not say. */
  readonly traffic: TrafficSelectors | undefined;
  /** Who offers, and to whom. */
  readonly peer: Address | undefined;
  readonly local: Address | undefined;
  /** What was read, and what was assumed, one sentence each. */
  readonly remarks: readonly string[];
}

/** What a proposal says besides algorithms. */
export interface Phase2Words {
  /** Undefined: not said; then the mode of whoever is asked is taken. */
  readonly mode: IpsecMode | undefined;
  /** 0: no PFS. */
  readonly group: number;
  readonly seconds: number | undefined;
  readonly kilobytes: number | undefined;
}

export const NOTHING_SAID: Phase2Words = {
  mode: undefined,
  group: 0,
  seconds: undefined,
  kilobytes: undefined,
};

/** What is applied together. */
export interface Phase2Algorithms {
  readonly esp: { readonly cipher: EspCipherName; readonly integrity: IntegrityName | undefined } | undefined;
  readonly ah: IntegrityName | undefined;
}

/** One proposal for each protocol, of one number. */
export function proposalsOf(
  number: number,
  { esp, ah }: Phase2Algorithms,
  words: Phase2Words,
): readonly Proposal[] {
  const parts: Proposal[] = [];
  if (ah !== undefined) {
    const transform = { number: 1, id: ah.transform, attributes: attributesOf(undefined, ah, words) };
    parts.push(proposalOf(number, PROTOCOL.ah, transform));
  }
  if (esp !== undefined) {
    const { cipher, integrity } = esp;
    const attributes = attributesOf(cipher.keyBits, integrity, words);
    parts.push(proposalOf(number, PROTOCOL.esp, { number: 1, id: cipher.id, attributes }));
  }
  return parts;
}

/** An SPI has 4 bytes; nobody will use it. */
function proposalOf(number: number, protocol: number, transform: Transform): Proposal {
  return { number, protocol, spi: new Uint8Array(4), transforms: [transform] };
}

function attributesOf(
  keyBits: number | undefined,
  integrity: IntegrityName | undefined,
  { mode, group, seconds, kilobytes }: Phase2Words,
): readonly Attribute[] {
  const said = (type: number, value: number | undefined): readonly Attribute[] =>
    value === undefined ? [] : [basic(type, value)];
  return [
    ...said(IPSEC_ATTRIBUTE.groupDescription, group === 0 ? undefined : group),
    ...said(IPSEC_ATTRIBUTE.encapsulationMode, mode && ENCAPSULATION_MODE[mode]),
    ...said(IPSEC_ATTRIBUTE.keyLength, keyBits),
    ...said(IPSEC_ATTRIBUTE.authenticationAlgorithm, integrity?.attribute),
    ...lifetimeAttributes({ seconds, kilobytes }),
  ];
}
