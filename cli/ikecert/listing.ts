/** Listings: a line for the slot, a line for each thing that is known of it. */
import type { Certificate } from '../../services/certs/certificate.js';
import { isSelfIssued } from '../../services/certs/certificate.js';
import { type Crl, reasonText } from '../../services/certs/crl.js';
import { formatGeneralName } from '../../services/certs/general-name.js';
import { formatName } from '../../services/certs/name.js';
import { KEY_TYPES } from '../../services/certs/key-types.js';
import type { TokenObject } from '../../services/ports/public-key.js';

export type Line = readonly [label: string, value: string];

/** `head` and its lines, indented by eight blanks. */
export function block(head: string, lines: readonly Line[]): string {
  return [head, ...lines.map(([label, value]) => `        ${label}: ${value}`), ''].join('\n');
}

export function certificateLines(certificate: Certificate, now: number): readonly Line[] {
  const { subject, issuer, keyBits, altNames } = certificate;
  return [
    ['Subject Name', `<${formatName(subject)}>`],
    ['Issuer Name', isSelfIssued(certificate) ? 'the subject itself' : `<${formatName(issuer)}>`],
    ['Key Size', String(keyBits)],
    ['Validity', validityText(certificate, now)],
    ...(altNames.length === 0 ? [] : [altNamesLine(certificate)]),
  ];
}

function altNamesLine({ altNames }: Certificate): Line {
  return ['Alternative Names', altNames.map(formatGeneralName).join(', ')];
}

/** What `-v` adds. */
export function certificateDetails(certificate: Certificate, fingerprint: string): readonly Line[] {
  const { keyUsage, extendedKeyUsage, basicConstraints, signatureOid, serial } = certificate;
  const algorithm = KEY_TYPES.find(({ oid }) => oid === signatureOid)?.name ?? signatureOid;
  return [
    ['Serial Number', serial],
    ['Signature Algorithm', algorithm],
    ...(keyUsage === undefined ? [] : ([['Key Usage', [...keyUsage].join(', ')]] as const)),
    ...(extendedKeyUsage === undefined
      ? []
      : ([['Extended Key Usage', extendedKeyUsage.join(', ')]] as const)),
    ...(basicConstraints === undefined
      ? []
      : ([['Certificate Authority', basicConstraints.ca ? 'yes' : 'no']] as const)),
    ['Fingerprint (SHA-256)', fingerprint],
  ];
}

export function crlLines(crl: Crl, issuers: readonly string[], now: number): readonly Line[] {
  const { nextUpdate } = crl;
  return [
    ['Issuer Name', `<${formatName(crl.issuer)}>`],
    ['Issuer Certificates', issuers.length === 0 ? 'none' : issuers.join(', ')],
    ['This Update', timeText(crl.thisUpdate)],
    [
      'Next Update',
      nextUpdate === undefined ? 'not said' : timeText(nextUpdate) + (nextUpdate < now ? ' (overdue)' : ''),
    ],
    ['Revoked Certificates', String(crl.revoked.size)],
    ...(crl.unusable === undefined ? [] : ([['Not Used', crl.unusable]] as const)),
  ];
}

export function revokedLines({ revoked }: Crl): readonly Line[] {
  return [...revoked].map(([serial, { date, reason }]) => [
    'Revoked',
    `${serial} since ${timeText(date)}, ${reasonText(reason)}`,
  ]);
}

function validityText({ notBefore, notAfter }: Certificate, now: number): string {
  const remark = now > notAfter ? ' (expired)' : now < notBefore ? ' (not yet valid)' : '';
  return `${timeText(notBefore)} to ${timeText(notAfter)}${remark}`;
}

/** `2027-01-22T12:00:00Z`. */
function timeText(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Of what is on a token. */
export function tokenLine(object: TokenObject | undefined): readonly Line[] {
  if (object === undefined) return [];
  const name = object.id === undefined ? `label "${object.label ?? ''}"` : `ID=${object.id}`;
  return [['Token', `"${object.token}", ${name}`]];
}
