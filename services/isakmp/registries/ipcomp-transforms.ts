/** IPCOMP transform identifiers (RFC 2407 4.4.5). */
import { registry } from './registry.js';

export const IPCOMP_TRANSFORMS = registry('IPCOMP transform', [
  { number: 1, name: 'IPCOMP_OUI', source: 'RFC 2407 4.4.5' },
  { number: 2, name: 'IPCOMP_DEFLATE', source: 'RFC 2407 4.4.5' },
  { number: 3, name: 'IPCOMP_LZS', source: 'RFC 2407 4.4.5' },
  { number: 4, name: 'IPCOMP_LZJH', source: 'RFC 3051 3' },
]);
