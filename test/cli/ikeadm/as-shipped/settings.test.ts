/** The command as it ships against a daemon: options, help, levels, counters, defaults, lists. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { LONGEST_REQUEST } from '../../../../adapters/door/door-connection.js';
import { EAST, presharedKey, rule, startGateways, type Gateways } from '../../in.iked/gateways.js';
import { DIST } from '../../in.iked/daemon-process.js';
import { makeScratch } from '../../in.iked/scratch.js';
import { ikeadm, type Ran } from './real-ikeadm.js';

const scratch = makeScratch();
const NOWHERE = join(scratch.folder, 'nowhere');

describe('ikeadm as it ships', () => {
  let gateways: Gateways;
  const east = (...words: readonly string[]): Promise<Ran> => ikeadm(['-R', gateways.east.root, ...words]);
  const shown = async (...words: readonly string[]): Promise<string> => {
    const { stdout, stderr, status } = await east(...words);
    assert.deepEqual([stderr, status], ['', 0]);
    return stdout;
  };

  before(async () => {
    gateways = await startGateways(scratch.folder, { globals: 'p1_lifetime_secs 7200\n' });
  });
  after(async () => {
    await gateways.stop();
    scratch.remove();
  });

  describe('without a daemon', () => {
    it('prints the general help for -h and help, on stdout, with status 0', async () => {
      const literal = [
        'Valid commands and objects:',
        '\tget   debug|priv|stats|p1|rule|preshared|defaults [identifier]',
        '\tset   priv level',
        '\tset   debug level [filename]',
        '\tadd   rule|preshared {definition}|filename',
        '\tdel   p1|rule|preshared identifier',
        '\tdump  p1|rule|preshared|certcache|groups|encralgs|authalgs',
        '\tflush p1|certcache',
        '\tread  rule|preshared [filename]',
        '\twrite rule|preshared filename',
        '\ttoken <login|logout> <PKCS#11 Token Object>',
        '\thelp  [get|set|add|del|dump|flush|read|write|token|help]',
        '\texit  exit the program',
        '\tquit  exit the program',
      ].join('\n');
      for (const words of [['-h'], ['help'], ['-h', 'dump', 'p1']]) {
        const { stdout, stderr, status } = await ikeadm(['-R', NOWHERE, ...words]);
        assert.ok(stdout.startsWith(`${literal}\n`), stdout);
        assert.deepEqual([stderr, status], ['', 0]);
      }
    });

    for (const command of 'get set add del dump flush read write token help'.split(' ')) {
      it(`explains the objects of ${command}: a sentence, an empty line, one line each, an empty line`, async () => {
        const { stdout, stderr, status } = await ikeadm(['-R', NOWHERE, 'help', command]);
        assert.match(stdout, /^[A-Z][^\n]*\.\n\n(\t\S[^\n]* {2,}[^\n]+\n)+\n$/);
        assert.deepEqual([stderr, status], ['', 0]);
      });
    }

    it('does nothing for exit and quit, with status 0', async () => {
      for (const word of ['exit', 'quit', 'exit 1']) {
        assert.deepEqual(await ikeadm(['-R', NOWHERE, ...word.split(' ')]), {
          stdout: '',
          stderr: '',
          status: 0,
        });
      }
    });

    it('says that it cannot communicate with in.iked, with status 1', async () => {
      const { stdout, stderr, status } = await ikeadm(['-R', NOWHERE, 'dump', 'p1']);
      assert.match(
        stderr,
        /^Unable to communicate with in\.iked\nNo in\.iked answers at .+\nikeadm: open_door failed: No such file or directory\nFatal error - exiting\.\n$/,
      );
      assert.deepEqual([stdout, status], ['', 1]);
    });
  });

  it('shows the debug level and its categories in the order of their bits', async () => {
    const all = [
      'Certificate management',
      'Key management',
      'Operational',
      'Phase 1 SA creation',
      'Phase 2 SA creation',
      'PF_KEY interface',
      'Policy management',
      'Proposal construction',
      'Door interface',
      'Config file processing',
      'MAC label processing',
    ];
    await shown('set', 'debug', 'all');
    const list = all.map((text) => `\t${text}\n`).join('');
    assert.equal(
      await shown('get', 'debug'),
      `Current debug level is 0x7ff\nDebug categories enabled:\n${list}`,
    );
    assert.equal(
      await shown('set', 'debug', '0'),
      'Successfully changed debug level from 0x7ff to 0x0\nNo debug categories enabled.\n',
    );
    assert.equal(await shown('get', 'debug'), 'Current debug level is 0x0\nNo debug categories enabled.\n');
  });

  const LEVELS: readonly (readonly [text: string, level: string])[] = [
    ...[
      ['cert', '0x1'],
      ['key', '0x2'],
      ['op', '0x4'],
      ['p1', '0x8'],
      ['phase1', '0x8'],
      ['p2', '0x10'],
      ['phase2', '0x10'],
      ['pfkey', '0x20'],
      ['pol', '0x40'],
      ['policy', '0x40'],
      ['prop', '0x80'],
      ['door', '0x100'],
      ['config', '0x200'],
      ['label', '0x400'],
      ['all', '0x7ff'],
    ].map(([text = '', level = '']) => [text, level] as const),
    ['88', '0x58'],
    ['0x58', '0x58'],
    ['0130', '0x58'],
    ['phase1+phase2+policy', '0x58'],
    ['+p1+p2', '0x18'],
    ['all-op', '0x7fb'],
    ['-all', '0x0'],
    ['-op+cert', '0x1'],
    ['P1+Door', '0x108'],
  ];
  it('takes a debug level as a number, and as nicknames added and removed from left to right', async () => {
    // One session: a process for each would take its time.
    const input = LEVELS.map(([text]) => `set debug ${text}\n`).join('');
    const { stdout } = await ikeadm(['-R', gateways.east.root], { input });
    assert.deepEqual(
      [...stdout.matchAll(/ to (0x[0-9a-f]+)$/gm)].map(([, level]) => level),
      LEVELS.map(([, level]) => level),
    );
    await shown('set', 'debug', 'all');
  });

  it('shows and lowers the privilege level, by number and by name', async () => {
    const west = async (...words: readonly string[]): Promise<string> =>
      (await ikeadm(['-R', gateways.west.root, ...words])).stdout;
    assert.equal(
      await west('get', 'priv'),
      'Current privilege level is 0x2, access to keying material enabled\n',
    );
    assert.equal(
      await west('set', 'priv', 'ModKeys'),
      'Successfully changed privilege level from 0x2 to 0x1\nNew privilege level 0x1 enables access to preshared key information\n',
    );
    assert.equal(
      await west('get', 'priv'),
      'Current privilege level is 0x1, access to preshared key information enabled\n',
    );
    assert.equal(
      await west('set', 'priv', '0'),
      'Successfully changed privilege level from 0x1 to 0x0\nNew privilege level 0x0 enables base privileges\n',
    );
    assert.equal(await west('get', 'priv'), 'Current privilege level is 0x0, base privileges enabled\n');
  });

  it('shows counters in columns of ten', async () => {
    const row = (title: string): string => `${title.padEnd(11)}initiator: {10}\\d   responder: {10}\\d\\n`;
    assert.match(
      await shown('get', 'stats'),
      new RegExp(
        `^Phase 1 SA counts:\\n${['Current:', 'Total:', 'Attempted:', 'Failed:'].map(row).join('')} {11}initiator fails include \\d+ time-out\\(s\\)\\n$`,
      ),
    );
  });

  it('shows the values in use, where they come from, and their units', async () => {
    const lines = (await shown('get', 'defaults')).split('\n');
    assert.deepEqual(lines.slice(0, 7), [
      '',
      'Global defaults. Some values can be over-ridden on a per rule basis.',
      '',
      'System defaults are time delayed.',
      '',
      'Token:            Source:   Value:      Unit:     Description:              ',
      '',
    ]);
    assert.equal(lines[7], 'p1_lifetime_secs  config           7200 seconds   phase 1 lifetime          ');
    assert.equal(lines[9], 'p1_nonce_len      default            20 bytes     phase 1 nonce length      ');
    assert.match(lines[33] ?? '', /^- {17}\w+ +\d+ {11}IKE port number {11}$/);
    assert.match(lines[34] ?? '', /^- {17}\w+ +\d+ {11}NAT-T port number {9}$/);
    assert.deepEqual(lines.slice(35), ['']);
    const descriptions = [
      'phase 1 lifetime|seconds',
      'minimum phase 1 lifetime|seconds',
      'phase 1 nonce length|bytes',
      'phase 2 lifetime|seconds',
      'phase 2 soft lifetime|seconds',
      'phase 2 idle time|seconds',
      'phase 2 lifetime|kilobytes',
      'phase 2 soft lifetime|kilobytes',
      'system phase 2 lifetime|seconds',
      'system phase 2 soft lifetime|seconds',
      'system phase 2 idle time|seconds',
      'system phase 2 lifetime|bytes',
      'system phase 2 soft lifetime|bytes',
      'minimum phase 2 hard lifetime|seconds',
      'minimum phase 2 soft lifetime|seconds',
      'minimum phase 2 idle lifetime|seconds',
      'minimum phase 2 hard lifetime|kilobytes',
      'minimum phase 2 soft lifetime|kilobytes',
      'minimum phase 2 delta|seconds',
      'minimum phase 2 delta|kilobytes',
      'maximum phase 2 lifetime|seconds',
      'conversion factor|kbytes/s',
      'maximum phase 2 lifetime|kilobytes',
      'phase 2 nonce length|bytes',
      'phase 2 PFS|',
      'max certificates|',
      'IKE port number|',
      'NAT-T port number|',
    ];
    assert.deepEqual(
      lines.slice(7, 35).map((line) => `${line.slice(50).trim()}|${line.slice(40, 50).trim()}`),
      descriptions,
    );
  });

  it('lists groups, ciphers and hashes under a title and a header', async () => {
    const title = 'The values match the IPsec attribute assigned numbers published by IANA';
    const groups = await shown('dump', 'groups');
    assert.ok(
      groups.startsWith(
        `\nList of Diffie-Hellman groups for setting up IKE SAs\n${title}\n\nValue Strength Description${' '.repeat(39)}\n`,
      ),
    );
    assert.match(groups, /^14 {4}110 {6}2048-bit MODP \(group 14\) {26}$/m);
    assert.ok(groups.endsWith('\n\nCompleted dump of groups\n'));
    const ciphers = await shown('dump', 'encralgs');
    assert.ok(
      ciphers.startsWith(
        `\nList of encryption algorithms for IKE\n${title}\n\nValue Name${' '.repeat(16)}Keylen range   \n`,
      ),
    );
    assert.match(ciphers, /^5 {5}3des-cbc {12}N\/A {12}$/m);
    assert.match(ciphers, /^7 {5}aes-cbc {13}128-256 {8}$/m);
    assert.ok(ciphers.endsWith('\n\nCompleted dump of encralgs\n'));
    const hashes = await shown('dump', 'authalgs');
    assert.ok(
      hashes.startsWith(
        `\nList of authentication algorithms for IKE\n${title}\n\nValue Name${' '.repeat(16)}\n`,
      ),
    );
    assert.match(hashes, /^2 {5}hmac-sha1 {11}$/m);
    assert.ok(hashes.endsWith('\n\nCompleted dump of authalgs\n'));
  });

  it('prints the help of a command with words too many, and does nothing, with status 0', async () => {
    for (const line of [
      'get debug x',
      'get priv x',
      'get stats x',
      'get defaults x',
      'dump p1 x',
      'dump rule x',
    ]) {
      const [command = ''] = line.split(' ');
      assert.equal(await shown(...line.split(' ')), await shown('help', command), line);
    }
    await gateways.east.ikeadm('up', '10.1.0.5', '10.2.0.9');
    for (const line of ['flush p1 now', 'flush certcache now']) {
      assert.equal(await shown(...line.split(' ')), await shown('help', 'flush'));
    }
    assert.match(await shown('-n', 'dump', 'p1'), /IKESA/);
  });

  it('gives the daemon an open file for its debug output, made with mode 0600 or appended to', async () => {
    const file = join(scratch.folder, 'debug.log');
    const level = /^Current debug level is (0x[\da-f]+)/.exec(await shown('get', 'debug'))?.[1] ?? '';
    const set = `Successfully changed debug level from ${level} to 0x100\nDebug categories enabled:\n\tDoor interface\n`;
    assert.equal(await shown('set', 'debug', 'door', file), set);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    await shown('get', 'priv');
    const lines = readFileSync(file, 'utf8');
    assert.match(lines, /GET_PRIV/);
    const other = join(scratch.folder, 'other.log');
    writeFileSync(other, 'was here before\n', { mode: 0o600 });
    await shown('set', 'debug', level, other);
    await shown('get', 'priv');
    assert.match(readFileSync(other, 'utf8'), /^was here before\n[^]*GET_PRIV/);
    assert.doesNotMatch(readFileSync(file, 'utf8').slice(lines.length), /GET_PRIV/, 'the first is left');
  });

  it('sends what is in a pipe, and does not make the daemon wait for it', async () => {
    const file = join(scratch.folder, 'piped-rule');
    writeFileSync(file, rule(EAST, '192.0.2.1', { label: 'piped' }));
    const line = 'cat "$1" | "$2" "$3" -R "$4" add rule /dev/stdin';
    const words = [file, process.execPath, join(DIST, 'ikeadm.js'), gateways.east.root];
    const { stderr } = await promisify(execFile)('sh', ['-c', line, 'sh', ...words]);
    assert.equal(stderr, 'ikeadm: Successfully created new policy rule.\n');
    assert.match(await shown('get', 'rule', 'piped'), /Label 'piped'/);
  });

  it('reads and writes files that no request could hold', async () => {
    const many = join(scratch.folder, 'many-keys');
    const keys = Array.from({ length: 1500 }, (_, at) =>
      presharedKey(EAST, `192.0.${String(2 + (at >> 8))}.${String(at & 0xff)}`, 'ab'.repeat(16)),
    );
    writeFileSync(many, keys.join(''), { mode: 0o600 });
    assert.ok(statSync(many).size > LONGEST_REQUEST);
    assert.equal((await east('read', 'preshared', many)).status, 0);
    const written = join(scratch.folder, 'written-keys');
    assert.equal((await east('write', 'preshared', written)).status, 0);
    assert.equal(readFileSync(written, 'utf8').match(/key [\da-f]{32}/g)?.length, keys.length);
    assert.equal(statSync(written).mode & 0o777, 0o600);
  });
});
