/** Policies that ask for what the embedded kernel negotiates and keeps, but cannot carry: said before their packets are lost. */
import type { IpsecPolicy, Protection } from '../../../services/ports/kernel.js';
import { CIPHERS } from './esp.js';

const AH_ALONE = 'AH without --tun';

/** `tun`: whether there is a device. One line for each policy. */
export function policiesNotCarried(policies: readonly IpsecPolicy[], tun: boolean): readonly string[] {
  return policies.flatMap(({ proposals, position }) => {
    const what = [...new Set(proposals.flatMap((together) => whatNot(together, tun)))];
    if (what.length === 0) return [];
    const place = position === undefined ? '' : `${position.file}:${String(position.line)}: `;
    const rest = what.length < proposals.length ? ' where the peer chooses it' : '';
    const device = what.includes(AH_ALONE) ? ' Add --tun, or take' : ' Take';
    return [
      `${place}warning: packets of ${what.join(' and of ')} are dropped${rest}: the embedded kernel cannot carry them.${device} another algorithm, or --kernel xfrm.`,
    ];
  });
}

function whatNot(together: readonly Protection[], tun: boolean): readonly string[] {
  const [first] = together;
  if (first === undefined) return [];
  if (together.length > 1) return ['AH and ESP together'];
  if (first.protocol === 51) return tun ? [] : [AH_ALONE];
  return first.encryption in CIPHERS ? [] : [`ESP with ${first.encryption}`];
}
