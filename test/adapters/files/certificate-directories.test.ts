/** Certificates, CRLs and private keys on disk: what is read, and what is left out with a note. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { webcrypto } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { privateKeyFacts } from '../../../adapters/crypto/private-key-facts.js';
import { readCertificateDirectories } from '../../../adapters/files/certificate-directories.js';
import { KeyStore } from '../../../daemon/key-store.js';
import { secretsOf, readStores } from '../../../services/certs/store-files.js';
import { type Made, make, makeCrl } from '../../services/certs/pki.js';

describe('the directories of certificates', () => {
  let root: Made;
  let other: Made;
  let key: Buffer;
  let crl: Uint8Array;
  let folder = '';
  before(async () => {
    root = await make({ subject: 'CN=Root', authority: true });
    other = await make({ subject: 'CN=Other', authority: true });
    crl = await makeCrl({ issuer: root });
    key = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', root.keys.privateKey));
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'certificates-'));
    for (const name of ['publickeys', 'crls']) mkdirSync(join(folder, name));
    mkdirSync(join(folder, 'ike.privatekeys'), { mode: 0o700 });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const put = (name: string, content: string | Uint8Array, mode = 0o644): void => {
    writeFileSync(join(folder, name), content, { mode });
    chmodSync(join(folder, name), mode);
  };
  function read(most = 1024) {
    const keys = new KeyStore();
    const paths = {
      publicKeys: join(folder, 'publickeys'),
      crls: join(folder, 'crls'),
      privateKeys: join(folder, 'ike.privatekeys'),
    };
    const files = readCertificateDirectories(paths);
    const { stores, notes } = readStores(files, most, privateKeyFacts, (bytes) => keys.put(bytes));
    return { files, stores, notes: notes.map((note) => note.replaceAll(`${folder}/`, '')), keys };
  }

  it('are read in the order of their slots, each key with its certificate', () => {
    put('publickeys/10', root.der);
    put(
      'publickeys/2',
      `-----BEGIN X509 CERTIFICATE-----\n${Buffer.from(other.der).toString('base64')}\n-----END X509 CERTIFICATE-----\n`,
    );
    put('publickeys/.hidden', 'no certificate');
    put('crls/0', crl);
    put('ike.privatekeys/10', key, 0o600);
    const { stores, notes, keys } = read();
    assert.deepEqual(notes, []);
    assert.deepEqual(
      stores.certificates.map(({ slot, privateKey }) => [slot, privateKey?.algorithm, privateKey?.bits]),
      [
        ['2', undefined, undefined],
        ['10', 'rsa', 1024],
      ],
    );
    assert.deepEqual(
      stores.crls.map(({ source }) => source),
      [join(folder, 'crls/0')],
    );
    const [handle] = secretsOf(stores);
    assert.ok(handle !== undefined);
    assert.deepEqual(Buffer.from(keys.bytes(handle)), key);
  });

  it('leave out what is no good, and say which file', () => {
    put('publickeys/0', root.der);
    put('publickeys/1', other.der);
    put('publickeys/3', root.der.subarray(0, 99));
    put('crls/0', root.der);
    put('ike.privatekeys/0', key, 0o640);
    put('ike.privatekeys/1', key, 0o600);
    put('ike.privatekeys/2', key, 0o600);
    mkdirSync(join(folder, 'publickeys/4'));
    const { stores, notes, keys } = read();
    assert.equal(keys.size, 0, 'no key is kept that is not used');
    assert.equal(stores.certificates.length, 2);
    assert.deepEqual(notes.map((note) => note.split(' ')[0]).toSorted(), [
      'crls/0',
      'ike.privatekeys/0',
      'ike.privatekeys/1',
      'ike.privatekeys/2',
      'publickeys/3',
      'publickeys/4',
    ]);
    const about = (file: string): string => notes.find((note) => note.startsWith(file)) ?? '';
    assert.match(about('ike.privatekeys/0'), /mode 0640.*chmod 0600/);
    assert.match(about('ike.privatekeys/1'), /not the private key of publickeys\/1/);
    assert.match(about('ike.privatekeys/2'), /no certificate with the file name 2/);
  });

  it('take no private key from a directory that others may enter', () => {
    put('publickeys/0', root.der);
    put('ike.privatekeys/0', key, 0o600);
    chmodSync(join(folder, 'ike.privatekeys'), 0o755);
    const { stores, notes } = read();
    assert.equal(stores.certificates[0]?.privateKey, undefined);
    assert.match(notes.join(), /ike\.privatekeys holds keys and has mode 0755.*chmod 0700/);
  });

  it('take a reference to a token for a key: what it is like its certificate says, and its PIN is kept', () => {
    put('publickeys/0', root.der);
    put('publickeys/1', other.der);
    const head = '# PKCS#11 token reference\ntoken: Box\n';
    put('ike.privatekeys/0', `${head}class: private-key\nid: 0A\npin: 1234\n`, 0o600);
    put('ike.privatekeys/1', `${head}class: certificate\nid: 0a\npin: hush\n`, 0o600);
    const { stores, notes, keys } = read();
    const [first, second] = stores.certificates;
    assert.ok(first?.privateKey !== undefined && 'object' in first.privateKey);
    assert.deepEqual(first.privateKey, {
      object: { token: 'Box', id: '0a', label: undefined },
      publicKey: first.certificate.publicKey,
      algorithm: 'rsa',
      bits: 1024,
    });
    const pin = stores.pins.get('Box');
    assert.ok(pin !== undefined);
    assert.equal(Buffer.from(keys.bytes(pin)).toString(), '1234');
    assert.deepEqual(secretsOf(stores), [pin]);
    assert.equal(keys.size, 1, 'a PIN of a reference that is left out is kept');
    assert.equal(second?.privateKey, undefined);
    assert.match(notes.join(), /ike\.privatekeys\/1 is left out: it refers to a certificate/);
    assert.ok(!notes.join().includes('hush'));
  });

  it('take a reference with a copy for a certificate, and say where one does not fit', () => {
    const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(root.der).toString('base64')}\n-----END CERTIFICATE-----\n`;
    put('publickeys/0', `# PKCS#11 token reference\ntoken: Box\nclass: certificate\nid: 0a\n${pem}`);
    put('publickeys/1', `# PKCS#11 token reference\ntoken: Box\nclass: private-key\nid: 0a\n${pem}`);
    const { stores, notes } = read();
    assert.deepEqual(
      stores.certificates.map(({ onToken }) => onToken),
      [{ token: 'Box', id: '0a', label: undefined }, undefined],
    );
    assert.match(
      notes.join(),
      /publickeys\/1 is used, but not where it comes from: it refers to a private key/,
    );
  });

  it('leave no PIN in what was read, whatever is wrong with its reference', () => {
    const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from(root.der).toString('base64')}\n-----END CERTIFICATE-----\n`;
    const head = '# PKCS#11 token reference\npin: hush\ntoken: Box\n';
    put('publickeys/0', `${head}class: certificate\nid: 0a\n${pem}`, 0o600);
    put('publickeys/1', `${head}class: private-key\nid: 0a\n${pem}`, 0o600);
    put('publickeys/2', `${head}class: certificate\nid: 0a\nid: 0b\n${pem}`, 0o600);
    put('publickeys/3', `${head}class: certificate\nid: 0a\n`, 0o600);
    put('publickeys/4', `${head}class: certificate\nid: 0a\n${pem}`, 0o600);
    const { files, stores, keys } = read(3);
    assert.equal(stores.certificates.length, 3);
    assert.equal(keys.size, 1);
    const { certificates } = files;
    assert.deepEqual(
      certificates.filter(({ bytes }) => Buffer.from(bytes).includes('hush')).map(({ name }) => name),
      [],
    );
  });

  it('take no key that is not PKCS #8, nor one of another kind', () => {
    put('publickeys/0', root.der);
    put('ike.privatekeys/0', 'key', 0o600);
    assert.match(read().notes.join(), /no private key of RSA or DSA in PKCS #8/);
  });

  it('are not waited for where a pipe lies among them, and end at max_certs', () => {
    put('publickeys/0', root.der);
    put('publickeys/1', other.der);
    execFileSync('mkfifo', [join(folder, 'publickeys/2')]);
    const { stores, notes } = read(1);
    assert.equal(stores.certificates.length, 1);
    assert.match(notes.join(), /publickeys\/2 is left out: it is no file/);
    assert.match(notes.join(), /publickeys\/1 is left out: max_certs is 1/);
  });

  it('may be missing', () => {
    for (const name of ['publickeys', 'crls', 'ike.privatekeys'])
      rmSync(join(folder, name), { recursive: true });
    const { stores, notes } = read();
    assert.deepEqual([stores.certificates, stores.crls, notes], [[], [], []]);
  });
});
