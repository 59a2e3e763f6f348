/** Extensions of certificates and CRLs (RFC 5280 4.2, 5.2): which ones are there, and what the known ones say. */
import {
  AuthorityKeyIdentifier,
  BasicConstraints,
  ExtendedKeyUsage,
  Extensions,
  KeyUsage,
  type KeyUsageType,
  SubjectKeyIdentifier,
} from '@peculiar/asn1-x509';
import { type Bytes, hex } from '../bytes.js';
import { err, ok, type Result } from '../result.js';
import { readAsn } from './der.js';
import { type DistributionPoint, readDistributionPoints } from './distribution-points.js';
import { type GeneralName, readGeneralNames } from './general-name.js';

export const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  crlNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  deltaCrlIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',
  nameConstraints: '2.5.29.30',
  crlDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extendedKeyUsage: '2.5.29.37',
  inhibitAnyPolicy: '2.5.29.54',
} as const;

const NAMES = new Map<string, string>(Object.entries(EXTENSION).map(([name, oid]) => [oid, name]));

export function extensionName(oid: string): string {
  return NAMES.get(oid) ?? oid;
}

export interface RawExtension {
  readonly critical: boolean;
  readonly value: Bytes;
}

const MOST_EXTENSIONS = 64;

/** By OID. RFC 5280 4.2: none may come twice. */
export function readExtensionList(der: Bytes): Result<ReadonlyMap<string, RawExtension>, string> {
  const read = readAsn(der, Extensions, 'list of extensions');
  if (!read.ok) return read;
  if (read.value.length > MOST_EXTENSIONS) return err('it has too many extensions');
  const found = new Map<string, RawExtension>();
  for (const { extnID, critical, extnValue } of read.value) {
    if (found.has(extnID)) return err(`its extension ${extensionName(extnID)} comes twice`);
    found.set(extnID, { critical, value: new Uint8Array(extnValue.buffer) });
  }
  return ok(found);
}

export interface CertificateExtensions {
  readonly altNames: readonly GeneralName[];
  readonly basicConstraints: { readonly ca: boolean; readonly pathLength: number | undefined } | undefined;
  /** Undefined: any use. */
  readonly keyUsage: ReadonlySet<KeyUsageType> | undefined;
  /** OIDs; undefined: any purpose. */
  readonly extendedKeyUsage: readonly string[] | undefined;
  readonly crlDistributionPoints: readonly DistributionPoint[];
  /** Hex. */
  readonly subjectKeyId: string | undefined;
  /** Hex. */
  readonly authorityKeyId: string | undefined;
  /** Names of critical extensions that nothing here understands: the certificate must not be used (RFC 5280 4.2). */
  readonly unknownCritical: readonly string[];
}

export const NO_EXTENSIONS: CertificateExtensions = {
  altNames: [],
  basicConstraints: undefined,
  keyUsage: undefined,
  extendedKeyUsage: undefined,
  crlDistributionPoints: [],
  subjectKeyId: undefined,
  authorityKeyId: undefined,
  unknownCritical: [],
};

/**
 * No policy is ever asked for (RFC 5280 6.1.1 d, e: any policy, none required), so that these say nothing that could
 * refuse a path. policyConstraints may demand one: critical, it refuses the certificate as unknown.
 */
const WITHOUT_EFFECT: readonly string[] = [
  EXTENSION.certificatePolicies,
  EXTENSION.policyMappings,
  EXTENSION.inhibitAnyPolicy,
  EXTENSION.issuerAltName,
];

export function readCertificateExtensions(der: Bytes): Result<CertificateExtensions, string> {
  const list = readExtensionList(der);
  if (!list.ok) return list;
  let extensions = NO_EXTENSIONS;
  const unknownCritical: string[] = [];
  for (const [oid, { critical, value }] of list.value) {
    if (WITHOUT_EFFECT.includes(oid)) continue;
    const said = readKnown(oid, value);
    if (said === undefined) {
      if (critical) unknownCritical.push(extensionName(oid));
      continue;
    }
    if (!said.ok) return said;
    extensions = { ...extensions, ...said.value };
  }
  return ok({ ...extensions, unknownCritical });
}

type Said = Result<Partial<CertificateExtensions>, string>;

/** Undefined: nothing here knows it. */
function readKnown(oid: string, value: Bytes): Said | undefined {
  const unreadable = err(`its extension ${extensionName(oid)} cannot be read`);
  const from = <T>(read: Result<T, string>, say: (value: T) => Partial<CertificateExtensions>): Said =>
    read.ok ? ok(say(read.value)) : unreadable;
  switch (oid) {
    case EXTENSION.subjectAltName: {
      const altNames = readGeneralNames(value);
      return altNames === undefined ? unreadable : ok({ altNames });
    }
    case EXTENSION.basicConstraints:
      return from(readAsn(value, BasicConstraints, oid), ({ cA, pathLenConstraint }) => ({
        basicConstraints: { ca: cA, pathLength: pathLenConstraint },
      }));
    case EXTENSION.keyUsage:
      return from(readAsn(value, KeyUsage, oid), (usage) => ({ keyUsage: new Set(usage.toJSON()) }));
    case EXTENSION.extendedKeyUsage:
      return from(readAsn(value, ExtendedKeyUsage, oid), (usage) => ({ extendedKeyUsage: [...usage] }));
    case EXTENSION.crlDistributionPoints: {
      const crlDistributionPoints = readDistributionPoints(value);
      return crlDistributionPoints === undefined ? unreadable : ok({ crlDistributionPoints });
    }
    case EXTENSION.subjectKeyIdentifier:
      return from(readAsn(value, SubjectKeyIdentifier, oid), (id) => ({
        subjectKeyId: hex(new Uint8Array(id.buffer)),
      }));
    case EXTENSION.authorityKeyIdentifier:
      return from(readAsn(value, AuthorityKeyIdentifier, oid), ({ keyIdentifier }) => ({
        authorityKeyId: keyIdentifier === undefined ? undefined : hex(new Uint8Array(keyIdentifier.buffer)),
      }));
    default:
      return undefined;
  }
}
