/** Self-signed certificates by our `ikecert` for both ends: nobody else has a part in them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { databasesBelow } from '../../cli/ikecert/databases.js';
import { distinguishedName, fqdn } from './identity.js';
import { type Credential, type Credentials, Pki } from './pki.js';

export class IkecertSelfSigned implements Credentials {
  readonly #folder: string;
  /** The laboratory's files want a root; here nothing is below it. */
  readonly #nobody: Pki;

  private constructor(folder: string, nobody: Pki) {
    this.#folder = folder;
    this.#nobody = nobody;
  }

  /** Makes the certificates of both names. */
  static async make(folder: string, ...names: readonly string[]): Promise<IkecertSelfSigned> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const made = new IkecertSelfSigned(folder, await Pki.make(join(folder, 'nobody')));
    for (const name of names) {
      const wish = ['-D', distinguishedName(name), '-A', `DNS=${fqdn(name)}`];
      const printed = databasesBelow(join(folder, name)).succeed([
        ...['certlocal', '-ks', '-m', '2048', '-t', 'rsa-sha256', ...wish],
      ]);
      writeFileSync(made.file(name), printed);
    }
    return made;
  }

  /** What `certlocal -ks` printed. */
  file(name: string): string {
    return join(this.#folder, `${name}.pem`);
  }

  get root(): Uint8Array {
    return this.#nobody.root;
  }

  get crls(): readonly Uint8Array[] {
    return [];
  }

  credential(name: string): Promise<Credential> {
    const databases = databasesBelow(join(this.#folder, name));
    return Promise.resolve({
      certificate: databases.succeed(['certdb', '-e', '-f', 'ber', `DNS=${fqdn(name)}`]),
      intermediates: [],
      privateKey: databases.succeed(['certlocal', '-e', '-f', 'pkcs8', '0']),
    });
  }
}
