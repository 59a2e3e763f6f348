/** Security protocol identifiers of proposals, notifies and deletes (RFC 2407 4.4.1). Not IP protocol numbers. */
import { registry } from './registry.js';

export const PROTOCOL = { isakmp: 1, ah: 2, esp: 3, ipcomp: 4 } as const;

export const PROTOCOLS = registry('security protocol', [
  { number: PROTOCOL.isakmp, name: 'ISAKMP', source: 'RFC 2407 4.4.1', supported: true },
  { number: PROTOCOL.ah, name: 'AH', source: 'RFC 2407 4.4.1', supported: true },
  { number: PROTOCOL.esp, name: 'ESP', source: 'RFC 2407 4.4.1', supported: true },
  { number: PROTOCOL.ipcomp, name: 'IPCOMP', source: 'RFC 2407 4.4.1' },
]);

export function protocolName(number: number): string {
  return PROTOCOLS.nameOf(number);
}
