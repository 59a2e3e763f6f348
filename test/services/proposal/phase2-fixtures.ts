/** Policies, and offers as peers write them. */
import type { Attribute } from '../../../services/isakmp/payloads/attribute.js';
import type { Proposal } from '../../../services/isakmp/payloads/proposal.js';
import type { Transform } from '../../../services/isakmp/payloads/transform.js';
import { single } from '../../../services/net/address.js';
import type { AhProtection, EspProtection, IpsecPolicy, Protection } from '../../../services/ports/kernel.js';
import type { Carriage } from '../../../services/proposal/phase2-agreement.js';

export const TUNNEL: Carriage = { mode: 'tunnel', encapsulation: 'none' };

export function policyOf(...proposals: readonly (readonly Protection[])[]): IpsecPolicy {
  const side = (address: string) => ({ addresses: single(address), port: 0 });
  return {
    selectors: { local: side('192.0.2.1'), remote: side('192.0.2.2'), protocol: 0 },
    mode: 'tunnel',
    outer: { local: '192.0.2.1', remote: '192.0.2.2' },
    proposals,
    ruleLabel: undefined,
  };
}

export function esp(
  encryption: EspProtection['encryption'],
  integrity?: EspProtection['integrity'],
  [low, high]: readonly [number, number] = [128, 256],
): EspProtection {
  return { protocol: 50, encryption, keyBits: { low, high }, integrity };
}

export function ah(integrity: AhProtection['integrity']): AhProtection {
  return { protocol: 51, integrity };
}

/** Attributes by number: encapsulation 4, integrity 5, key bits 6, group 3. */
export function transform(id: number, values: Readonly<Record<number, number>>, number = 1): Transform {
  const attributes = Object.entries(values).map(([type, value]): Attribute => ({
    type: Number(type),
    form: 'basic',
    value,
  }));
  return { number, id, attributes };
}

const AH = 2;
const ESP = 3;

export function proposal(
  number: number,
  protocol: 'AH' | 'ESP',
  ...transforms: readonly Transform[]
): Proposal {
  return {
    number,
    protocol: protocol === 'AH' ? AH : ESP,
    spi: Uint8Array.of(0, 0, 0x10, number),
    transforms,
  };
}
