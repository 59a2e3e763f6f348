/** By what people and listings tell certificates apart; kept where the certificate itself would be too much. */
import type { Certificate } from './certificate.js';
import { formatName, type Name } from './name.js';

export interface CertificateNames {
  /** As ike.config(5) writes distinguished names; empty where the certificate has none. */
  readonly subject: string;
  readonly issuer: string;
  /** Hex; with the issuer it names one certificate (RFC 5280 4.1.2.2). */
  readonly serial: string;
}

export function namesOf({ subject, issuer, serial }: Certificate): CertificateNames {
  return { subject: textOf(subject), issuer: textOf(issuer), serial };
}

function textOf(name: Name): string {
  return name.rdns.length === 0 ? '' : formatName(name);
}
