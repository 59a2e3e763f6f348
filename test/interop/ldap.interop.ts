/** Directories: our LDAP client against OpenLDAP's slapd on the loopback interface. */
import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LdapDirectory } from '../../adapters/ldap/ldap-directory.js';
import type { Bytes } from '../../services/bytes.js';
import type { DirectoryAttribute, DirectoryEntry } from '../../services/ports/directory.js';
import { type Made, make, makeCrl } from '../services/certs/pki.js';

const CONF = (folder: string): string => `include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile ${folder}/pid
database mdb
suffix "o=Example,c=CH"
directory ${folder}/data
`;

function ldif(root: Made, peer: Made, crl: Bytes): string {
  const base64 = (bytes: Bytes): string => Buffer.from(bytes).toString('base64');
  return `dn: o=Example,c=CH
objectClass: organization
o: Example

dn: cn=Root,o=Example,c=CH
objectClass: applicationProcess
objectClass: pkiCA
cn: Root
cACertificate;binary:: ${base64(root.der)}
certificateRevocationList;binary:: ${base64(crl)}

dn: cn=gw,o=Example,c=CH
objectClass: inetOrgPerson
cn: gw
sn: gw
mail: gw@example.net
userCertificate;binary:: ${base64(peer.der)}
`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const socket = connect(port, '127.0.0.1');
    const up = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (up) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail('slapd does not listen');
}

describe('directories', () => {
  let folder = '';
  let slapd: ChildProcess | undefined;
  let port = 0;
  let root: Made;
  let peer: Made;
  let crl: Bytes;
  const servers: { server: Server; sockets: Set<Socket> }[] = [];

  before(async () => {
    root = await make({ subject: 'C=CH, O=Example, CN=Root', authority: true });
    peer = await make({ subject: 'C=CH, O=Example, CN=gw', issuer: root });
    crl = await makeCrl({ issuer: root });
    folder = mkdtempSync(join(tmpdir(), 'slapd-'));
    mkdirSync(join(folder, 'data'));
    writeFileSync(join(folder, 'slapd.conf'), CONF(folder));
    writeFileSync(join(folder, 'entries.ldif'), ldif(root, peer, crl));
    execFileSync('slapadd', ['-f', join(folder, 'slapd.conf'), '-l', join(folder, 'entries.ldif')]);
    port = await freePort();
    // With a debug level it stays in the foreground, so that it ends with this process' signal.
    slapd = spawn(
      'slapd',
      ['-d', '0', '-f', join(folder, 'slapd.conf'), '-h', `ldap://127.0.0.1:${String(port)}/`],
      { stdio: 'ignore' },
    );
    await answers(port);
  });
  after(async () => {
    for (const { server, sockets } of servers) {
      server.close();
      for (const socket of sockets) socket.destroy();
    }
    if (slapd?.exitCode === null && slapd.kill()) await once(slapd, 'exit');
    rmSync(folder, { recursive: true });
  });

  async function look(
    entry: DirectoryEntry,
    attributes: readonly DirectoryAttribute[],
    ports: readonly number[] = [port],
    mostBytes = 100_000,
  ): Promise<readonly string[] | string> {
    const directory = new LdapDirectory({
      servers: ports.map((one) => ({ host: '127.0.0.1', port: one })),
      timeoutMs: 2000,
      mostBytes,
    });
    const found = await directory.look(entry, attributes);
    return found.ok ? found.value.map((value) => Buffer.from(value).toString('hex')) : found.error;
  }
  const hex = (bytes: Bytes): string => Buffer.from(bytes).toString('hex');

  it('give certificates and CRLs of an entry by its name', async () => {
    const certificates = ['userCertificate', 'cACertificate'] as const;
    assert.deepEqual(await look({ dn: 'CN=gw, O=Example, C=CH' }, certificates), [hex(peer.der)]);
    assert.deepEqual(await look({ dn: 'CN=Root, O=Example, C=CH' }, certificates), [hex(root.der)]);
    assert.deepEqual(await look({ dn: 'CN=Root, O=Example, C=CH' }, ['certificateRevocationList']), [
      hex(crl),
    ]);
  });

  it('give the certificate of a mailbox, which is no filter', async () => {
    assert.deepEqual(await look({ mailbox: 'gw@example.net' }, ['userCertificate']), [hex(peer.der)]);
    assert.match(String(await look({ mailbox: '*' }, ['userCertificate'])), /has nothing/);
    assert.match(String(await look({ mailbox: ')(cn=*' }, ['userCertificate'])), /has nothing/);
  });

  it('say what they do not have, and the next one is asked when one does not answer', async () => {
    assert.match(
      String(await look({ dn: 'CN=none, O=Example, C=CH' }, ['userCertificate'])),
      /^127\.0\.0\.1:\d+: /,
    );
    const closed = await freePort();
    assert.match(String(await look({ dn: 'CN=gw' }, ['userCertificate'], [closed])), /ECONNREFUSED|connect/i);
    assert.deepEqual(await look({ mailbox: 'gw@example.net' }, ['userCertificate'], [closed, port]), [
      hex(peer.der),
    ]);
  });

  it('are not listened to beyond a length or a time', async () => {
    assert.match(
      String(await look({ mailbox: 'gw@example.net' }, ['userCertificate'], [port], 200)),
      /more than 200 bytes/,
    );
    const server = createServer();
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => undefined)));
    servers.push({ server, sockets });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port: silent } = server.address() as AddressInfo;
    assert.equal(typeof (await look({ dn: 'CN=gw' }, ['userCertificate'], [silent])), 'string');
  });
});
