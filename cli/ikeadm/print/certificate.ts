/** `dump certcache`: one block per certificate. */
import { LINKAGE, type CertificateRecord } from '../../../services/admin/door/certcache.js';
import { printable } from './printable.js';

const LINKS: ReadonlyMap<number, { readonly name: string; readonly lines: readonly string[] }> = new Map([
  [
    LINKAGE.received,
    { name: 'received', lines: ['Public certificate only', 'Obtained via certificate payload'] },
  ],
  [LINKAGE.public, { name: 'public', lines: ['Public certificate only'] }],
  [LINKAGE.locked, { name: 'locked', lines: ['Private key linked but locked'] }],
  [LINKAGE.available, { name: 'available', lines: ['Private key available'] }],
]);

/** Whole lines, the first of them empty. */
export function certificateText({ id, trusted, linkage, subject, issuer }: CertificateRecord): string {
  const marks = [...(trusted ? ['trusted certificate'] : []), ...linkOf(linkage).lines];
  const lines = [
    '',
    `CERTIFICATE CACHE ID: ${String(id)}`,
    `\tSubject Name: <${printable(subject)}>`,
    `\t Issuer Name: <${printable(issuer)}>`,
    ...marks.map((mark) => `\t\t[${mark}]`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

export function certificateJson({ id, trusted, linkage, subject, issuer }: CertificateRecord): object {
  return { id, subject, issuer, trusted, link: linkOf(linkage).name };
}

/** Another version of the daemon may send a number that has no name here. */
function linkOf(linkage: number): { readonly name: string; readonly lines: readonly string[] } {
  const unknown = `<unknown ${String(linkage)}>`;
  return LINKS.get(linkage) ?? { name: unknown, lines: [unknown] };
}
