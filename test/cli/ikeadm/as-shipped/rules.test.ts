/** The command as it ships: rules and pre-shared keys of a running daemon. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  configFile,
  EAST,
  presharedFile,
  presharedKey,
  rule,
  startGateways,
  TRANSFORM,
  WEST,
  type Gateways,
} from '../../in.iked/gateways.js';
import { makeScratch } from '../../in.iked/scratch.js';
import { ikeadm, type Ran } from './real-ikeadm.js';

const scratch = makeScratch();

function said(stderr: string): Ran {
  return { stdout: '', stderr: `ikeadm: ${stderr}\n`, status: 0 };
}

describe('ikeadm as it ships, policy', () => {
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
    await Promise.all([east('read', 'rule'), east('read', 'preshared')]);
  });
  after(async () => {
    await gateways.stop();
    scratch.remove();
  });

  describe('rules', () => {
    const LABEL = `${EAST} to ${WEST}`;
    it('dumps them, each in a block of tagged lines', async () => {
      const text = await shown('dump', 'rule');
      const lines = text.split('\n');
      assert.match(text, new RegExp(`^\\nGLOBL: Label '${LABEL}', key manager cookie \\d+\\n`));
      assert.match(lines[2] ?? '', /^GLOBL: local_idtype=[^,]+, ike_mode=main mode \(identity protect\)$/);
      assert.equal(lines[3], 'GLOBL: p1_nonce_len=20, p2_nonce_len=20, p2_pfs=false (group 0)');
      for (const [at, name] of ['p2_lifetime', 'p2_softlife', 'p2_idletime'].entries()) {
        assert.match(
          lines[4 + at] ?? '',
          new RegExp(`^GLOBL: ${name}=\\d+ seconds( \\(\\d+\\.\\d\\d (day|hour|minute)s?\\))?$`),
        );
      }
      for (const [at, name] of ['p2_lifetime_kb', 'p2_softlife_kb'].entries()) {
        assert.match(
          lines[7 + at] ?? '',
          new RegExp(`^GLOBL: ${name}=\\d+ kilobytes( \\(\\d+\\.\\d\\d [KMGTPE]B\\))?$`),
        );
      }
      assert.deepEqual(lines.slice(9), [
        'LOCIP: IP address range(s):',
        `LOCIP: ${EAST}`,
        'REMIP: IP address range(s):',
        `REMIP: ${WEST}`,
        'XFRMS: Available Transforms:',
        'XF  0: Authentication method: pre-shared key',
        'XF  0: Encryption alg: aes-cbc(128..128); Authentication alg: hmac-sha1',
        'XF  0: Oakley Group: 2048-bit MODP (group 14)',
        'XF  0: Phase 2 PFS is not used',
        'XF  0: Lifetime limits:',
        'XF  0: 3600 seconds (1.00 hour); 0 kbytes protected',
        'XF  0: keying material for IPsec SAs can be provided 0 times (no limit)',
        '',
        'Completed dump of policy rules',
        '',
      ]);
    });

    it('gets one by its label', async () => {
      const all = await shown('dump', 'rule');
      assert.equal(await shown('get', 'rule', LABEL), all.slice(0, all.indexOf('\n\nCompleted') + 1));
      assert.equal(await shown('get', 'rule', LABEL, 'surplus'), await shown('get', 'rule', LABEL));
    });

    it('adds one from a file, which has its ranges, identities and PFS shown', async () => {
      const path = file(
        `{ label "wide" local_addr ${EAST} remote_addr 192.0.2.0/24 remote_addr 2001:db8::1 p2_pfs 14\n ${TRANSFORM} }\n`,
      );
      assert.deepEqual(await east('add', 'rule', path), said('Successfully created new policy rule.'));
      const text = await shown('get', 'rule', 'wide');
      assert.match(
        text,
        /\nREMIP: IP address range\(s\):\nREMIP: 192\.0\.2\.0 - 192\.0\.2\.255\nREMIP: 2001:db8::1\n/,
      );
      assert.match(text, /, p2_pfs=true \(group 14\)\n/);
      assert.match(text, /\nXF {2}0: Phase 2 PFS is required \(Oakley Group: 2048-bit MODP \(group 14\)\)\n/);
      assert.match(await shown('dump', 'rule'), new RegExp(`Label '${LABEL}'[^]*Label 'wide'`));
    });

    it('adds one from words, whose names may hold anything', async () => {
      const words = `{ label X local_addr ${EAST} remote_addr 192.0.2.7 ${TRANSFORM} }`.split(' ');
      const named = words.map((word) => (word === 'X' ? 'a "quoted" \\ name' : word));
      assert.deepEqual(await east('add', 'rule', ...named), said('Successfully created new policy rule.'));
      assert.match(
        await shown('get', 'rule', 'a "quoted" \\ name'),
        /^\nGLOBL: Label 'a "quoted" \\ name', /,
      );
    });

    it('adds one with certificate selectors, included and excluded', async () => {
      const transform = TRANSFORM.replace('preshared', 'rsa_sig');
      const path = file(
        `{ label "certs" local_id_type dn local_id "C=DE, O=Own" remote_id "C=DE, O=Peer" remote_id "!C=DE, O=Bad"\n local_addr ${EAST} remote_addr 192.0.2.8 ${transform} }\n`,
      );
      const added = await east('add', 'rule', path);
      assert.equal(added.stderr.split('\n')[0], 'ikeadm: Successfully created new policy rule.');
      const text = await shown('get', 'rule', 'certs');
      assert.match(text, /\nGLOBL: local_idtype=ASN\.1 DER Distinguished Name, /);
      assert.match(
        text,
        /\nREMID: Identity descriptors:\nREMID: Includes:\nREMID: {4}C=DE, O=Peer\nREMID: Excludes:\nREMID: {4}C=DE, O=Bad\n/,
      );
    });

    it('deletes one', async () => {
      await east('add', 'rule', file(rule(EAST, '192.0.2.7', { label: 'gone soon' })));
      assert.deepEqual(
        await east('del', 'rule', 'gone soon'),
        said('Successfully deleted selected policy rule.'),
      );
      assert.deepEqual(await east('get', 'rule', 'gone soon'), said('Could not find requested policy rule.'));
      assert.match(await shown('dump', 'rule'), new RegExp(LABEL));
    });

    it('writes them to a new file of mode 0600 that reads back to the same', async () => {
      await east(
        'add',
        'rule',
        file(
          rule(EAST, '192.0.2.7', { label: 'a "second" one' }).replace(
            'a "second" one',
            'a \\"second\\" one',
          ),
        ),
      );
      const before = await shown('dump', 'rule');
      const path = join(scratch.folder, 'rules.out');
      assert.deepEqual(
        await east('write', 'rule', path),
        said('Completed write of policy rule configuration information.'),
      );
      assert.equal(statSync(path).mode & 0o777, 0o600);
      await east('read', 'rule');
      assert.doesNotMatch(await shown('dump', 'rule'), /"second"/);
      assert.deepEqual(
        await east('read', 'rule', path),
        said('Completed read of policy rule configuration information.'),
      );
      const stable = (text: string): string => text.replace(/cookie \d+/g, 'cookie');
      assert.equal(stable(await shown('dump', 'rule')), stable(before));
    });

    it('reads the default file again', async () => {
      writeFileSync(configFile(gateways.east.root), rule(EAST, WEST, { label: 'read again' }));
      assert.deepEqual(
        await east('read', 'rule'),
        said('Completed read of policy rule configuration information.'),
      );
      assert.match(await shown('dump', 'rule'), /Label 'read again'/);
      writeFileSync(configFile(gateways.east.root), rule(EAST, WEST));
    });

    it('has nothing to write without rules, and leaves no file', async () => {
      await east('del', 'rule', LABEL);
      const path = join(scratch.folder, 'none.out');
      assert.deepEqual(await east('write', 'rule', path), said('No policy rule information to write.'));
      assert.equal(existsSync(path), false);
      assert.equal(await shown('dump', 'rule'), '\nCompleted dump of policy rules\n');
    });
  });

  describe('pre-shared keys', () => {
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
      assert.equal(
        await shown('-n', 'get', 'preshared', 'ip', EAST, 'IPv4', WEST),
        block(WEST, gateways.key),
      );
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
      assert.deepEqual(
        await east('write', 'preshared', path),
        said('No preshared key information to write.'),
      );
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

  it('asks the daemon to say its rules on its debug output', async () => {
    const from = gateways.east.daemon.events.length;
    assert.deepEqual(await east('dbg', 'rbdump'), {
      stdout: '',
      stderr: 'ikeadm: Successfully dumped rulebase; check iked dbg\n',
      status: 0,
    });
    const event = await gateways.east.daemon.event(
      'its rules',
      ({ msg }) => msg.includes('127.0.0.1 to 127.0.0.2'),
      from,
    );
    assert.ok(event);
  });
});
