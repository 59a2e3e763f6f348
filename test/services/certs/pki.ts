/** Certificates and CRLs made for one test: RSA keys of 1024 bits, because they are quick and no secret. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import type { Bytes } from '../../../services/bytes.js';
import { type Certificate, parseCertificate } from '../../../services/certs/certificate.js';
import { parseCrl } from '../../../services/certs/crl.js';
import { type CertificateStores, NO_STORES, type SourcedCrl } from '../../../services/certs/stores.js';

x509.cryptoProvider.set(webcrypto);

const ALGORITHM = {
  name: 'RSASSA-PKCS1-v1_5',
  hash: 'SHA-256',
  publicExponent: Uint8Array.of(1, 0, 1),
  modulusLength: 1024,
};

/** Milliseconds since 1970: the day on which the tests play. */
export const NOW = Date.UTC(2026, 5, 15);
const DAY = 86_400_000;

export type Keys = webcrypto.CryptoKeyPair;

function newKeys(): Promise<Keys> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
}

/** A pair by its name: making one costs more than the whole test that uses it. */
export function keysOf(name: string): Promise<Keys> {
  const known = pairs.get(name) ?? newKeys();
  pairs.set(name, known);
  return known;
}
const pairs = new Map<string, Promise<Keys>>();

export interface Made {
  readonly der: Bytes;
  readonly certificate: Certificate;
  readonly keys: Keys;
}

export interface Wish {
  /** `CN=gw, O=Example`, in the order of the certificate. */
  readonly subject: string;
  /** Whose name and key sign it; none: itself. */
  readonly issuer?: Made | undefined;
  readonly keys?: Keys;
  readonly names?: readonly x509.JsonGeneralName[];
  readonly authority?: boolean | { readonly pathLength: number };
  readonly usage?: x509.KeyUsageFlags;
  readonly purposes?: readonly string[];
  readonly points?: readonly string[];
  readonly extensions?: readonly x509.Extension[];
  readonly hash?: 'SHA-1' | 'SHA-256' | 'SHA-512';
  readonly from?: number;
  readonly to?: number;
  readonly serial?: string;
  /** Adds the key identifiers of both keys. */
  readonly identifiers?: boolean;
}

let lastSerial = 0x100;

export async function make(wish: Wish): Promise<Made> {
  const keys = wish.keys ?? (await keysOf(wish.subject));
  const signer = wish.issuer?.keys ?? keys;
  const { authority } = wish;
  const extensions = [
    ...(wish.names === undefined ? [] : [new x509.SubjectAlternativeNameExtension([...wish.names])]),
    ...(authority === undefined
      ? []
      : [
          new x509.BasicConstraintsExtension(
            authority !== false,
            typeof authority === 'object' ? authority.pathLength : undefined,
            true,
          ),
        ]),
    ...(wish.usage === undefined ? [] : [new x509.KeyUsagesExtension(wish.usage, true)]),
    ...(wish.purposes === undefined ? [] : [new x509.ExtendedKeyUsageExtension([...wish.purposes])]),
    ...(wish.points === undefined ? [] : [new x509.CRLDistributionPointsExtension([...wish.points])]),
    ...(wish.identifiers === true
      ? [
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
          await x509.AuthorityKeyIdentifierExtension.create(signer.publicKey),
        ]
      : []),
    ...(wish.extensions ?? []),
  ];
  lastSerial += 1;
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: wish.serial ?? lastSerial.toString(16).padStart(4, '0'),
    subject: wish.subject,
    issuer: wish.issuer === undefined ? wish.subject : nameText(wish.issuer),
    notBefore: new Date(wish.from ?? NOW - DAY),
    notAfter: new Date(wish.to ?? NOW + 365 * DAY),
    signingAlgorithm: { ...ALGORITHM, hash: wish.hash ?? 'SHA-256' },
    publicKey: keys.publicKey,
    signingKey: signer.privateKey,
    extensions,
  });
  const der = new Uint8Array(made.rawData);
  const parsed = parseCertificate(der);
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.error);
  return { der, certificate: parsed.value, keys };
}

function nameText(made: Made): string {
  return new x509.X509Certificate(Uint8Array.from(made.der)).subject;
}

export interface CrlWish {
  readonly issuer: Made;
  readonly revoked?: readonly { readonly serial: string; readonly reason?: x509.X509CrlReason }[];
  readonly from?: number;
  readonly to?: number;
  /** Signs with these instead of the issuer's. */
  readonly keys?: Keys;
  readonly extensions?: readonly x509.Extension[];
}

export async function makeCrl(wish: CrlWish): Promise<Bytes> {
  const made = await x509.X509CrlGenerator.create({
    issuer: nameText(wish.issuer),
    thisUpdate: new Date(wish.from ?? NOW - DAY),
    nextUpdate: new Date(wish.to ?? NOW + 7 * DAY),
    signingAlgorithm: ALGORITHM,
    signingKey: (wish.keys ?? wish.issuer.keys).privateKey,
    entries: (wish.revoked ?? []).map(({ serial, reason }) => ({
      serialNumber: serial.padStart(serial.length + (serial.length % 2), '0'),
      revocationDate: new Date(NOW - DAY),
      ...(reason === undefined ? {} : { reason }),
    })),
    extensions: [...(wish.extensions ?? [])],
  });
  return new Uint8Array(made.rawData);
}

export function sourced(der: Bytes, source = 'crls/0'): SourcedCrl {
  const crl = parseCrl(der);
  assert.ok(crl.ok, crl.ok ? '' : crl.error);
  return { source, crl: crl.value };
}

/** Stores with these certificates in the slots 0, 1, ... */
export function stores(certificates: readonly Made[], crls: readonly Bytes[] = []): CertificateStores {
  return {
    ...NO_STORES,
    certificates: certificates.map(({ certificate }, slot) => ({
      slot: String(slot),
      file: `publickeys/${String(slot)}`,
      certificate,
      privateKey: undefined,
    })),
    crls: crls.map((der, index) => sourced(der, `crls/${String(index)}`)),
  };
}

export { x509 };
