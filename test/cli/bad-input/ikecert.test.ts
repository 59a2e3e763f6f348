/** What `ikecert` refuses: the message, exit status 1, nothing on stdout, and no file changed. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GENERATION, generation, GOOD } from './ikecert-generation-rows.js';
import { type Bad, COMMAND_LINES, INPUT, SELECTORS } from './ikecert-rows.js';
import { abreast } from '../ikeadm/as-shipped/real-ikeadm.js';
import { type Databases, databasesBelow, derOf, type Ran } from '../ikecert/databases.js';
import { make, makeCrl } from '../../services/certs/pki.js';
import { makeScratch } from '../in.iked/scratch.js';

/** Made once; by name, for rows name what they give to stdin. */
const inputs = new Map<string, Uint8Array | string>();

describe('bad input to ikecert', () => {
  const scratch = makeScratch();
  let databases: Databases;

  before(async function () {
    this.timeout(60_000);
    databases = databasesBelow(scratch.folder);
    const own = databases.succeed(GOOD);
    inputs.set('known certificate', own);
    inputs.set('known key', databases.succeed(['certlocal', '-e', '0']));
    inputs.set('request', databases.succeed(generation('-D', 'CN=request').with(1, '-kc')));
    const authority = await make({ subject: 'CN=Bad Input CA', authority: true });
    const stranger = await make({ subject: 'CN=Stranger' });
    writeFileSync(join(databases.certificates, '2'), 'no certificate');
    writeFileSync(join(databases.keys, '3'), 'no key', { mode: 0o600 });
    databases.succeed(['certdb', '-a'], authority.der);
    const list = await makeCrl({ issuer: authority });
    databases.succeed(['certrldb', '-a'], list);
    inputs.set('list', list);
    inputs.set('pem list', pem('X509 CRL', list));
    inputs.set('forged list', await makeCrl({ issuer: authority, keys: stranger.keys }));
    inputs.set('certificate', stranger.der);
    inputs.set('pem certificate', pem('CERTIFICATE', stranger.der));
    inputs.set('two certificates', pem('CERTIFICATE', stranger.der) + pem('X509 CERTIFICATE', authority.der));
    inputs.set('broken base64', '-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n');
    inputs.set('cut certificate', stranger.der.subarray(0, -10));
    inputs.set('forged certificate', flipped(stranger.der, stranger.der.length - 1));
    inputs.set('text', 'hello\n');
    prepareKeys();
  });

  after(() => {
    scratch.remove();
  });

  const TABLE = { COMMAND_LINES, GENERATION, SELECTORS, INPUT };
  const ROWS = Object.values(TABLE).flat();
  const ran = new Map<Bad, Ran>();
  let picture: readonly string[];

  // A few at a time: each is a process of its own.
  before(async function () {
    this.timeout(120_000);
    picture = databases.picture();
    const all = await abreast(ROWS, ({ args, input, name }) => {
      const given = input === undefined ? '' : inputs.get(input);
      assert.ok(given !== undefined, `no input ${input ?? ''} for ${name}`);
      return databases.running(args, given);
    });
    all.forEach((one, index) => ran.set(ROWS[index] ?? assert.fail(), one));
  });

  for (const [suite, rows] of Object.entries(TABLE)) {
    describe(suite.toLowerCase().replace('_', ' '), () => {
      for (const row of rows) {
        it(row.name, () => {
          const { status, stdout, stderr } = ran.get(row) ?? assert.fail();
          assert.match(stderr, row.message);
          assert.match(stderr, /^cert(local|db|rldb): .+\.\n$/, 'one sentence');
          assert.deepEqual([status, stdout.toString()], [1, '']);
        });
      }
    });
  }

  it('none of them changes a file', () => {
    assert.deepEqual(databases.picture(), picture);
  });

  for (const words of [[], ['certificates'], ['CERTDB', '-l'], ['-l']]) {
    it(`the usage answers "${words.join(' ')}", on stdout`, () => {
      const { status, stdout, stderr } = databases.run(words);
      assert.equal(
        stdout.toString().split('\n')[0],
        'Usage: ikecert { certdb | certrldb | certlocal | tokens } <options> ',
      );
      assert.deepEqual([status, stderr], [1, '']);
    });
  }

  it('private keys that others could read are not touched', () => {
    chmodSync(databases.keys, 0o755);
    try {
      const before = databases.picture();
      for (const args of [['certlocal', '-l'], ['certlocal', '-r', '0'], GOOD]) {
        const { status, stderr } = databases.run(args);
        assert.match(stderr, /ike.privatekeys holds keys and has mode 0755.*chmod 0700/);
        assert.equal(status, 1);
      }
      assert.deepEqual(databases.picture(), before);
    } finally {
      chmodSync(databases.keys, 0o700);
    }
  });
});

function prepareKeys(): void {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const der = pkcs8(privateKey);
  const cipher = { cipher: 'aes-128-cbc', passphrase: 'secret' } as const;
  inputs.set('pem key', privateKey.export({ type: 'pkcs8', format: 'pem' }));
  inputs.set('encrypted pem key', privateKey.export({ type: 'pkcs8', format: 'pem', ...cipher }));
  inputs.set('encrypted key', privateKey.export({ type: 'pkcs8', format: 'der', ...cipher }));
  inputs.set('pkcs1 key', privateKey.export({ type: 'pkcs1', format: 'der' }));
  inputs.set('ec key', pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey));
  inputs.set('cut key', der.subarray(0, -5));
  inputs.set('long key', Buffer.concat([der, Buffer.from('abc')]));
  // A byte of the modulus: the key stays well formed.
  inputs.set('damaged key', flipped(der, 60));
}

function pkcs8(key: KeyObject): Buffer {
  return key.export({ type: 'pkcs8', format: 'der' });
}

function flipped(der: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(der);
  copy[at] = (copy[at] ?? 0) ^ 0x10;
  return copy;
}

function pem(label: string, der: Uint8Array): string {
  const base64 = Buffer.from(der)
    .toString('base64')
    .replace(/.{1,64}/g, '$&\n');
  const text = `-----BEGIN ${label}-----\n${base64}-----END ${label}-----\n`;
  assert.deepEqual(derOf(text), Buffer.from(der));
  return text;
}
