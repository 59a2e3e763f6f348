/** The command as it ships: pre-shared keys of a running daemon. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  EAST,
  presharedFile,
  presharedKey,
  startGateways,
  WEST,
  type Gateways,
} from '../../in.iked/gateways.js';
import { makeScratch } from '../../in.iked/scratch.js';
import { ikeadm, type Ran } from './real-ikeadm.js';

const scratch = makeScratch();

function said(stderr: string): Ran {
  return { stdout: '', stderr: `ikeadm: ${stderr}\n`, status: 0 };
}

describe('ikeadm as it ships, pre-shared keys', () => {
  let gateways: Gateways;
  const east = (...words: readonly string[]): Promise<Ran> => ikeadm(['-R', gateways.east.root, ...words]);
  const typed = (input: string): Promise<Ran> => ikeadm(['-n', '-R', gateways.east.root], { input });
  const shown = async (...words: readonly string[]): Promise<string> => {
    const { stdout, stderr, status } = await east(...words);
    assert.deepEqual([stderr, status], ['', 0]);
    return stdout;
  };
  let files = 0;
  const file = (text: string): string => {
    const path = join(scratch.folder, `file-${String(files++)}`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };

  before(async () => {
    gateways = await startGateways(scratch.folder);
  });
  beforeEach(async () => {
    await east('read', 'preshared');
  });
  after(async () => {
    await gateways.stop();
    scratch.remove();
  });

  const KEY = '00112233445566778899aabbccddeeff';
  const lines = (side: 'LOC' | 'REM', address: string): readonly string[] => [
    `${side}IP: Address:`,
    `${side}IP: AF_INET: port 0, ${address}.`,
  ];
  const block = (remote: string, key = KEY, exchange = 'base'): string =>
    [
      '',
      `PSKEY: For ${exchange} exchanges`,
      `PSKEY: Pre-shared key (${String(key.length / 2)} bytes): ${key}/${String(key.length * 4)}`,
      ...lines('LOC', EAST),
      ...lines('REM', remote),
      '',
    ].join('\n');

  it('dumps them, each in a block of tagged lines', async () => {
    assert.equal(
      await shown('-n', 'dump', 'preshared'),
      `${block(WEST, gateways.key)}\nCompleted dump of preshared keys\n`,
    );
    assert.match(
      await shown('dump', 'preshared'),
      /\nLOCIP: AF_INET: port 0, 127\.0\.0\.1 (\(\S+\)|<unknown>)\.\n/,
    );
    assert.match(
      await shown('-np', 'dump', 'preshared'),
      /\nPSKEY: Pre-shared key \(24 bytes\): (XX){24}\/192\n/,
    );
  });

  it('gets one by its addresses, with or without their type', async () => {
    assert.equal(await shown('-n', 'get', 'preshared', EAST, WEST), block(WEST, gateways.key));
    assert.equal(await shown('-n', 'get', 'preshared', 'ip', EAST, 'IPv4', WEST), block(WEST, gateways.key));
  });

  it('adds one from a file, and deletes it', async () => {
    assert.deepEqual(
      await east('add', 'preshared', file(presharedKey(EAST, '192.0.2.7', KEY))),
      said('Successfully created new preshared key.'),
    );
    assert.equal(await shown('-n', 'get', 'preshared', EAST, '192.0.2.7'), block('192.0.2.7'));
    assert.deepEqual(
      await east('del', 'preshared', EAST, '192.0.2.7'),
      said('Successfully deleted selected preshared key.'),
    );
    assert.deepEqual(
      await east('get', 'preshared', EAST, '192.0.2.7'),
      said('Could not find requested preshared key.'),
    );
  });

  it('adds one typed at the prompt, in any case and order, braces touching', async () => {
    const { stderr } = await typed(
      `add preshared {KEY ${KEY} remoteID 192.0.2.8 LocalId ${EAST} localidtype IP\\\n ike_mode Main}\n`,
    );
    assert.equal(stderr, 'ikeadm: Successfully created new preshared key.\n');
    assert.equal(
      await shown('-n', 'get', 'preshared', EAST, '192.0.2.8'),
      block('192.0.2.8', KEY, 'main mode (identity protect)'),
    );
  });

  it('takes none typed for a host of several addresses', async () => {
    const hosts = { 'one.example': ['192.0.2.6'], 'two.example': ['192.0.2.6', '2001:db8::6'] };
    const lines = ['two', 'one'].map(
      (name) => `add preshared { localid ${EAST} remoteid ${name}.example key ${KEY} }\n`,
    );
    const { stderr } = await ikeadm(['-R', gateways.east.root], { input: lines.join(''), hosts });
    assert.match(
      stderr,
      /^ikeadm: .*preshared key identifier cannot match multiple IP addresses[^]*\nikeadm: Successfully created new preshared key\.\n$/,
    );
    assert.equal(await shown('-n', 'get', 'preshared', EAST, '192.0.2.6'), block('192.0.2.6'));
  });

  it('adds one for a network, whose prefix length is shown', async () => {
    await typed(`add preshared { localid ${EAST} remoteid 198.51.100.0/24 ike_mode both key 123 }\n`);
    const text = await shown('-n', 'dump', 'preshared');
    assert.match(
      text,
      /\nPSKEY: For main and aggressive mode exchanges\nPSKEY: Pre-shared key \(2 bytes\): 1230\/16\n/,
    );
    assert.match(text, /\nREMIP: AF_INET: port 0, 198\.51\.100\.0\/24\.\n/);
  });

  const IDENTITIES: readonly (readonly [type: string, text: string, shown: string])[] = [
    ['fqdn', 'east.example', 'FQDN'],
    ['user_fqdn', 'someone@east.example', 'user-FQDN (mbox)'],
    ['keyid', 'number5', 'Generic key id'],
  ];
  for (const [type, text, name] of IDENTITIES) {
    it(`adds, gets and deletes one for identities of type ${type}`, async () => {
      const { stderr } = await typed(
        `add preshared { localidtype ${type} localid ${text} remoteidtype ${type} remoteid x${text} ike_mode aggressive key ${KEY} }\n`,
      );
      assert.equal(stderr, 'ikeadm: Successfully created new preshared key.\n');
      assert.equal(
        await shown('get', 'preshared', type.toUpperCase(), text, type, `x${text}`),
        [
          '',
          'PSKEY: For aggressive mode exchanges',
          `PSKEY: Pre-shared key (16 bytes): ${KEY}/128`,
          `LOCID: Identity, uid=0, type ${name}`,
          `LOCID: ${text}`,
          `REMID: Identity, uid=0, type ${name}`,
          `REMID: x${text}`,
          '',
        ].join('\n'),
      );
      assert.deepEqual(
        await east('del', 'preshared', type, text, type, `x${text}`),
        said('Successfully deleted selected preshared key.'),
      );
    });
  }

  it('writes them to a new file of mode 0600 that reads back to the same', async () => {
    await east('add', 'preshared', file(presharedKey(EAST, '192.0.2.7', KEY)));
    const before = await shown('dump', 'preshared');
    const path = join(scratch.folder, 'keys.out');
    assert.deepEqual(
      await east('write', 'preshared', path),
      said('Completed write of preshared key configuration information.'),
    );
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.ok(readFileSync(path, 'utf8').includes(KEY));
    await east('read', 'preshared');
    assert.deepEqual(
      await east('read', 'preshared', path),
      said('Completed read of preshared key configuration information.'),
    );
    assert.equal(await shown('dump', 'preshared'), before);
  });

  it('reads the default file again', async () => {
    const path = presharedFile(gateways.east.root);
    const kept = readFileSync(path, 'utf8');
    writeFileSync(path, kept + presharedKey(EAST, '192.0.2.9', KEY));
    assert.deepEqual(
      await east('read', 'preshared'),
      said('Completed read of preshared key configuration information.'),
    );
    assert.equal(await shown('-n', 'get', 'preshared', EAST, '192.0.2.9'), block('192.0.2.9'));
    writeFileSync(path, kept);
  });

  it('reads a file of any layout: comments, any order and case, networks, types left out, and no host names', async () => {
    const text = [
      '# a key for a network',
      '{ key 123 RemoteID 198.51.100.0/24',
      `  localid ${EAST} }`,
      '  # and one for a host, its pairs one a line',
      `{\n\tlocalidtype IP\n\tlocalid ${EAST}\n\tremoteidtype ip\n\tremoteid 192.0.2.7\n\tkey ${KEY.toUpperCase()}\n}`,
    ].join('\n');
    assert.deepEqual(
      await east('read', 'preshared', file(`${text}\n`)),
      said('Completed read of preshared key configuration information.'),
    );
    const dumped = await shown('-n', 'dump', 'preshared');
    assert.match(dumped, /\(2 bytes\): 1230\/16\n[^]*\nREMIP: AF_INET: port 0, 198\.51\.100\.0\/24\.\n/);
    assert.ok(dumped.includes(block('192.0.2.7')));
    const named = file(`{ localid ${EAST} remoteid localhost key ${KEY} }\n`);
    const { stderr, status } = await east('read', 'preshared', named);
    assert.match(stderr, /^ikeadm: error doing read: Supplied data invalid\n.*:1:.*remoteid/);
    assert.equal(status, 1);
    assert.equal(await shown('-n', 'dump', 'preshared'), dumped);
  });

  it('says that repeated entries of a file were ignored', async () => {
    const twice = presharedKey(EAST, '192.0.2.7', KEY) + presharedKey(EAST, '192.0.2.7', KEY);
    const { stderr, status } = await east('read', 'preshared', file(twice));
    assert.match(stderr, /^ikeadm: error doing read: One or more duplicate entries ignored\n/);
    assert.equal(status, 0);
    assert.equal(await shown('-n', 'get', 'preshared', EAST, '192.0.2.7'), block('192.0.2.7'));
  });

  it('has nothing to write without keys, and leaves no file', async () => {
    await east('del', 'preshared', EAST, WEST);
    const path = join(scratch.folder, 'no-keys.out');
    assert.deepEqual(await east('write', 'preshared', path), said('No preshared key information to write.'));
    assert.equal(existsSync(path), false);
  });

  it('shows no key bytes at privilege modkeys', async () => {
    const { root } = gateways.west;
    await ikeadm(['-R', root, 'set', 'priv', 'modkeys']);
    const { stdout } = await ikeadm(['-n', '-R', root, 'dump', 'preshared']);
    assert.match(stdout, /^\nPSKEY: For base exchanges\nLOCIP: Address:\n/);
    assert.ok(!stdout.includes(gateways.key));
  });
});
