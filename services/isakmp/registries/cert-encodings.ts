/** Certificate encodings of CERT and CERTREQ payloads (RFC 2408 3.9). */
import { registry } from './registry.js';

export const CERT_ENCODING = {
  pkcs7: 1,
  pgp: 2,
  dnsSignedKey: 3,
  x509Signature: 4,
  x509KeyExchange: 5,
  kerberos: 6,
  crl: 7,
  arl: 8,
  spki: 9,
  x509Attribute: 10,
} as const;

const SOURCE = 'RFC 2408 3.9';

export const CERT_ENCODINGS = registry('certificate encoding', [
  { number: CERT_ENCODING.pkcs7, name: 'PKCS #7 wrapped X.509', source: SOURCE },
  { number: CERT_ENCODING.pgp, name: 'PGP', source: SOURCE },
  { number: CERT_ENCODING.dnsSignedKey, name: 'DNS signed key', source: SOURCE },
  { number: CERT_ENCODING.x509Signature, name: 'X.509 signature', source: SOURCE },
  { number: CERT_ENCODING.x509KeyExchange, name: 'X.509 key exchange', source: SOURCE },
  { number: CERT_ENCODING.kerberos, name: 'Kerberos tokens', source: SOURCE },
  { number: CERT_ENCODING.crl, name: 'CRL', source: SOURCE },
  { number: CERT_ENCODING.arl, name: 'ARL', source: SOURCE },
  { number: CERT_ENCODING.spki, name: 'SPKI', source: SOURCE },
  { number: CERT_ENCODING.x509Attribute, name: 'X.509 attribute', source: SOURCE },
]);
