/**
 * What is offered for policies that others put into a Linux kernel (`ip xfrm policy`, setkey): they name protocols, modes
 * and ends, never algorithms. The list is the same for both ways to the kernel, strongest first; what the kernel has not is
 * left out. Operators who want another list write their policies into a file of ours (`--policy`).
 */
import type { IntegrityAlgorithm } from '../../../services/algorithms.js';
import type {
  AhProtection,
  EspProtection,
  IpsecProtocol,
  Protection,
} from '../../../services/ports/kernel.js';

/** Why the kernel cannot be given this; undefined when it can. One sentence for an operator. */
export type Refusal = (protection: Protection) => string | undefined;

/** No MD5, DES, Blowfish, NULL: who wants those asks for them by name. */
const INTEGRITY: readonly IntegrityAlgorithm[] = [
  'hmac-sha2-512-256',
  'hmac-sha2-384-192',
  'hmac-sha2-256-128',
  'hmac-sha1-96',
];

const AES_BITS = { low: 128, high: 256 };

export const DEFAULT_ESP: readonly EspProtection[] = [
  { protocol: 50, encryption: 'aes-gcm-16', keyBits: AES_BITS, integrity: undefined },
  ...INTEGRITY.map((integrity): EspProtection => ({
    protocol: 50,
    encryption: 'aes-cbc',
    keyBits: AES_BITS,
    integrity,
  })),
  { protocol: 50, encryption: '3des', keyBits: { low: 192, high: 192 }, integrity: 'hmac-sha1-96' },
];

export const DEFAULT_AH: readonly AhProtection[] = INTEGRITY.map((integrity) => ({
  protocol: 51,
  integrity,
}));

/** ESP beside AH proves nothing that AH does not: the cipher alone. */
const DEFAULT_ESP_UNDER_AH: readonly EspProtection[] = [
  { protocol: 50, encryption: 'aes-cbc', keyBits: AES_BITS, integrity: undefined },
];

/** Alternatives for a policy that wants these protocols together, best first; none when the kernel has nothing for them. */
export function defaultProposals(
  protocols: readonly IpsecProtocol[],
  refusal: Refusal,
): readonly (readonly Protection[])[] {
  const can = (protection: Protection): boolean => refusal(protection) === undefined;
  const ah = DEFAULT_AH.filter(can);
  if (!protocols.includes(51)) return DEFAULT_ESP.filter(can).map((esp) => [esp]);
  if (!protocols.includes(50)) return ah.map((protection) => [protection]);
  return DEFAULT_ESP_UNDER_AH.filter(can).flatMap((esp) => ah.map((protection) => [protection, esp]));
}
