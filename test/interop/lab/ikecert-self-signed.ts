/** Self-signed certificates by our `ikecert` for both ends: nobody else has a part in them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isReference } from '../../../services/certs/token-reference.js';
import { type Databases, databasesBelow } from '../../cli/ikecert/databases.js';
import { distinguishedName, fqdn } from './identity.js';
import { type Credential, type Credentials, Pki } from './pki.js';

/** A key that `ikecert` makes on a token, and a reference stands for. */
export interface OnToken {
  readonly name: string;
  readonly library: string;
  readonly label: string;
  readonly pin: string;
}

export class IkecertSelfSigned implements Credentials {
  readonly #folder: string;
  /** The laboratory's files want a root; here nothing is below it. */
  readonly #nobody: Pki;

  private constructor(folder: string, nobody: Pki) {
    this.#folder = folder;
    this.#nobody = nobody;
  }

  /** Makes the certificates of both names. */
  static async make(folder: string, names: readonly string[], onToken?: OnToken): Promise<IkecertSelfSigned> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const made = new IkecertSelfSigned(folder, await Pki.make(join(folder, 'nobody')));
    for (const name of names) {
      const wish = ['-D', distinguishedName(name), '-A', `DNS=${fqdn(name)}`];
      const generate = ['certlocal', '-ks', '-m', '2048', '-t', 'rsa-sha256', ...wish];
      const databases = databasesBelow(join(folder, name));
      const printed =
        name === onToken?.name ? generated(databases, generate, onToken) : databases.succeed(generate);
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
      privateKey: keyOrReference(databases),
    });
  }
}

function generated(
  databases: Databases,
  generate: readonly string[],
  { library, label, pin }: OnToken,
): Buffer {
  const folder = join(databases.root, 'etc/inet/ike');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'config'), `pkcs11_path "${library}"\n`);
  return databases.succeed([...generate, '-T', label], `${pin}\n`);
}

function keyOrReference(databases: Databases): Buffer {
  const file = readFileSync(join(databases.keys, '0'));
  return isReference(file) ? file : databases.succeed(['certlocal', '-e', '-f', 'pkcs8', '0']);
}
