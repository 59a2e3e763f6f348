/** `ikecert`, as a shell sees it: what is stored where, what is printed where, and what comes out again. */
import assert from 'node:assert/strict';
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  webcrypto,
  X509Certificate,
} from 'node:crypto';
import { linkSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { spawn, spawnSync } from 'node:child_process';
import { type Keys, make, makeCrl } from '../../services/certs/pki.js';
import { DIST } from '../in.iked/daemon-process.js';
import { makeScratch, type Scratch } from '../in.iked/scratch.js';
import { type Databases, databasesBelow, derOf } from './databases.js';

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
const selfSigned = (subject: string, ...more: readonly string[]): readonly string[] => [
  ...['certlocal', '-ks', '-m', '512', '-t', 'rsa-sha256', '-D', subject],
  ...more,
];

/** A key of the database for who issues certificates in this test. */
async function pairOf(pkcs8: Buffer): Promise<Keys> {
  const key = createPrivateKey({ key: pkcs8, type: 'pkcs8', format: 'der' });
  const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const { subtle } = webcrypto;
  return {
    privateKey: await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
    publicKey: await subtle.importKey('spki', spki, algorithm, true, ['verify']),
  };
}

describe('ikecert', function () {
  this.timeout(60_000);
  let scratch: Scratch;
  let databases: Databases;

  beforeEach(() => {
    scratch = makeScratch();
    databases = databasesBelow(scratch.folder);
  });

  afterEach(() => {
    scratch.remove();
  });

  const TYPES = [
    ['rsa-sha1', '1024', 'sha1WithRSAEncryption'],
    ['rsa-md5', '512', 'md5WithRSAEncryption'],
    ['rsa-sha256', '2048', 'sha256WithRSAEncryption'],
    ['rsa-sha384', '1024', 'sha384WithRSAEncryption'],
    ['rsa-sha512', '1024', 'sha512WithRSAEncryption'],
    ['dsa-sha1', '1024', 'dsa-with-SHA1'],
  ] as const;
  for (const [type, size] of TYPES) {
    it(`certlocal -ks makes ${type} of ${size} bits, signed by itself`, () => {
      const pem = databases.succeed(['certlocal', '-ks', '-m', size, '-t', type, '-D', 'C=US, CN=gw']);
      const certificate = new X509Certificate(derOf(pem));
      assert.ok(certificate.verify(certificate.publicKey));
      const listed = databases.succeed(['certdb', '-l', '-v']).toString();
      assert.match(listed, new RegExp(`Key Type: ${type.slice(0, 3)}\n`));
      assert.match(listed, new RegExp(`Key Size: ${size}\n`));
      assert.match(listed, new RegExp(`Signature Algorithm: ${type}\n`));
    });
  }

  it('certlocal -ks stores key and certificate under one number, with the documented modes', () => {
    const { status, stdout, stderr } = databases.run(selfSigned('C=US, CN=gw'));
    assert.equal(status, 0);
    assert.equal(
      stderr,
      'Generating, please wait...\nCertificate generated.\nCertificate added to database.\n',
    );
    assert.match(
      stdout.toString(),
      /^-----BEGIN X509 CERTIFICATE-----\n([\w+/=]{1,64}\n)+-----END X509 CERTIFICATE-----\n$/,
    );
    assert.deepEqual(readdirSync(databases.keys), ['0']);
    assert.deepEqual(readdirSync(databases.certificates), ['0']);
    assert.deepEqual(
      [
        databases.keys,
        join(databases.keys, '0'),
        databases.certificates,
        join(databases.certificates, '0'),
      ].map(mode),
      ['700', '600', '755', '644'],
    );
    assert.deepEqual(readFileSync(join(databases.certificates, '0')), derOf(stdout));
  });

  it('certlocal -ks has names in the order given, all kinds of alternative names, and the validity asked for', () => {
    const names = ['IP=192.0.2.1', 'IP=2001:db8::1', 'DNS=gw.example.net', 'EMAIL=root@example.net'];
    const more = ['URI=http://example.net/gw', 'DN=C=US, O=Other', 'RID=1.3.6.1.4.1.1'];
    const wish = selfSigned(
      'CN=gw, O=Exämple, C=US',
      ...[...names, ...more].flatMap((name) => ['-A', name]),
      ...['-S', '01/22/2027 12:00:00', '-F', '2031-01-22 12:00'],
    );
    const der = derOf(databases.succeed(wish));
    const certificate = new X509Certificate(der);
    assert.equal(certificate.subject, 'CN=gw\nO=Exämple\nC=US');
    assert.equal(certificate.validFrom, 'Jan 22 11:00:00 2027 GMT');
    assert.equal(certificate.validTo, 'Jan 22 11:00:00 2031 GMT');
    const listed = databases.succeed(['certdb', '-l']).toString();
    assert.ok(listed.includes(`Alternative Names: ${[...names, ...more].join(', ')}\n`), listed);
    // Each of them selects it, with its tag and without.
    assert.deepEqual(derOf(databases.succeed(['certdb', '-e', ...names, ...more])), der);
    const bare = ['192.0.2.1', '2001:db8::1', 'gw.example.net', 'root@example.net', 'http://example.net/gw'];
    assert.deepEqual(derOf(databases.succeed(['certdb', '-e', ...bare, '1.3.6.1.4.1.1'])), der);
    for (const other of ['IP=192.0.2.2', 'EMAIL=x@example.net', 'DN=C=US', 'RID=1.3.6.1'])
      assert.equal(databases.run(['certdb', '-e', other]).status, 1, other);
  });

  it('certlocal -ks counts relative times from now, months and years on the calendar, whatever the order of units', () => {
    const noon = Date.UTC(2005, 0, 31, 11);
    for (const [now, start, end, from, to] of [
      [noon, '+1M', '+1M3y', 'Mar  3 11:00:00 2005 GMT', 'Mar  2 11:00:00 2008 GMT'],
      // In summer, an hour earlier in UTC.
      [noon, '-3y2M', '+6M3d12h', 'Dec  1 11:00:00 2001 GMT', 'Aug  3 22:00:00 2005 GMT'],
      [noon, '-1w1m', '+2w90s', 'Jan 24 10:59:00 2005 GMT', 'Feb 14 11:01:30 2005 GMT'],
    ] as const) {
      const wish = selfSigned('CN=gw', '-S', start, '-F', end);
      const certificate = new X509Certificate(derOf(databases.succeedAt(now, wish)));
      assert.deepEqual([certificate.validFrom, certificate.validTo], [from, to]);
    }
  });

  it('certlocal -ks without times is valid for four years, with a random serial number and exponent 65537', () => {
    const made = ['CN=one', 'CN=two'].map(
      (name) => new X509Certificate(derOf(databases.succeed(selfSigned(name)))),
    );
    const [one, two] = made;
    assert.ok(one !== undefined && two !== undefined);
    assert.notEqual(one.serialNumber, two.serialNumber);
    assert.equal(one.publicKey.asymmetricKeyDetails?.publicExponent, 65_537n);
    const from = new Date(one.validFrom);
    const to = new Date(one.validTo);
    assert.equal(to.getFullYear() - from.getFullYear(), 4);
    assert.equal(to.toISOString().slice(4), from.toISOString().slice(4));
    assert.deepEqual(readdirSync(databases.keys).toSorted(), ['0', '1']);
  });

  it('certlocal -ks -f ber prints DER', () => {
    const der = databases.succeed(selfSigned('CN=gw', '-f', 'ber'));
    assert.deepEqual(der, readFileSync(join(databases.certificates, '0')));
  });

  it('certlocal -kc keeps the key, prints a request, and certdb -a puts the certificate beside the key', async () => {
    databases.succeed(selfSigned('CN=other'));
    const { stdout, stderr } = databases.run([
      'certlocal',
      '-kc',
      ...selfSigned('CN=gw', '-A', 'DNS=gw.example').slice(2),
    ]);
    assert.equal(stderr, 'Generating, please wait...\nCertificate request generated.\n');
    assert.match(stdout.toString(), /^-----BEGIN CERTIFICATE REQUEST-----\n/);
    assert.deepEqual(readdirSync(databases.keys).toSorted(), ['0', '1']);
    assert.deepEqual(readdirSync(databases.certificates), ['0']);
    assert.match(databases.succeed(['certlocal', '-l', '1']).toString(), /Certificate: none yet\n/);
    const issuer = await make({ subject: 'CN=ca', authority: true });
    databases.succeed(['certdb', '-a'], issuer.der);
    assert.deepEqual(readdirSync(databases.certificates).toSorted(), ['0', '2'], 'slot 1 waits');
    const keys = await pairOf(databases.succeed(['certlocal', '-e', '1']));
    const issued = await make({ subject: 'CN=gw', issuer, keys });
    const { stderr: said } = databases.run(['certdb', '-a'], issued.der);
    assert.equal(said, 'certdb: Certificate added to database, slot 1.\n');
    assert.match(
      databases.succeed(['certdb', '-l', 'CN=gw']).toString(),
      /\(Private key in certlocal slot 1\)/,
    );
  });

  it('certdb -a takes PEM with either label and DER, and the lowest free slot', async () => {
    const [a, b, c] = await Promise.all(['CN=a', 'CN=b', 'CN=c'].map((subject) => make({ subject })));
    assert.ok(a && b && c);
    const pem = (label: string, der: Uint8Array): string =>
      `-----BEGIN ${label}-----\n${Buffer.from(der).toString('base64')}\n-----END ${label}-----\n`;
    databases.succeed(['certdb', '-a'], pem('CERTIFICATE', a.der));
    databases.succeed(['certdb', '-a'], pem('X509 CERTIFICATE', b.der));
    databases.succeed(['certdb', '-r', 'SLOT=0']);
    const { stderr, status } = databases.run(['certdb', '-a'], c.der);
    assert.deepEqual([status, stderr], [0, 'certdb: Certificate added to database, slot 0.\n']);
    assert.deepEqual(readFileSync(join(databases.certificates, '0')), Buffer.from(c.der));
  });

  it('certdb -e writes the first match: PEM, or BER in either case of the word', async () => {
    const made = await make({ subject: 'C=US, CN=gw', names: [{ type: 'dns', value: 'gw.example' }] });
    databases.succeed(['certdb', '-a'], made.der);
    for (const words of [
      ['C=US,CN=gw'],
      ['SUBJECT=c=us, cn=GW'],
      ['ISSUER=C=US, CN=gw'],
      ['SLOT=0'],
      ['0'],
    ]) {
      assert.deepEqual(databases.succeed(['certdb', '-e', '-f', 'BER', ...words]), Buffer.from(made.der));
    }
    for (const words of [['gw.example'], ['DNS=GW.example', '!DNS=other.example']]) {
      assert.deepEqual(
        derOf(databases.succeed(['certdb', '-e', '-f', 'PEM', ...words])),
        Buffer.from(made.der),
      );
    }
    assert.match(databases.succeed(['certdb', '-e', '0']).toString(), /^-----BEGIN X509 CERTIFICATE-----\n/);
  });

  it('certdb -l shows slot, key, names and validity of each, with the private key of ours', async () => {
    databases.succeed(selfSigned('C=US, CN=gw', '-A', 'IP=192.0.2.1'));
    const issuer = await make({ subject: 'CN=ca', authority: true });
    const peer = await make({ subject: 'CN=peer', issuer, from: 0, to: 86_400_000 });
    databases.succeed(['certdb', '-a'], peer.der);
    const [own = '', other = ''] = databases.succeed(['certdb', '-l']).toString().split('\n\n');
    assert.match(
      own,
      /^Certificate Slot Name: 0 {3}Key Type: rsa\n {8}\(Private key in certlocal slot 0\)\n {8}Subject Name: <C=US, CN=gw>\n {8}Issuer Name: the subject itself\n {8}Key Size: 512\n {8}Validity: \S+Z to \S+Z\n {8}Alternative Names: IP=192.0.2.1$/,
    );
    assert.match(
      other,
      /^Certificate Slot Name: 1 {3}Key Type: rsa\n {8}Subject Name: <CN=peer>\n {8}Issuer Name: <CN=ca>\n/,
    );
    assert.match(other, /Validity: 1970-01-01T00:00:00Z to 1970-01-02T00:00:00Z \(expired\)\n/);
    assert.match(
      databases.succeed(['certdb', '-l', '-v', 'CN=peer']).toString(),
      /Serial Number: \w+\n[^]*Fingerprint \(SHA-256\): (\w\w:){31}\w\w\n/,
    );
  });

  it('certdb -r leaves the private key, and removes a corrupt slot', () => {
    databases.succeed(selfSigned('CN=gw'));
    writeFileSync(join(databases.certificates, '7'), 'rubbish');
    databases.succeed(['certdb', '-r', 'CN=gw']);
    databases.succeed(['certdb', '-r', 'SLOT=7']);
    assert.deepEqual(readdirSync(databases.certificates), []);
    assert.deepEqual(readdirSync(databases.keys), ['0']);
  });

  it('certlocal -a takes PKCS #8 DER into the slot of its certificate, and -e gives the same bytes back', () => {
    databases.succeed(selfSigned('CN=gw'));
    databases.succeed(selfSigned('CN=other'));
    const key = databases.succeed(['certlocal', '-e', '-f', 'pkcs8', '1']);
    assert.deepEqual(key, databases.succeed(['certlocal', '-e', '1']));
    databases.succeed(['certlocal', '-r', '1']);
    const { stderr } = databases.run(['certlocal', '-a'], key);
    assert.equal(stderr, 'certlocal: Private key added to database, slot 1.\n');
    assert.deepEqual(readFileSync(join(databases.keys, '1')), key);
    assert.equal(mode(join(databases.keys, '1')), '600');
  });

  it('certlocal -a of a DSA key whose certificate is still to come takes a number free for both', () => {
    databases.succeed(selfSigned('CN=gw'));
    databases.succeed(['certlocal', '-r', '0']);
    const { privateKey } = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 });
    const { stderr } = databases.run(
      ['certlocal', '-a'],
      privateKey.export({ type: 'pkcs8', format: 'der' }),
    );
    assert.match(stderr, /slot 1\.\ncertlocal: It has no effect until its certificate is there/);
    assert.match(
      databases.succeed(['certlocal', '-l']).toString(),
      /Slot Name: 1 {3}Key Type: dsa\n {8}Key Size: 1024\n/,
    );
  });

  it('certlocal -l shows keys with their certificates, -v the keys themselves', () => {
    databases.succeed(selfSigned('C=US, CN=gw'));
    const listed = databases.succeed(['certlocal', '-l', '0']).toString();
    assert.match(listed, /^Local ID Slot Name: 0 {3}Key Type: rsa\n {8}Subject Name: <C=US, CN=gw>\n/);
    assert.ok(!listed.includes('PRIVATE KEY'));
    const shown = databases.succeed(['certlocal', '-l', '-v']).toString();
    const key = createPrivateKey({ key: derOf(shown), type: 'pkcs8', format: 'der' });
    const certificate = new X509Certificate(readFileSync(join(databases.certificates, '0')));
    assert.ok(createPublicKey(key).equals(certificate.publicKey));
  });

  it('certlocal -r leaves the certificate, and removes a corrupt slot', () => {
    databases.succeed(selfSigned('CN=gw'));
    writeFileSync(join(databases.keys, '5'), 'rubbish', { mode: 0o600 });
    databases.succeed(['certlocal', '-r', '5']);
    databases.succeed(['certlocal', '-r', '0']);
    assert.deepEqual(readdirSync(databases.keys), []);
    assert.deepEqual(readdirSync(databases.certificates), ['0']);
  });

  it('certrldb adds, lists with the certificates of the issuer, extracts and deletes', async () => {
    const issuer = await make({ subject: 'CN=ca', authority: true });
    databases.succeed(['certdb', '-a'], issuer.der);
    const list = await makeCrl({ issuer, revoked: [{ serial: '7701' }] });
    const { stderr } = databases.run(['certrldb', '-a'], list);
    assert.equal(stderr.split('\n')[0], 'certrldb: CRL added to database, slot 0.');
    assert.equal(mode(join(databases.crls, '0')), '644');
    const listed = databases.succeed(['certrldb', '-l', '-v', 'CN=ca']).toString();
    assert.match(listed, /^CRL Slot Name: 0\n {8}Issuer Name: <CN=ca>\n {8}Issuer Certificates: 0\n/);
    assert.match(listed, /Revoked Certificates: 1\n {8}Revoked: 7701 since /);
    assert.deepEqual(databases.succeed(['certrldb', '-e', '-f', 'ber', 'CN=ca']), Buffer.from(list));
    const pem = databases.succeed(['certrldb', '-e', 'SLOT=0']);
    assert.match(pem.toString(), /^-----BEGIN X509 CRL-----\n/);
    databases.succeed(['certrldb', '-r', 'CN=ca']);
    assert.deepEqual(readdirSync(databases.crls), []);
    databases.succeed(['certrldb', '-a'], pem);
  });

  it('certrldb -a keeps the list of an issuer that is not there, and says so', async () => {
    const issuer = await make({ subject: 'CN=absent', authority: true });
    const { status, stderr } = databases.run(['certrldb', '-a'], await makeCrl({ issuer }));
    assert.equal(status, 0);
    assert.match(stderr, /The certificate of its issuer <CN=absent> is not in the database/);
  });

  it('-R may stand behind the program', () => {
    const below = join(scratch.folder, 'below');
    databases.succeed([...selfSigned('CN=gw'), '-R', below]);
    assert.deepEqual(readdirSync(join(below, 'etc/inet/ike/publickeys')), ['0']);
    assert.deepEqual(readdirSync(scratch.folder), ['below']);
  });

  for (const program of ['certlocal', 'certdb', 'certrldb']) {
    it(`${program} -h explains its options on stdout`, () => {
      const help = databases.succeed([program, '-h']).toString();
      for (const option of ['-a', '-e', '-l', '-r']) assert.match(help, new RegExp(`^  ${option}( |$)`, 'm'));
      assert.equal(help.includes('-k{c|s}'), program === 'certlocal');
    });
  }

  it('twelve at once take twelve slots', async () => {
    const made = await Promise.all(
      Array.from({ length: 12 }, (_, index) => make({ subject: `CN=gw${String(index)}` })),
    );
    const exits = await Promise.all(
      made.map(({ der }) => {
        const child = spawn(
          process.execPath,
          [join(DIST, 'ikecert.js'), '-R', scratch.folder, 'certdb', '-a'],
          {
            stdio: ['pipe', 'ignore', 'ignore'],
          },
        );
        child.stdin.end(der);
        return new Promise((resolve) => child.on('exit', resolve));
      }),
    );
    assert.deepEqual(new Set(exits), new Set([0]));
    const slots = readdirSync(databases.certificates)
      .map(Number)
      .toSorted((a, b) => a - b);
    assert.deepEqual(
      slots,
      Array.from({ length: 12 }, (_, index) => index),
    );
  });

  it('a lock that a dead process left behind is taken away', () => {
    databases.succeed(selfSigned('CN=gw'));
    const dead = spawnSync('true').pid;
    writeFileSync(join(databases.certificates, '.ikecert.lock'), `${String(dead)}\n`);
    databases.succeed(selfSigned('CN=other'));
    assert.deepEqual(readdirSync(databases.certificates), ['0', '1']);
  });

  it('what hard links to a stored file see does not change', () => {
    databases.succeed(selfSigned('CN=gw'));
    const seen = join(scratch.folder, 'seen');
    linkSync(join(databases.certificates, '0'), seen);
    const before = readFileSync(seen);
    databases.succeed(['certdb', '-r', '0']);
    databases.succeed(selfSigned('CN=gw'));
    assert.deepEqual(readFileSync(seen), before);
  });
});
