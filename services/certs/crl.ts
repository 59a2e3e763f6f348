/** Certificate revocation lists as values (RFC 5280 5.1). Nothing here says that a list is good: `revocation.ts` does. */
import type { Bytes } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import { readTime } from './certificate.js';
import { derSequence, type DerValue, derValueAt, derValues, integerText, TAG } from './der.js';
import { fullNames } from './distribution-points.js';
import { EXTENSION, extensionName, readExtensionList } from './extensions.js';
import { type Name, readName } from './name.js';
import { readSigned, type Signed } from './signature-algorithms.js';

export interface Crl extends Signed {
  /** The whole list. */
  readonly der: Bytes;
  readonly issuer: Name;
  /** Milliseconds since 1970. */
  readonly thisUpdate: number;
  /** Milliseconds since 1970; undefined: it says no end. */
  readonly nextUpdate: number | undefined;
  /** By serial number in hex. */
  readonly revoked: ReadonlyMap<string, Revocation>;
  readonly covers: 'all' | 'users' | 'authorities';
  /** Distribution points it is for alone, as URIs; undefined: for all certificates that `covers` says. */
  readonly points: readonly string[] | undefined;
  /** Why the list must not be used (a critical extension that nothing here understands), or undefined. */
  readonly unusable: string | undefined;
}

export interface Revocation {
  /** Milliseconds since 1970. */
  readonly date: number;
  /** CRLReason (RFC 5280 5.3.1); undefined when none is said. */
  readonly reason: number | undefined;
}

/** Bytes of the longest list that is read: some 100 000 entries. */
export const LONGEST_CRL = 4 * 1024 * 1024;

const CRL_EXTENSIONS = 0xa0;

/** Reads DER. The error is a sentence part, as `parseCertificate`'s. Never throws. */
export function parseCrl(der: Bytes): Result<Crl, string> {
  if (der.length > LONGEST_CRL) return err(`it is longer than ${String(LONGEST_CRL)} bytes`);
  const [tbs, algorithm, signature] = derSequence(der, 3) ?? [];
  const noCrl = err('it is not the DER of a CRL');
  if (tbs?.tag !== TAG.sequence || algorithm === undefined || signature?.tag !== TAG.bitString) return noCrl;
  const fields = derValues(tbs.content, 7);
  const versioned = fields?.[0]?.tag === TAG.integer ? 1 : 0;
  const [inner, issuer, thisUpdate, ...rest] = fields?.slice(versioned) ?? [];
  if (inner === undefined || issuer === undefined || thisUpdate === undefined) return noCrl;
  const signed = readSigned(tbs.whole, algorithm.whole, signature.content, inner.whole);
  if (!signed.ok) return signed;
  const issuerName = readName(issuer.whole);
  if (!issuerName.ok) return issuerName;
  const from = readTime(thisUpdate);
  if (from === undefined) return noCrl;

  const nextUpdate = rest[0] === undefined ? undefined : readTime(rest[0]);
  const afterTimes = nextUpdate === undefined ? rest : rest.slice(1);
  const list = afterTimes.find(({ tag }) => tag === TAG.sequence);
  const extensions = afterTimes.find(({ tag }) => tag === CRL_EXTENSIONS);
  const revoked = readRevoked(list);
  if (!revoked.ok) return revoked;
  const scope = readScope(extensions);
  if (!scope.ok) return scope;
  return ok({
    der,
    issuer: issuerName.value,
    thisUpdate: from,
    nextUpdate,
    revoked: revoked.value.revoked,
    covers: scope.value.covers,
    points: scope.value.points,
    unusable: scope.value.unusable ?? revoked.value.unusable,
    ...signed.value,
  });
}

interface RevokedList {
  readonly revoked: ReadonlyMap<string, Revocation>;
  readonly unusable: string | undefined;
}

function readRevoked(list: DerValue | undefined): Result<RevokedList, string> {
  const revoked = new Map<string, Revocation>();
  let unusable: string | undefined;
  const entries = list?.content ?? new Uint8Array(0);
  for (let offset = 0; offset < entries.length;) {
    const entry = derValueAt(entries, offset);
    const [serial, date, extensions] = (entry && derSequence(entry.whole, 3)) ?? [];
    const when = date === undefined ? undefined : readRevocationDate(date);
    if (entry === undefined || serial?.tag !== TAG.integer || when === undefined)
      return err('an entry of it cannot be read');
    offset += entry.whole.length;
    const said = readEntryExtensions(extensions);
    if (!said.ok) return said;
    unusable ??= said.value.unusable;
    revoked.set(integerText(serial.content), { date: when, reason: said.value.reason });
  }
  return ok({ revoked, unusable });
}

