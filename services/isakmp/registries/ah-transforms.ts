/** AH transform identifiers (RFC 2407 4.4.3, RFC 4868, RFC 4543). */
import { registry } from './registry.js';

export const AH_TRANSFORM = {
  md5: 2,
  sha1: 3,
  sha2256: 5,
  sha2384: 6,
  sha2512: 7,
} as const;

const SOURCE = 'RFC 2407 4.4.3';

export const AH_TRANSFORMS = registry('AH transform', [
  { number: AH_TRANSFORM.md5, name: 'AH_MD5', source: SOURCE, supported: true },
  { number: AH_TRANSFORM.sha1, name: 'AH_SHA', source: SOURCE, supported: true },
  { number: 4, name: 'AH_DES', source: SOURCE },
  { number: AH_TRANSFORM.sha2256, name: 'AH_SHA2-256', source: 'RFC 4868 4', supported: true },
  { number: AH_TRANSFORM.sha2384, name: 'AH_SHA2-384', source: 'RFC 4868 4', supported: true },
  { number: AH_TRANSFORM.sha2512, name: 'AH_SHA2-512', source: 'RFC 4868 4', supported: true },
  { number: 8, name: 'AH_RIPEMD', source: 'RFC 2857 3' },
  { number: 9, name: 'AH_AES-XCBC-MAC', source: 'RFC 3566 6' },
  { number: 10, name: 'AH_RSA', source: 'RFC 4359 5' },
  { number: 11, name: 'AH_AES-128-GMAC', source: 'RFC 4543 9' },
  { number: 12, name: 'AH_AES-192-GMAC', source: 'RFC 4543 9' },
  { number: 13, name: 'AH_AES-256-GMAC', source: 'RFC 4543 9' },
]);

export function ahTransformName(number: number): string {
  return AH_TRANSFORMS.nameOf(number);
}
