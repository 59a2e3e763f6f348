/** The command as it ships: rules of a running daemon. */
import assert from 'node:assert/strict';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  configFile,
  EAST,
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

describe('ikeadm as it ships, policy rules', () => {
  let gateways: Gateways;
  const east = (...words: readonly string[]): Promise<Ran> => ikeadm(['-R', gateways.east.root, ...words]);
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
    await east('read', 'rule');
  });
  after(async () => {
    await gateways.stop();
    scratch.remove();
  });

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
    assert.match(await shown('get', 'rule', 'a "quoted" \\ name'), /^\nGLOBL: Label 'a "quoted" \\ name', /);
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

  it('names methods, ciphers with their sizes, hashes and groups of transforms', async () => {
    const offers: readonly (readonly [words: string, method: string, algorithms: string, group: string])[] = [
      [
        'rsa_sig 1 md5 des',
        'RSA signatures',
        'des-cbc; Authentication alg: hmac-md5',
        '768-bit MODP (group 1)',
      ],
      [
        'rsa_sig 2 sha1 3des',
        'RSA signatures',
        '3des-cbc; Authentication alg: hmac-sha1',
        '1024-bit MODP (group 2)',
      ],
      [
        'dss_sig 5 sha256 blowfish',
        'DSS signatures',
        'blowfish-cbc(40..448); Authentication alg: hmac-sha256',
        '1536-bit MODP (group 5)',
      ],
      [
        'rsa_encrypt 19 sha384 aes(128..256)',
        'RSA Encryption',
        'aes-cbc(128..256); Authentication alg: hmac-sha384',
        '256-bit ECP (group 19)',
      ],
      [
        'rsa_sig 24 sha512 aes(256)',
        'RSA signatures',
        'aes-cbc(256..256); Authentication alg: hmac-sha512',
        '2048-bit MODP with 256-bit subprime (group 24)',
      ],
    ];
    const transforms = offers.map(([words]) => {
      const [method = '', group = '', hash = '', cipher = ''] = words.split(' ');
      return `p1_xform { auth_method ${method} oakley_group ${group} auth_alg ${hash} encr_alg ${cipher} }`;
    });
    const ids = 'local_id_type dn local_id "C=DE, O=Own" remote_id "C=DE, O=Peer"';
    const path = file(
      `{ label "all" ${ids} local_addr ${EAST} remote_addr 192.0.2.9\n${transforms.join('\n')} }\n`,
    );
    const added = await east('add', 'rule', path);
    assert.match(added.stderr, /^ikeadm: Successfully created new policy rule\.\n/);
    const text = await shown('get', 'rule', 'all');
    offers.forEach(([, method, algorithms, group], index) => {
      const start = `XF ${String(index).padStart(2)}: `;
      for (const line of [
        `Authentication method: ${method}`,
        `Encryption alg: ${algorithms}`,
        `Oakley Group: ${group}`,
      ])
        assert.ok(text.includes(`\n${start}${line}\n`), `${start}${line}\nis not in\n${text}`);
    });
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
        rule(EAST, '192.0.2.7', { label: 'a "second" one' }).replace('a "second" one', 'a \\"second\\" one'),
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