/** As `readTime`, without a tree of objects for each of 100 000 entries: `YYMMDDHHMMSSZ` (RFC 5280 4.1.2.5). */
function readRevocationDate({ tag, content }: DerValue): number | undefined {
  const text = Buffer.from(content).toString('latin1');
  const digits = tag === TAG.utcTime ? `${Number(text.slice(0, 2)) >= 50 ? '19' : '20'}${text}` : text;
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(digits) ?? [];
  if (year === undefined || (tag !== TAG.utcTime && tag !== TAG.generalizedTime)) return undefined;
  return Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}

interface EntrySaid {
  readonly reason: number | undefined;
  readonly unusable: string | undefined;
}

const NOTHING_SAID: EntrySaid = { reason: undefined, unusable: undefined };
const ENUMERATED = 0x0a;

function readEntryExtensions(der: DerValue | undefined): Result<EntrySaid, string> {
  if (der === undefined) return ok(NOTHING_SAID);
  const plain = plainReason(der);
  if (plain !== undefined) return ok({ ...NOTHING_SAID, reason: plain });
  const list = readExtensionList(der.whole);
  if (!list.ok) return list;
  let said = NOTHING_SAID;
  for (const [oid, { critical, value }] of list.value) {
    if (oid === EXTENSION.reasonCode) said = { ...said, reason: readReason(value) };
    // RFC 5280 5.3: a list with a critical entry extension that is not understood must not be used.
    else if (critical && oid !== EXTENSION.invalidityDate)
      said = { ...said, unusable: `an entry has the critical extension ${extensionName(oid)}` };
  }
  return ok(said);
}

/** A reason alone, not critical: what nearly every entry says. OID 2.5.29.21. */
const REASON_OID = Uint8Array.of(0x06, 0x03, 0x55, 0x1d, 0x15);

function plainReason(der: DerValue): number | undefined {
  const only = derSequence(der.whole, 1)?.[0];
  const [oid, value] = (only && derSequence(only.whole, 2)) ?? [];
  if (oid === undefined || value?.tag !== TAG.octetString) return undefined;
  return Buffer.compare(oid.whole, REASON_OID) === 0 ? readReason(value.content) : undefined;
}

function readReason(value: Bytes): number | undefined {
  const reason = derValueAt(value, 0);
  return reason?.tag === ENUMERATED ? reason.content[0] : undefined;
}

/** Members of IssuingDistributionPoint (RFC 5280 5.2.5), implicit context tags. */
const SCOPE = { pointName: 0xa0, users: 0x81, authorities: 0x82 } as const;

type Scope = Pick<Crl, 'covers' | 'points' | 'unusable'>;

function readScope(der: DerValue | undefined): Result<Scope, string> {
  if (der === undefined) return ok({ covers: 'all', points: undefined, unusable: undefined });
  const list = readExtensionList(der.content);
  if (!list.ok) return list;
  let covers: Crl['covers'] = 'all';
  let points: readonly string[] | undefined;
  let unusable: string | undefined;
  const harmless: readonly string[] = [
    EXTENSION.authorityKeyIdentifier,
    EXTENSION.crlNumber,
    EXTENSION.issuerAltName,
  ];
  for (const [oid, { critical, value }] of list.value) {
    if (oid === EXTENSION.issuingDistributionPoint) {
      const members = derSequence(value, 6);
      if (members === undefined) return err('its extension issuingDistributionPoint cannot be read');
      const is = (tag: number): boolean =>
        members.some((member) => member.tag === tag && member.content[0] !== 0);
      if (is(SCOPE.users)) covers = 'users';
      if (is(SCOPE.authorities)) covers = 'authorities';
      const name = members.find(({ tag }) => tag === SCOPE.pointName);
      if (name !== undefined)
        points = fullNames(name.content).flatMap((one) => (one.kind === 'uri' ? [one.text] : []));
      if (members.some(({ tag }) => !Object.values<number>(SCOPE).includes(tag)))
        unusable = 'it is indirect, or covers only some reasons or attribute certificates';
    } else if (oid === EXTENSION.deltaCrlIndicator) {
      unusable = 'it is a delta CRL, and only whole ones are used';
    } else if (critical && !harmless.includes(oid)) {
      unusable = `it has the critical extension ${extensionName(oid)}`;
    }
  }
  return ok({ covers, points, unusable });
}

const REASONS: readonly (string | undefined)[] = [
  'unspecified',
  'key compromise',
  'CA compromise',
  'affiliation changed',
  'superseded',
  'cessation of operation',
  'certificate hold',
  undefined,
  'removed from CRL',
  'privilege withdrawn',
  'AA compromise',
];

export function reasonText(reason: number | undefined): string {
  return reason === undefined ? 'no reason given' : (REASONS[reason] ?? `reason ${String(reason)}`);
}
