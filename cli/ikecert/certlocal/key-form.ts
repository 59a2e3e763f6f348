/** What people give `certlocal -a` in place of unencrypted PKCS #8 DER, and how to make that of it. */
import type { Bytes } from '../../../services/bytes.js';
import { parseCertificate } from '../../../services/certs/certificate.js';
import { derSequence, derValueAt, TAG } from '../../../services/certs/der.js';

const CONVERT = 'openssl pkcs8 -topk8 -nocrypt -outform DER -in FILE | ikecert certlocal -a';

/** A clause, or undefined when the form is right. */
export function keyFormFault(bytes: Bytes): string | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 4096)).toString(
    'latin1',
  );
  const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(text)?.[1];
  if (label !== undefined) {
    if (/CERTIFICATE|CRL/.test(label)) return `stdin is a ${label}, not a private key; ${programFor(label)}`;
    return `stdin is a key in PEM (${label}), and only PKCS #8 in DER is taken; convert it: ${CONVERT}`;
  }
  const members = derSequence(bytes, 16);
  if (members === undefined) {
    const whole = derValueAt(bytes, 0);
    return whole?.tag === TAG.sequence && whole.whole.length < bytes.length
      ? `stdin has ${String(bytes.length - whole.whole.length)} bytes behind the end of the key`
      : 'stdin is no DER: it is cut off, or something else than a private key';
  }
  const der = CONVERT.replace('-in', '-inform DER -in');
  const tags = members.map(({ tag }) => tag);
  if (tags[0] === TAG.sequence && tags[1] === TAG.octetString && tags.length === 2)
    return `the private key is encrypted, and only unencrypted PKCS #8 is taken; decrypt it: ${der}`;
  if (tags.length >= 6 && tags.every((tag) => tag === TAG.integer))
    return `the private key is not wrapped in PKCS #8; convert it: ${der}`;
  if (parseCertificate(bytes).ok) return `stdin is a certificate, not a private key; ${programFor('')}`;
  return undefined;
}

function programFor(label: string): string {
  if (label.includes('REQUEST')) return 'a certificate request goes to the certificate authority';
  return label.includes('CRL') ? 'add it with ikecert certrldb -a' : 'add it with ikecert certdb -a';
}
