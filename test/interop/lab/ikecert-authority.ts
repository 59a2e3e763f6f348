/** Keys and requests by our `ikecert`, signed by an authority of openssl: what an administrator has. */
import { readdirSync, readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { databasesBelow } from '../../cli/ikecert/databases.js';
import { distinguishedName, fqdn, mailbox } from './identity.js';
import type { CertificateKind, Credential, Credentials } from './pki.js';
import { succeed } from './shell.js';

/** What `openssl ca` needs to keep a list of what it revoked. Charon finds a list by its authority key identifier. */
const CA_CONFIG = `[ca]
default_ca = the_ca
[the_ca]
database = index.txt
serial = serial
crlnumber = crlnumber
default_md = sha256
default_days = 30
default_crl_days = 30
policy = any
new_certs_dir = .
copy_extensions = copy
crl_extensions = list
unique_subject = no
[any]
countryName = optional
organizationName = optional
commonName = supplied
[list]
authorityKeyIdentifier = keyid
`;

const CA = ['ca', '-config', 'ca.cnf', '-cert', 'ca.pem', '-keyfile', 'ca.key'];

export class IkecertAuthority implements Credentials {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async make(folder: string): Promise<IkecertAuthority> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(join(folder, 'ca.cnf'), CA_CONFIG);
    writeFileSync(join(folder, 'index.txt'), '');
    writeFileSync(join(folder, 'serial'), '1000\n');
    writeFileSync(join(folder, 'crlnumber'), '01\n');
    const authority = new IkecertAuthority(folder);
    await authority.#openssl(
      ...[
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        'ca.key',
        '-out',
        'ca.pem',
        '-days',
        '30',
      ],
      ...['-subj', '/C=CH/O=Interop/CN=Root', '-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
    );
    // Older than what revokes, whatever the clock: of two lists the newer decides.
    const times = ['-crl_lastupdate', '20260101000000Z', '-crl_nextupdate', '20991231235959Z'];
    await authority.#openssl(...CA, '-gencrl', '-out', 'ca.crl', ...times);
    return authority;
  }

  get root(): Uint8Array {
    return this.#read('ca.pem');
  }

  get crls(): readonly Uint8Array[] {
    return [this.#read('ca.crl')];
  }

  async credential(name: string, _kind: CertificateKind, address: string): Promise<Credential> {
    const databases = databasesBelow(join(this.#folder, name));
    const altNames = [`DNS=${fqdn(name)}`, `EMAIL=${mailbox(name)}`, `IP=${address}`];
    const request = databases.succeed([
      ...['certlocal', '-kc', '-m', '2048', '-t', 'rsa-sha256', '-D', distinguishedName(name)],
      ...altNames.flatMap((altName) => ['-A', altName]),
    ]);
    const slot = String(readdirSync(databases.keys).length - 1);
    writeFileSync(join(this.#folder, `${name}.csr`), request);
    await this.#openssl(...[...CA, '-batch', '-notext'], ...['-in', `${name}.csr`, '-out', `${name}.pem`]);
    databases.succeed(['certdb', '-a'], this.#read(`${name}.pem`));
    return {
      certificate: databases.succeed(['certdb', '-e', '-f', 'ber', `SLOT=${slot}`]),
      intermediates: [],
      privateKey: databases.succeed(['certlocal', '-e', '-f', 'pkcs8', slot]),
    };
  }

  /** The last certificate of this name is revoked; the new list of the authority, PEM. */
  async revoke(name: string): Promise<Uint8Array> {
    await this.#openssl(...CA, '-revoke', `${name}.pem`);
    await this.#openssl(...CA, '-gencrl', '-out', 'revoked.crl');
    return this.#read('revoked.crl');
  }

  #openssl(...args: readonly string[]): Promise<string> {
    return succeed('sh', ['-c', 'cd "$1" && shift && exec openssl "$@"', 'sh', this.#folder, ...args]);
  }

  #read(file: string): Uint8Array {
    return new Uint8Array(readFileSync(join(this.#folder, file)));
  }
}
