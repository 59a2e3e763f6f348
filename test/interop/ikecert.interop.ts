/** `ikecert` with openssl and strongSwan: each reads what the other makes, and tunnels stand on it. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Databases, databasesBelow } from '../cli/ikecert/databases.js';
import { makeScratch, type Scratch } from '../cli/in.iked/scratch.js';
import { IkecertAuthority } from './lab/ikecert-authority.js';
import { IkecertSelfSigned } from './lab/ikecert-self-signed.js';
import { useLab } from './lab/lab.js';
import { assertEstablishes, ROLES } from './lab/roles.js';
import { scenario } from './lab/scenario.js';
import { succeed } from './lab/shell.js';

const TYPES = ['rsa-md5', 'rsa-sha1', 'rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'dsa-sha1'];

describe('ikecert and other tools', () => {
  let scratch: Scratch;
  let databases: Databases;

  beforeEach(() => {
    scratch = makeScratch();
    databases = databasesBelow(join(scratch.folder, 'root'));
  });

  afterEach(() => {
    scratch.remove();
  });

  const wish = (type: string): readonly string[] => [
    ...[
      '-m',
      '1024',
      '-t',
      type,
      '-D',
      'C=CH, O=Interop, CN=gw',
      '-A',
      'DNS=gw.example',
      '-A',
      'IP=192.0.2.1',
    ],
  ];

  for (const type of TYPES) {
    it(`openssl reads, prints and verifies a certificate of ${type}`, async () => {
      const file = join(scratch.folder, 'gw.pem');
      writeFileSync(file, databases.succeed(['certlocal', '-ks', ...wish(type)]));
      const text = await succeed('openssl', ['x509', '-in', file, '-noout', '-text']);
      assert.match(text, /Subject: C = CH, O = Interop, CN = gw\n/);
      assert.match(text, /DNS:gw.example, IP Address:192.0.2.1/);
      // What openssl thinks of MD5, SHA-1 and short keys is not asked here.
      const verified = await succeed('openssl', ['verify', '-auth_level', '0', '-CAfile', file, file]);
      assert.equal(verified, `${file}: OK\n`);
    });

    it(`openssl verifies the signature of a request of ${type}`, async () => {
      const file = join(scratch.folder, 'gw.csr');
      writeFileSync(file, databases.succeed(['certlocal', '-kc', ...wish(type)]));
      await succeed('openssl', ['req', '-in', file, '-noout', '-verify']);
      assert.match(await succeed('openssl', ['req', '-in', file, '-noout', '-text']), /DNS:gw.example/);
    });
  }

  it('strongSwan reads a self-signed certificate and its private key', async () => {
    const certificate = join(scratch.folder, 'gw.der');
    writeFileSync(certificate, databases.succeed(['certlocal', '-ks', ...wish('rsa-sha256'), '-f', 'ber']));
    const printed = await succeed('pki', ['--print', '--type', 'x509', '--in', certificate]);
    assert.match(printed, /subject: +"C=CH, O=Interop, CN=gw"/);
    assert.match(printed, /altNames: +gw.example, 192.0.2.1/);
    const key = join(scratch.folder, 'gw.key');
    writeFileSync(key, databases.succeed(['certlocal', '-e', '-f', 'pkcs8', '0']), { mode: 0o600 });
    const id = (type: string, file: string): Promise<string> =>
      succeed('pki', ['--keyid', '--id', 'spk', '--type', type, '--in', file]);
    assert.equal(await id('priv', key), await id('x509', certificate));
  });

  for (const [algorithm, options] of [
    ['RSA', ['-newkey', 'rsa:2048']],
    ['RSA, SHA-512', ['-newkey', 'rsa:2048', '-sha512']],
  ] as const) {
    it(`certificate and key of openssl are taken: ${algorithm}`, async () => {
      const [key, certificate] = [join(scratch.folder, 'key.pem'), join(scratch.folder, 'cert.pem')];
      await succeed('openssl', [
        ...[
          'req',
          '-x509',
          ...options,
          '-nodes',
          '-keyout',
          key,
          '-out',
          certificate,
          '-subj',
          '/CN=openssl',
        ],
      ]);
      const ikecert = `openssl pkcs8 -topk8 -nocrypt -outform DER -in ${key} > ${key}.der`;
      await succeed('sh', ['-c', ikecert]);
      databases.succeed(['certdb', '-a'], readFileSync(certificate));
      databases.succeed(['certlocal', '-a'], readFileSync(`${key}.der`));
      assert.match(databases.succeed(['certlocal', '-l', '0']).toString(), /Subject Name: <CN=openssl>/);
    });
  }
});

describe('certificates made with ikecert', () => {
  let authority: IkecertAuthority | undefined;
  const lab = useLab({
    credentials: async (folder) => (authority = await IkecertAuthority.make(folder)),
  });

  for (const role of ROLES) {
    it(`${role}: authenticate a tunnel with charon`, async () => {
      await assertEstablishes(role, await lab.arrange(scenario({ auth: 'rsa', identity: 'dn' })));
    });
  }

  it('a CRL of openssl, added by certrldb, revokes them after flush certcache', async () => {
    const pair = await lab.arrange(scenario({ auth: 'rsa', identity: 'fqdn', expireTimer: 5 }));
    const { daemon, charon } = pair;
    await assertEstablishes('initiator', pair);
    await charon.terminate();
    assert.ok(authority !== undefined);
    databasesBelow(daemon.root).succeed(['certrldb', '-a'], await authority.revoke('west'));
    const flushed = await daemon.ikeadm('flush', 'certcache');
    assert.equal(flushed.status, 0, flushed.stderr);
    const answer = await daemon.up(pair.scenario.traffic[0]);
    assert.deepEqual([answer.outcome, answer.failure?.code], ['failed', 'certificate-revoked']);
  });
});

describe('self-signed certificates made with ikecert alone', () => {
  let made: IkecertSelfSigned | undefined;
  const lab = useLab({
    credentials: async (folder) => (made = await IkecertSelfSigned.make(folder, ['east', 'west'])),
  });

  for (const role of ROLES) {
    it(`${role}: authenticate a tunnel with charon, each end trusting the other's`, async () => {
      assert.ok(made !== undefined);
      const remote = { auth: 'pubkey', id: 'east.example', certs: made.file('east') };
      const more = { global: ['cert_trust "DNS=west.example"'], connection: { remote } };
      const pair = await lab.arrange(
        scenario({ auth: 'rsa', identity: 'fqdn', revocation: 'ignored', more }),
      );
      const databases = databasesBelow(pair.daemon.root);
      databases.succeed(['certdb', '-a'], readFileSync(made.file('west')));
      const flushed = await pair.daemon.ikeadm('flush', 'certcache');
      assert.equal(flushed.status, 0, flushed.stderr);
      await assertEstablishes(role, pair);
    });
  }
});
