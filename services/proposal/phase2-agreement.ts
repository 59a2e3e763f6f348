/** Whether a transform of an offer is what one protection of the policy accepts, and what is agreed then. */
import { FIXED_KEY_BITS, type EspCipher } from '../algorithms.js';
import { firstNumber } from '../isakmp/payloads/attribute.js';
import type { Transform } from '../isakmp/payloads/transform.js';
import { IPSEC_ATTRIBUTE } from '../isakmp/registries/ipsec-attributes.js';
import type { AhProtection, EspProtection, Protection } from '../ports/kernel.js';
import { type Encapsulation, type IpsecMode, modeNumber } from './encapsulation.js';
import { oddAttributes } from './odd-attributes.js';
import { DEFAULT_LIFETIME_SECONDS } from './phase1-suite.js';
import { readLifetimes } from './phase2-lifetime.js';
import {
  AH_NUMBER,
  carriesKeyLength,
  ESP_NUMBER,
  INTEGRITY_NUMBER,
  type Phase2Suite,
} from './phase2-suite.js';

/** An offered transform as numbers. Undefined: absent. */
export interface OfferedPhase2 {
  readonly id: number;
  readonly keyBits: number | undefined;
  readonly integrity: number | undefined;
  readonly mode: number | undefined;
  readonly group: number;
  readonly lifetimeSeconds: number;
  readonly lifetimeKb: number | undefined;
  readonly lifetimeFault: string | undefined;
  readonly lifetimeClipped: boolean;
  /** Attribute types that we do not understand, or that contradict themselves; such a transform must not be chosen. */
  readonly odd: readonly number[];
}

const ATTRIBUTE_RULES = {
  known: new Set<number>(Object.values(IPSEC_ATTRIBUTE)),
  lifeType: IPSEC_ATTRIBUTE.lifeType,
  lifeDuration: IPSEC_ATTRIBUTE.lifeDuration,
};

/** For perfect forward secrecy; 0: none. */
export function groupOf(transform: Transform): number {
  return firstNumber(transform.attributes, IPSEC_ATTRIBUTE.groupDescription) ?? 0;
}

export function readPhase2(transform: Transform): OfferedPhase2 {
  const { attributes } = transform;
  const { seconds, kilobytes, fault, clipped } = readLifetimes(attributes);
  return {
    id: transform.id,
    keyBits: firstNumber(attributes, IPSEC_ATTRIBUTE.keyLength),
    integrity: firstNumber(attributes, IPSEC_ATTRIBUTE.authenticationAlgorithm),
    mode: firstNumber(attributes, IPSEC_ATTRIBUTE.encapsulationMode),
    group: groupOf(transform),
    lifetimeSeconds: seconds ?? DEFAULT_LIFETIME_SECONDS,
    lifetimeKb: kilobytes,
    lifetimeFault: fault,
    lifetimeClipped: clipped,
    odd: oddAttributes(attributes, ATTRIBUTE_RULES),
  };
}

/** What both ends have in common for all protocols of a Quick Mode. */
export interface Carriage {
  readonly mode: IpsecMode;
  readonly encapsulation: Encapsulation;
}

/** What would be agreed if `offered` were chosen for `accepted`; undefined when they do not agree. PFS is not compared. */
export function agreePhase2(
  offered: OfferedPhase2,
  accepted: Protection,
  { mode, encapsulation }: Carriage,
): Phase2Suite | undefined {
  const agrees =
    offered.odd.length === 0 &&
    offered.lifetimeFault === undefined &&
    offered.mode === modeNumber(mode, encapsulation);
  if (!agrees) return undefined;
  const { lifetimeSeconds, lifetimeKb } = offered;
  const terms = { mode, lifetimeSeconds, lifetimeKb };
  if (accepted.protocol === 51) {
    return ahAgrees(offered, accepted)
      ? { protocol: 51, integrity: accepted.integrity, ...terms }
      : undefined;
  }
  const keyBits = agreedKeyBits(offered.keyBits, accepted);
  if (keyBits === undefined || !espAgrees(offered, accepted)) return undefined;
  const { encryption, integrity } = accepted;
  return { protocol: 50, encryption, keyBits, integrity, ...terms };
}

/** RFC 2407 4.4.3: transform and attribute must both name the algorithm. */
function ahAgrees(offered: OfferedPhase2, { integrity }: AhProtection): boolean {
  return offered.id === AH_NUMBER[integrity] && offered.integrity === INTEGRITY_NUMBER[integrity];
}

function espAgrees(offered: OfferedPhase2, { encryption, integrity }: EspProtection): boolean {
  // RFC 4303 3.2: ESP without both of its services protects nothing, whatever a policy says.
  if (encryption === 'null' && integrity === undefined) return false;
  const number = integrity === undefined ? undefined : INTEGRITY_NUMBER[integrity];
  return offered.id === ESP_NUMBER[encryption] && offered.integrity === number;
}

/** Key size in use, bits; undefined when the offered one is not accepted. */
export function agreedKeyBits(
  offered: number | undefined,
  { encryption, keyBits }: EspProtection,
): number | undefined {
  // DES and 3DES must not carry a Key Length (RFC 2407 4.5); one that a peer sends all the same is ignored.
  if (!carriesKeyLength(encryption)) return FIXED_KEY_BITS[encryption] ?? 0;
  const bits = offered ?? IMPLIED_KEY_BITS[encryption];
  if (bits === undefined || !isKeySize(encryption, bits)) return undefined;
  return bits >= keyBits.low && bits <= keyBits.high ? bits : undefined;
}

/**
 * What the absent attribute means. RFC 3602 5.3 wants it for AES-CBC, and without it a peer can only mean the smallest
 * key; RFC 2451 2.2 gives Blowfish its default. CTR and GCM cannot be without it (RFC 3686 5.2, RFC 4106 8.2).
 */
const IMPLIED_KEY_BITS: Readonly<Partial<Record<EspCipher, number>>> = { 'aes-cbc': 128, blowfish: 128 };

function isKeySize(cipher: EspCipher, bits: number): boolean {
  return cipher === 'blowfish'
    ? bits >= 40 && bits <= 448 && bits % 8 === 0
    : bits >= 128 && bits <= 256 && bits % 64 === 0;
}

/** What an operator should know of a transform that was agreed all the same. */
export function notesOn(offered: OfferedPhase2, agreed: Phase2Suite): readonly string[] {
  const notes: string[] = [];
  if (agreed.protocol === 50 && !carriesKeyLength(agreed.encryption) && offered.keyBits !== undefined) {
    notes.push(
      `the peer sends a key length of ${String(offered.keyBits)} bits with ${agreed.encryption}, which has none; it is ignored`,
    );
  }
  if (offered.lifetimeClipped) {
    notes.push('the peer asks for a lifetime longer than 53 bits can say; it is cut to that');
  }
  return notes;
}
