/** Oakley groups: Group Description of both phases (RFC 2409 6, RFC 3526, RFC 5114, RFC 5903). */
import { registry } from './registry.js';

export const OAKLEY_GROUPS = registry('Oakley group', [
  { number: 1, name: 'modp768', source: 'RFC 2409 6.1', supported: true },
  { number: 2, name: 'modp1024', source: 'RFC 2409 6.2', supported: true },
  { number: 3, name: 'EC2N 155', source: 'RFC 2409 6.3' },
  { number: 4, name: 'EC2N 185', source: 'RFC 2409 6.4' },
  { number: 5, name: 'modp1536', source: 'RFC 3526 2', supported: true },
  { number: 14, name: 'modp2048', source: 'RFC 3526 3', supported: true },
  { number: 15, name: 'modp3072', source: 'RFC 3526 4', supported: true },
  { number: 16, name: 'modp4096', source: 'RFC 3526 5', supported: true },
  { number: 17, name: 'modp6144', source: 'RFC 3526 6', supported: true },
  { number: 18, name: 'modp8192', source: 'RFC 3526 7', supported: true },
  { number: 19, name: 'ecp256', source: 'RFC 5903 3.1', supported: true },
  { number: 20, name: 'ecp384', source: 'RFC 5903 3.2', supported: true },
  { number: 21, name: 'ecp521', source: 'RFC 5903 3.3', supported: true },
  { number: 22, name: 'modp1024s160', source: 'RFC 5114 2.1', supported: true },
  { number: 23, name: 'modp2048s224', source: 'RFC 5114 2.2', supported: true },
  { number: 24, name: 'modp2048s256', source: 'RFC 5114 2.3', supported: true },
  { number: 25, name: 'ecp192', source: 'RFC 5114 2.4', supported: true },
  { number: 26, name: 'ecp224', source: 'RFC 5114 2.5', supported: true },
  { number: 27, name: 'brainpoolP224r1', source: 'RFC 6932 2.1' },
  { number: 28, name: 'brainpoolP256r1', source: 'RFC 6932 2.2' },
  { number: 29, name: 'brainpoolP384r1', source: 'RFC 6932 2.3' },
  { number: 30, name: 'brainpoolP512r1', source: 'RFC 6932 2.4' },
]);

export function groupName(number: number): string {
  return OAKLEY_GROUPS.nameOf(number);
}
