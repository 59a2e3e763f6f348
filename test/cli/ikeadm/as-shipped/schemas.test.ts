/** What the command as it ships prints with `-j`, held against the schemas that are published in docs/schema/. */
import assert from 'node:assert/strict';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMANDS, OTHER_COMMANDS } from '../../../../cli/ikeadm/command-table.js';
import {
  EAST,
  INSIDE_EAST,
  INSIDE_WEST,
  presharedKey,
  rule,
  startGateways,
  WEST,
  type Gateways,
} from '../../in.iked/gateways.js';
import { makeScratch } from '../../in.iked/scratch.js';
import { ikeadm } from './real-ikeadm.js';

const FOLDER = new URL('../../../../docs/schema/', import.meta.url);
const scratch = makeScratch();

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
for (const name of readdirSync(FOLDER)) {
  const schema = JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as object;
  ajv.addSchema(schema, name);
}

function conforms(name: string, text: string): void {
  const validate = ajv.getSchema(`ikeadm-${name}.schema.json`);
  assert.ok(validate, `no schema ${name}`);
  assert.equal(validate(JSON.parse(text)), true, `${ajv.errorsText(validate.errors)}\n${text}`);
}

describe('ikeadm -j as it ships', () => {
  let gateways: Gateways;
  const file = (name: string, text: string): string => {
    const path = join(scratch.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };

  before(async () => {
    gateways = await startGateways(scratch.folder);
  });
  after(async () => {
    await gateways.stop();
    scratch.remove();
  });

  it('has a schema for every command, and none for others', () => {
    const commands = Object.entries(COMMANDS).flatMap(([command, objects]) =>
      Object.keys(objects).map((object) => `${command}-${object}`),
    );
    const others = OTHER_COMMANDS.flatMap((command) =>
      command === 'packet' ? ['packet-send', 'packet-list', 'packet-stats'] : [command],
    );
    const parts = ['error', 'phase1-sa', 'policy-rule', 'preshared-key'];
    assert.deepEqual(
      [...commands, ...others, ...parts].map((name) => `ikeadm-${name}.schema.json`).sort(),
      readdirSync(FOLDER).sort(),
    );
  });

  it('prints what the schemas say, for results', async function () {
    this.timeout(60_000);
    const lines: readonly (readonly [schema: string, ...words: string[]])[] = [
      ['up', 'up', INSIDE_EAST, INSIDE_WEST],
      ['packet-send', 'packet', 'send', INSIDE_EAST, INSIDE_WEST],
      ['packet-list', 'packet', 'list'],
      ['packet-stats', 'packet', 'stats'],
      ['why', 'why'],
      ['doctor', 'doctor'],
      ['doctor', 'doctor', '--fix'],
      ['why', 'why', WEST],
      ['why', 'why', 'p1-1'],
      [
        'explain',
        'explain',
        'aes128-sha256-modp2048,aes128-sha1-modp2048,aes256-sha256-modp2048',
        'peer',
        WEST,
      ],
      ['explain', 'explain', 'esp=3des-md5', 'peer', WEST, 'ours', '10.1.0.0/16', 'theirs', '10.2.0.0/16'],
      ['record-list', 'record', 'list'],
      ['record-save', 'record', 'save', 'p1-1', join(scratch.folder, 'saved.ikerec')],
      ['replay', 'replay', join(scratch.folder, 'saved.ikerec')],
      ['record-export', 'record', 'export', 'p1-1', 'svg', join(scratch.folder, 'ladder.svg')],
      ['diff', 'diff', join(scratch.folder, 'saved.ikerec'), join(scratch.folder, 'saved-west.ikerec')],
      ['record-on', 'record', 'on', '--with-secrets'],
      ['record-off', 'record', 'off'],
      ['inspect-on', 'inspect', 'on'],
      ['inspect-off', 'inspect', 'off'],
      ['get-debug', 'get', 'debug'],
      ['set-debug', 'set', 'debug', 'all'],
      ['get-priv', 'get', 'priv'],
      ['set-priv', 'set', 'priv', 'keymat'],
      ['get-stats', 'get', 'stats'],
      ['get-load', 'get', 'load'],
      ['get-defaults', 'get', 'defaults'],
      ['dump-p1', 'dump', 'p1'],
      ['get-p1', 'get', 'p1', EAST, WEST],
      ['dump-rule', 'dump', 'rule'],
      ['get-rule', 'get', 'rule', `${EAST} to ${WEST}`],
      ['dump-preshared', 'dump', 'preshared'],
      ['get-preshared', 'get', 'preshared', EAST, WEST],
      ['dump-certcache', 'dump', 'certcache'],
      ['dump-groups', 'dump', 'groups'],
      ['dump-encralgs', 'dump', 'encralgs'],
      ['dump-authalgs', 'dump', 'authalgs'],
      ['flush-certcache', 'flush', 'certcache'],
      ['add-rule', 'add', 'rule', file('rule', rule(EAST, '192.0.2.7', { label: 'seven' }))],
      ['write-rule', 'write', 'rule', join(scratch.folder, 'rules')],
      ['del-rule', 'del', 'rule', 'seven'],
      ['read-rule', 'read', 'rule'],
      ['add-preshared', 'add', 'preshared', file('key', presharedKey(EAST, '192.0.2.7', 'ab'.repeat(8)))],
      ['write-preshared', 'write', 'preshared', join(scratch.folder, 'keys')],
      ['del-preshared', 'del', 'preshared', EAST, '192.0.2.7'],
      ['read-preshared', 'read', 'preshared'],
      ['del-p1', 'del', 'p1', EAST, WEST],
      ['flush-p1', 'flush', 'p1'],
      ['dbg-rbdump', 'dbg', 'rbdump'],
      ['help', 'help', 'get'],
    ];
    await ikeadm(['-R', gateways.east.root, 'up', INSIDE_EAST, INSIDE_WEST]);
    const west = join(scratch.folder, 'saved-west.ikerec');
    await ikeadm(['-R', gateways.west.root, 'record', 'save', 'p1-1', west]);
    // One session, in which each document is a line: a process for each would take its time.
    const input = lines.map(([, ...words]) => words.map((word) => `"${word}"`).join(' '));
    const session = await ikeadm(['-R', gateways.east.root, '-j'], { input: `${input.join('\n')}\n` });
    assert.deepEqual([session.stderr, session.status], ['', 0]);
    const documents = session.stdout.trimEnd().split('\n');
    assert.equal(documents.length, lines.length);
    documents.forEach((text, index) => {
      const [schema = '', ...words] = lines[index] ?? [];
      assert.ok(!text.includes('"error"'), `${words.join(' ')}: ${text}`);
      conforms(schema, text);
    });
    for (const word of ['dump p1', 'exit', 'quit']) {
      const { stdout, stderr, status } = await ikeadm(['-R', gateways.east.root, '-j', ...word.split(' ')]);
      assert.deepEqual([stderr, status], ['', 0], word);
      conforms(word.replace(' ', '-'), stdout);
    }
  });

  it('prints what the schemas say, for failures and errors', async function () {
    this.timeout(60_000);
    const lines: readonly (readonly [schema: string, ...words: string[]])[] = [
      ['up', 'up', INSIDE_EAST, '10.9.0.1'],
      ['up', 'up', INSIDE_EAST],
      ['why', 'why', 'p1-999'],
      ['why', 'why', 'frob'],
      ['doctor', 'doctor', 'frob'],
      ['explain', 'explain', '3des-md5-modp768-psk'],
      ['explain', 'explain', 'frob'],
      ['get-p1', 'get', 'p1', '192.0.2.1', '192.0.2.2'],
      ['get-rule', 'get', 'rule'],
      ['add-rule', 'add', 'rule', '{', 'label', 'x', '}'],
      ['read-rule', 'read', 'rule', file('bad', '{ labl }')],
      ['token-login', 'token', 'login', 'x'],
      ['token-logout', 'token', 'logout', 'x'],
      ['set-debug', 'set', 'debug', 'frob'],
      ['help', 'help', 'frob'],
    ];
    for (const [schema, ...words] of lines) {
      const { stdout, stderr } = await ikeadm(['-R', gateways.east.root, '-j', ...words]);
      assert.equal(stderr, '');
      assert.match(stdout, /"(error|failure)": \{|"accepted": false/, words.join(' '));
      conforms(schema, stdout);
    }
    const away = await ikeadm(['-R', join(scratch.folder, 'nowhere'), '-j', 'dump', 'p1']);
    conforms('dump-p1', away.stdout);
    assert.equal(away.status, 1);
  });

  it('is refused by the schemas when it is something else', () => {
    assert.throws(() => {
      conforms('get-priv', '{"level":3,"name":"root"}');
    });
    assert.throws(() => {
      conforms('dump-p1', '[{}]');
    });
    assert.throws(() => {
      conforms('flush-p1', '{"error":"x"}');
    });
  });
});
