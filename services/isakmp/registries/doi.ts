/** Domains of interpretation and the situation bits of the IPsec one (RFC 2408 2.1, RFC 2407 4.2). */
import { registry } from './registry.js';

export const DOI = { isakmp: 0, ipsec: 1 } as const;

export const DOIS = registry('domain of interpretation', [
  { number: DOI.isakmp, name: 'ISAKMP', source: 'RFC 2408 3.4', supported: true },
  { number: DOI.ipsec, name: 'IPsec', source: 'RFC 2407 6.1', supported: true },
  { number: 2, name: 'GDOI', source: 'RFC 6407 4.3' },
]);

export const SITUATION = { identityOnly: 1, secrecy: 2, integrity: 4 } as const;

export const SITUATIONS = registry('situation', [
  { number: SITUATION.identityOnly, name: 'SIT_IDENTITY_ONLY', source: 'RFC 2407 4.2.1', supported: true },
  { number: SITUATION.secrecy, name: 'SIT_SECRECY', source: 'RFC 2407 4.2.2' },
  { number: SITUATION.integrity, name: 'SIT_INTEGRITY', source: 'RFC 2407 4.2.3' },
]);
