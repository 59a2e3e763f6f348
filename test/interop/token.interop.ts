/** Our private key on a PKCS#11 token: a tunnel with charon after `token login`, none before it, no renewal after `logout`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatReference } from '../../services/certs/token-reference.js';
import { LABEL, PIN, softToken, type SoftToken } from '../token/soft-token.js';
import { databasesBelow } from '../cli/ikecert/databases.js';
import type { Daemon } from './lab/daemon.js';
import { IkecertSelfSigned } from './lab/ikecert-self-signed.js';
import { useLab } from './lab/lab.js';
import { type CertificateKind, type Credential, type Credentials, Pki } from './lab/pki.js';
import { assertEstablishes, refusal, ROLES } from './lab/roles.js';
import { installedSas } from './lab/sa-log.js';
import { scenario } from './lab/scenario.js';
import { eventually } from './lab/shell.js';

const IKEADM = join(import.meta.dirname, '../../dist/ikeadm.js');

/** The lab's authority, with the private key of `east`, which is us, on the token and a reference in its place. */
class TokenCredentials implements Credentials {
  readonly #pki: Pki;
  readonly #token: SoftToken;
  readonly #stored = new Map<string, string>();

  constructor(pki: Pki, token: SoftToken) {
    this.#pki = pki;
    this.#token = token;
  }

  get root(): Uint8Array {
    return this.#pki.root;
  }

  get crls(): readonly Uint8Array[] {
    return this.#pki.crls;
  }

  async credential(name: string, kind: CertificateKind, address: string): Promise<Credential> {
    const made = await this.#pki.credential(name, kind, address);
    if (name !== 'east') return made;
    const wanted = `${kind} ${address}`;
    let id = this.#stored.get(wanted);
    if (id === undefined) {
      id = `0a${String(10 + this.#stored.size)}`;
      const key = createPrivateKey({ key: Buffer.from(made.privateKey), type: 'pkcs8', format: 'der' });
      this.#token.importKey(key.export({ type: 'pkcs8', format: 'pem' }).toString(), wanted, id);
      this.#stored.set(wanted, id);
    }
    const object = { token: LABEL, id, label: undefined };
    return { ...made, privateKey: formatReference({ object, class: 'private-key', pin: undefined }) };
  }
}

/** `ikeadm token VERB`, the PIN through a pipe; what it printed, and its exit status. */
function token(daemon: Daemon, verb: 'login' | 'logout', pin = PIN): Promise<string> {
  return new Promise((resolve) => {
    const args = [IKEADM, '-R', daemon.root, 'token', verb, LABEL];
    const child = execFile(process.execPath, args, (error, stdout, stderr) => {
      resolve(`${error === null ? '0' : String(error.code)} ${stdout}${stderr}`);
    });
    child.stdin?.end(`${pin}\n`);
  });
}

describe('our private key on a PKCS#11 token', () => {
  let soft: SoftToken;
  const environment = { ...process.env };

  const lab = useLab({
    credentials: async (folder) => {
      soft = softToken();
      // What the daemon's token process inherits.
      Object.assign(process.env, soft.env);
      return new TokenCredentials(await Pki.make(folder), soft);
    },
  });

  after(() => {
    soft.remove();
    process.env = environment;
  });

  const arrange = (global: readonly string[] = []) =>
    lab.arrange(
      scenario({
        auth: 'rsa',
        identity: 'dn',
        expireTimer: 5,
        more: { global: [`pkcs11_path "${soft.library}"`, ...global] },
      }),
    );

  for (const role of ROLES) {
    it(`${role}: nothing before token login, and why; a tunnel after it`, async () => {
      const pair = await arrange();
      assert.equal(await refusal(role, pair), 'token-locked');
      const explained = pair.daemon.log();
      assert.match(explained, /private key of certificate 0 is on PKCS#11 token \\"Test token\\"/);
      assert.match(explained, /ikeadm token login/);
      assert.match(await token(pair.daemon, 'login', '0000'), /^1 .*wrong PIN/s);
      assert.match(await token(pair.daemon, 'login'), /^0 ikeadm: PKCS#11 operation successful\n/);
      await assertEstablishes(role, pair);
      assert.ok(!pair.daemon.log().includes(PIN), 'the PIN is in the log');
    });
  }

  it('SAs stay after token logout, but a renewal of Phase 1 fails and says so; after another login all is well', async () => {
    const pair = await arrange(['p1_lifetime_secs 10']);
    const { daemon } = pair;
    assert.match(await token(daemon, 'login'), /^0 /);
    await assertEstablishes('initiator', pair);
    assert.match(await token(daemon, 'logout'), /^0 ikeadm: PKCS#11 operation successful\n/);
    const before = installedSas(daemon.saLines()).length;
    const failed = await eventually('a renewal fails', 20, () =>
      daemon.events().find(({ type }) => type === 'phase1.not-renewed'),
    );
    assert.equal(failed.failure?.code, 'token-locked');
    assert.equal(installedSas(daemon.saLines()).length, before, 'the SAs stand');
    assert.match(await token(daemon, 'login'), /^0 /);
    assert.match(await token(daemon, 'login'), /^0 /, 'a second login is as good');
    await eventually('a new Phase 1 can be had', 10, async () => {
      const answer = await daemon.up(pair.scenario.traffic[0]);
      return answer.outcome === 'established' ? true : undefined;
    });
  });

  it('the library shows among the counters, and the certificate as locked and available', async () => {
    const { daemon } = await arrange();
    const link = async (): Promise<string> => (await daemon.ikeadm('dump', 'certcache')).stdout;
    assert.match((await daemon.ikeadm('get', 'stats')).stdout, /libsofthsm2\.so/);
    assert.match(await link(), /locked/i);
    await token(daemon, 'login');
    assert.match(await link(), /available/i);
    await token(daemon, 'logout');
    assert.match(await link(), /locked/i);
  });
});

describe('a key that ikecert made on a PKCS#11 token', () => {
  let soft: SoftToken;
  let made: IkecertSelfSigned | undefined;
  const environment = { ...process.env };
  const lab = useLab({
    credentials: async (folder) => {
      soft = softToken();
      Object.assign(process.env, soft.env);
      const onToken = { name: 'east', library: soft.library, label: LABEL, pin: PIN };
      made = await IkecertSelfSigned.make(folder, ['east', 'west'], onToken);
      return made;
    },
  });

  after(() => {
    soft.remove();
    process.env = environment;
  });

  for (const role of ROLES) {
    it(`${role}: authenticates a tunnel with charon after token login`, async () => {
      assert.ok(made !== undefined);
      const remote = { auth: 'pubkey', id: 'east.example', certs: made.file('east') };
      const global = [`pkcs11_path "${soft.library}"`, 'cert_trust "DNS=west.example"'];
      const more = { global, connection: { remote } };
      const pair = await lab.arrange(
        scenario({ auth: 'rsa', identity: 'fqdn', revocation: 'ignored', more }),
      );
      databasesBelow(pair.daemon.root).succeed(['certdb', '-a'], readFileSync(made.file('west')));
      const flushed = await pair.daemon.ikeadm('flush', 'certcache');
      assert.equal(flushed.status, 0, flushed.stderr);
      assert.match(await token(pair.daemon, 'login'), /^0 /);
      await assertEstablishes(role, pair);
    });
  }
});
