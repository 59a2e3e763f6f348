/** A small authority for simulated daemons: RSA and DSA certificates of east and west, made once per run of the tests. */
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import { generateKeyPairSync, type KeyObject, webcrypto } from 'node:crypto';
import { parseCertificate } from '../../services/certs/certificate.js';
import { type CertificateStores, NO_STORES, type StoredCertificate } from '../../services/certs/stores.js';
import type { Bytes } from '../../services/bytes.js';
import type { Keys } from '../../services/ports/keys.js';

x509.cryptoProvider.set(webcrypto);

const SIGNING = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
export const ROOT_NAME = 'CN=Simulated Root, O=Example';

interface Issued {
  readonly der: Bytes;
  readonly privateKey: Bytes;
  readonly algorithm: 'rsa' | 'dsa';
}

export interface Authority {
  readonly root: Bytes;
  /** By `<end>-<algorithm>`. */
  readonly issued: ReadonlyMap<string, Issued>;
}

let made: Promise<Authority> | undefined;

/** The same for every test: making keys is slow. */
export function authority(): Promise<Authority> {
  made ??= makeAuthority();
  return made;
}

async function makeAuthority(): Promise<Authority> {
  const rsa = () => generateKeyPairSync('rsa', { modulusLength: 1024 });
  const dsa = () => generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
  const rootKeys = rsa();
  const signingKey = await webcrypto.subtle.importKey('pkcs8', pkcs8(rootKeys.privateKey), SIGNING, true, [
    'sign',
  ]);
  const certify = async (
    subject: string,
    publicKey: KeyObject,
    extensions: x509.Extension[],
  ): Promise<Bytes> => {
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: String(10 + ++serial),
      subject,
      issuer: ROOT_NAME,
      notBefore: new Date(Date.UTC(2000, 0, 1)),
      notAfter: new Date(Date.UTC(2080, 0, 1)),
      signingAlgorithm: SIGNING,
      publicKey: new x509.PublicKey(publicKey.export({ type: 'spki', format: 'der' })),
      signingKey,
      extensions,
    });
    return new Uint8Array(certificate.rawData);
  };
  const root = await certify(ROOT_NAME, rootKeys.publicKey, [
    new x509.BasicConstraintsExtension(true, undefined, true),
  ]);
  const issued = new Map<string, Issued>();
  for (const end of ['east', 'west', 'mallory']) {
    for (const algorithm of ['rsa', 'dsa'] as const) {
      const keys = algorithm === 'rsa' ? rsa() : dsa();
      const der = await certify(`CN=${end}, O=Example`, keys.publicKey, [
        new x509.SubjectAlternativeNameExtension([
          { type: 'dns', value: `${end}.example` },
          { type: 'email', value: `${end}@example.org` },
        ]),
      ]);
      issued.set(`${end}-${algorithm}`, { der, privateKey: pkcs8(keys.privateKey), algorithm });
    }
  }
  return { root, issued };
}

let serial = 0;

function pkcs8(key: KeyObject): Bytes {
  return new Uint8Array(key.export({ type: 'pkcs8', format: 'der' }));
}

/** Stores of one end: the root, its own certificates with their keys, and those of `known` others. */
export function storesOf(
  { root, issued }: Authority,
  keys: Keys,
  own: readonly string[],
  known: readonly string[] = [],
): CertificateStores {
  const certificates: StoredCertificate[] = [stored('root', root, undefined)];
  for (const name of [...own, ...known]) {
    const entry = issued.get(name);
    if (entry === undefined) throw new Error(`nobody is called ${name}`);
    const { der, privateKey, algorithm } = entry;
    certificates.push(
      stored(
        String(certificates.length),
        der,
        own.includes(name) ? { handle: keys.put(privateKey), algorithm, bits: 1024 } : undefined,
      ),
    );
  }
  return { ...NO_STORES, certificates };
}

function stored(slot: string, der: Bytes, privateKey: StoredCertificate['privateKey']): StoredCertificate {
  const certificate = parseCertificate(der);
  if (!certificate.ok) throw new Error(certificate.error);
  return { slot, file: `publickeys/${slot}`, certificate: certificate.value, privateKey };
}
