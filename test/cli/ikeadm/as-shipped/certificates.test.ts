/** The command as it ships: the certificate cache of a running daemon. */
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { keysOf, make } from '../../../services/certs/pki.js';
import {
  configFile,
  EAST,
  INSIDE_EAST,
  INSIDE_WEST,
  rule,
  startGateways,
  WEST,
  type Gateways,
} from '../../in.iked/gateways.js';
import { databasesBelow } from '../../ikecert/databases.js';
import { makeScratch } from '../../in.iked/scratch.js';
import { ikeadm, type Ran } from './real-ikeadm.js';

const scratch = makeScratch();

const METHODS = {
  rsa_sig: 'RSA signatures',
  dss_sig: 'DSS signatures',
  rsa_encrypt: 'RSA Encryption',
} as const;

describe('ikeadm as it ships, certificates', () => {
  let gateways: Gateways;
  const east = (...words: readonly string[]): Promise<Ran> => ikeadm(['-R', gateways.east.root, ...words]);
  const shown = async (...words: readonly string[]): Promise<string> => (await east(...words)).stdout;

  before(async () => {
    gateways = await startGateways(scratch.folder);
  });
  after(async () => {
    await gateways.stop();
    scratch.remove();
  });

  const pem = (kind: string, der: Uint8Array): string =>
    `-----BEGIN ${kind}-----\n${Buffer.from(der).toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${kind}-----\n`;

  it('flushes the cache, after which it shows what was added to the stores and whether keys are at hand', async () => {
    assert.equal(await shown('dump', 'certcache'), '\nCompleted dump of certcache\n');
    const { root } = gateways.east;
    const [publicKeys, privateKeys] = ['etc/inet/ike/publickeys', 'etc/inet/secret/ike.privatekeys'].map(
      (path) => join(root, path),
    );
    for (const folder of [publicKeys, privateKeys]) mkdirSync(folder ?? '', { recursive: true, mode: 0o700 });
    const own = await make({ subject: 'CN=east, O=Example', keys: await keysOf('east') });
    const other = await make({ subject: 'CN=west, O=Example', keys: await keysOf('west') });
    const key = await webcrypto.subtle.exportKey('pkcs8', own.keys.privateKey);
    writeFileSync(join(publicKeys ?? '', '0'), pem('CERTIFICATE', own.der));
    writeFileSync(join(publicKeys ?? '', '1'), pem('CERTIFICATE', other.der));
    writeFileSync(join(privateKeys ?? '', '0'), new Uint8Array(key), { mode: 0o600 });
    assert.deepEqual(await east('flush', 'certcache'), {
      stdout: '',
      stderr: 'ikeadm: Successfully flushed cert cache.\n',
      status: 0,
    });
    const block = (id: number, name: string, ...marks: readonly string[]): string =>
      [
        '',
        `CERTIFICATE CACHE ID: ${String(id)}`,
        `\tSubject Name: <${name}>`,
        `\t Issuer Name: <${name}>`,
        ...marks.map((mark) => `\t\t[${mark}]`),
        '',
      ].join('\n');
    const text = await shown('dump', 'certcache');
    const [, eastName = '', westName = ''] =
      /Subject Name: <(.*east.*)>[^]*Subject Name: <(.*west.*)>/.exec(text) ?? [];
    assert.equal(
      text,
      `${block(1, eastName, 'Private key available')}${block(2, westName, 'Public certificate only')}\nCompleted dump of certcache\n`,
    );
    const trusting = `cert_trust "${westName}"\n${rule(EAST, WEST)}`;
    writeFileSync(configFile(root), trusting);
    await east('read', 'rule');
    assert.match(
      await shown('dump', 'certcache'),
      /<.*west.*>\n\t\t\[trusted certificate\]\n\t\t\[Public certificate only\]\n/,
    );
  });

  it('authenticates by keys of ikecert, of each type by the method that goes with it', async function () {
    // Primes are found by chance, and a busy machine looks for them slowly.
    this.timeout(120_000);
    const sides = {
      east: { gateway: gateways.east, here: EAST, there: WEST, peer: 'west' },
      west: { gateway: gateways.west, here: WEST, there: EAST, peer: 'east' },
    } as const;
    const names = ['east', 'west'] as const;
    const made = names.map((name) => {
      const databases = databasesBelow(sides[name].gateway.root);
      const wish = (type: string): readonly string[] =>
        `certlocal -ks -m 1024 -t ${type}-sha1 -D`.split(' ').concat(`CN=${type} ${name}`, '-f', 'ber');
      return { databases, certificates: ['rsa', 'dsa'].map((type) => databases.succeed(wish(type))) };
    });
    made.forEach(({ databases }, index) => {
      for (const der of made[1 - index]?.certificates ?? []) databases.succeed(['certdb', '-a'], der);
    });
    for (const name of names) await ikeadm(['-R', sides[name].gateway.root, 'flush', 'certcache']);
    for (const [type, method] of [
      ['rsa', 'rsa_sig'],
      ['dsa', 'dss_sig'],
      ['rsa', 'rsa_encrypt'],
    ] as const) {
      for (const name of names) {
        const { gateway, here, there, peer } = sides[name];
        const ids = `local_id_type dn local_id "CN=${type} ${name}" remote_id "CN=${type} ${peer}"`;
        const transform = `p1_xform { auth_method ${method} oakley_group 2 auth_alg sha1 encr_alg aes(128) }`;
        writeFileSync(
          configFile(gateway.root),
          `cert_trust "CN=${type} ${peer}"\n{ label "${method}" ${ids} local_addr ${here} remote_addr ${there} ${transform} }\n`,
        );
        const { status, stderr } = await ikeadm(['-R', gateway.root, 'read', 'rule']);
        assert.equal(status, 0, stderr);
      }
      await east('flush', 'p1');
      const up = await east('up', INSIDE_EAST, INSIDE_WEST);
      assert.equal(up.status, 0, `${method}: ${up.stderr}`);
      assert.match(
        await shown('-n', 'dump', 'p1'),
        new RegExp(`Authentication method: ${METHODS[method]}\\n`),
      );
    }
  });
});
