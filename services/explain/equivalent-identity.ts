/** Keys and identities as the other end must have them, so that they fit ours. Keys are never said, only where they stand. */
import type { Address } from '../net/address.js';
import type { Equivalent } from './explanation.js';

/** Where the peer keeps the pre-shared key for us. */
export function presharedEquivalents(here: Address): readonly Equivalent[] {
  return [
    {
      product: 'strongSwan',
      file: 'swanctl.conf, secrets',
      lines: ['ike-<name> {', `  id = ${here}`, '  secret = 0s<base64> or 0x<hex> or "text"', '}'],
    },
    {
      product: 'libreswan',
      file: 'ipsec.secrets',
      lines: [`<its address> ${here} : PSK "text" or 0x<hex>`],
    },
    {
      product: 'Cisco IOS',
      file: 'running configuration',
      lines: [`crypto isakmp key <text> address ${here}`],
    },
  ];
}

/** How the peer is made to call itself `name`. */
export function identityEquivalents(name: string): readonly Equivalent[] {
  return [
    {
      product: 'strongSwan',
      file: 'swanctl.conf, connections.<name>',
      lines: [`local { id = "${name}" }`],
    },
    { product: 'libreswan', file: 'ipsec.conf, conn <name>', lines: [`leftid="${name}"`] },
    {
      product: 'Cisco IOS',
      file: 'running configuration',
      lines: [
        /^[\d.:a-f]+$/i.test(name)
          ? 'crypto isakmp identity address'
          : name.includes('=')
            ? 'crypto isakmp identity dn'
            : 'crypto isakmp identity hostname',
      ],
    },
  ];
}
