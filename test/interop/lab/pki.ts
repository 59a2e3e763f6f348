/** Certificates of one run, made with strongSwan's `pki`: a root, one below it, and a root that nobody trusts. */
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distinguishedName, fqdn, mailbox } from './identity.js';
import { succeed } from './shell.js';

/** `chained` is issued by the intermediate, `strange` by the stranger's root, the others by the root itself. */
export type CertificateKind = 'good' | 'chained' | 'revoked' | 'expired' | 'strange';

/** DER throughout. */
export interface Credential {
  readonly certificate: Uint8Array;
  /** Between the certificate and the root, in that order. */
  readonly intermediates: readonly Uint8Array[];
  /** PKCS #8. */
  readonly privateKey: Uint8Array;
}

type Issuer = 'root' | 'intermediate' | 'stranger';

const ISSUER: Readonly<Record<CertificateKind, Issuer>> = {
  good: 'root',
  chained: 'intermediate',
  revoked: 'root',
  expired: 'root',
  strange: 'stranger',
};

const AUTHORITY: Readonly<Record<Issuer, string>> = {
  root: distinguishedName('Root'),
  intermediate: distinguishedName('Intermediate'),
  stranger: distinguishedName('Nobodys Root'),
};

/** Serial numbers under which `revoked` certificates are issued; the root's CRL names all of them. */
const REVOKED_SERIALS = ['7701', '7702', '7703', '7704', '7705', '7706', '7707', '7708'];

/** Name of the root as files of both ends write it. */
export const ROOT_NAME = AUTHORITY.root;

/** What the files of both ends are made from. */
export interface Credentials {
  readonly root: Uint8Array;
  readonly crls: readonly Uint8Array[];
  credential(name: string, kind: CertificateKind, address: string): Promise<Credential>;
}

export class Pki implements Credentials {
  readonly #directory: string;
  readonly #made = new Map<string, Promise<Credential>>();
  readonly #freeSerials = [...REVOKED_SERIALS];

  private constructor(directory: string) {
    this.#directory = directory;
  }

  /** Makes the three authorities and the CRLs in `directory`. */
  static async make(directory: string): Promise<Pki> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const pki = new Pki(directory);
    for (const issuer of ['root', 'stranger'] as const) {
      pki.#makeKey(issuer);
      await pki.#run(issuer, [
        ...['--self', '--in', pki.#path(`${issuer}.key`), '--type', 'priv', '--ca'],
        ...['--dn', AUTHORITY[issuer]],
      ]);
    }
    pki.#makeKey('intermediate');
    await pki.#issue('intermediate', 'root', ['--dn', AUTHORITY.intermediate, '--ca']);
    const revoked = REVOKED_SERIALS.flatMap((serial) => ['--reason', 'key-compromise', '--serial', serial]);
    await pki.#run('root.crl', ['--signcrl', ...pki.#by('root'), ...revoked]);
    await pki.#run('intermediate.crl', ['--signcrl', ...pki.#by('intermediate')]);
    return pki;
  }

  get root(): Uint8Array {
    return this.#read('root');
  }

  /** Of the root and of the intermediate. */
  get crls(): readonly Uint8Array[] {
    return [this.#read('root.crl'), this.#read('intermediate.crl')];
  }

  /** A certificate for every way of writing the name, and for `address`. Made once for each name, kind and address. */
  credential(name: string, kind: CertificateKind, address: string): Promise<Credential> {
    const label = `${name}-${kind}-${address}`;
    const made = this.#made.get(label) ?? this.#make(label, name, kind, address);
    this.#made.set(label, made);
    return made;
  }

  async #make(label: string, name: string, kind: CertificateKind, address: string): Promise<Credential> {
    const issuer = ISSUER[kind];
    const privateKey = this.#makeKey(label);
    const options = [
      ...['--dn', distinguishedName(name)],
      ...[fqdn(name), mailbox(name), address].flatMap((alternative) => ['--san', alternative]),
      ...['--flag', 'serverAuth', '--flag', 'clientAuth'],
    ];
    if (kind === 'expired')
      options.push('--not-before', '01.01.20 00:00:00', '--not-after', '01.01.21 00:00:00');
    if (kind === 'revoked') {
      const serial = this.#freeSerials.shift();
      if (serial === undefined) throw new Error('pki: add to REVOKED_SERIALS, all of them are in use');
      options.push('--serial', serial);
    }
    await this.#issue(label, issuer, options);
    return {
      certificate: this.#read(label),
      intermediates: issuer === 'intermediate' ? [this.#read('intermediate')] : [],
      privateKey,
    };
  }

  #issue(label: string, issuer: Issuer, options: readonly string[]): Promise<void> {
    const key = ['--in', this.#path(`${label}.key`), '--type', 'priv'];
    return this.#run(label, ['--issue', ...key, ...this.#by(issuer), ...options]);
  }

  #by(issuer: Issuer): readonly string[] {
    return ['--cacert', this.#path(issuer), '--cakey', this.#path(`${issuer}.key`)];
  }

  /** Runs `pki` and keeps what it prints, DER, in a file. */
  async #run(file: string, args: readonly string[]): Promise<void> {
    // It prints DER on its standard output, which a shell can put into a file byte for byte.
    await succeed('sh', ['-c', 'out=$1; shift; exec pki "$@" >"$out"', 'sh', this.#path(file), ...args]);
  }

  #makeKey(label: string): Uint8Array {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'der' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    writeFileSync(this.#path(`${label}.key`), privateKey, { mode: 0o600 });
    return new Uint8Array(createPrivateKey(privateKey).export({ type: 'pkcs8', format: 'der' }));
  }

  #path(file: string): string {
    return join(this.#directory, file);
  }

  #read(file: string): Uint8Array {
    return new Uint8Array(readFileSync(this.#path(file)));
  }
}
