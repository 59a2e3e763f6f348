/** A certificate of the listing, in the numbers of the door. */
import type { CertificateView } from './certificate-administration.js';
import { type CertificateRecord, LINKAGE } from './door/certcache.js';

export function certificateRecord({ link, ...view }: CertificateView): CertificateRecord {
  return { ...view, linkage: LINKAGE[link] };
}
