/**
 * Wrong commands, objects, ids, levels, files, rules, keys, labels and PINs, given to the command as it ships: what it
 * says, how it exits, and that nothing has changed in the daemon.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  EAST,
  presharedKey,
  rule,
  startGateways,
  TRANSFORM,
  WEST,
  type Gateways,
} from '../in.iked/gateways.js';
import { makeScratch } from '../in.iked/scratch.js';
import { abreast, ikeadm, type Ran } from '../ikeadm/as-shipped/real-ikeadm.js';

import { DEFINITIONS, FILES, IDS, LEVELS, PROMPT, REFUSED_AT_BASE, TOKENS, WORDS } from './ikeadm-rows.js';
import type { BadInput } from './ikeadm-row.js';
import { WATCHING } from './ikeadm-watching-rows.js';

const scratch = makeScratch();
const folder = join(scratch.folder, 'files');
let gateways: Gateways;

/** The folder stands for `F` in what is typed and in what is said. */
async function given(root: string, { words, input }: BadInput): Promise<Ran> {
  const named = (text: string): string => text.replace(/^F(?=\/|$)/, folder);
  const typedIn = input?.replace(/ F\//g, ` ${folder}/`);
  const ran = await ikeadm(
    ['-R', root, ...words.map(named)],
    typedIn === undefined ? {} : { input: typedIn },
  );
  return { ...ran, stderr: ran.stderr.replaceAll(folder, 'F') };
}

function check({ says, exit }: BadInput, { stdout, stderr, status }: Ran): void {
  if (typeof says === 'string') assert.equal(stderr, says);
  else assert.match(stderr, says);
  assert.equal(status, exit);
  assert.equal(stdout, '');
}

function title({ words, input }: BadInput): string {
  const typedIn = input === undefined ? '' : ` <${JSON.stringify(input)}`;
  const text = `${words.map((word) => (word === '' || word.includes(' ') ? `"${word}"` : word)).join(' ')}${typedIn}`;
  return text.replace(/(.)\1{30,}/g, '$1...').trim();
}

/** All that an administrator could change. */
async function state(root: string): Promise<unknown> {
  const questions = ['dump rule', 'dump preshared', 'get debug', 'get priv', 'dump certcache'];
  const answers = await abreast(
    questions,
    async (line) => (await ikeadm(['-R', root, '-j', ...line.split(' ')])).stdout,
  );
  const sas = (await ikeadm(['-R', root, '-n', 'dump', 'p1'])).stdout;
  const files = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]);
  return { answers, sas: sas.match(/Cookies: .*/g), files };
}

describe('bad input to ikeadm', () => {
  before(async function () {
    this.timeout(60_000);
    gateways = await startGateways(scratch.folder);
    const key = 'ab'.repeat(16);
    mkdirSync(folder);
    const files: Readonly<Record<string, string>> = {
      there: 'was here before\n',
      empty: '',
      'bad-rule': `{\n labl "x"\n local_addr ${EAST} remote_addr ${WEST} ${TRANSFORM} }\n`,
      'no-transform': `{ label "x" local_addr ${EAST} remote_addr ${WEST} }\n`,
      'two-rules': rule(EAST, '192.0.2.1') + rule(EAST, '192.0.2.2'),
      'known-rule': rule(EAST, WEST),
      'bad-key': `{ localidtype IP localid ${EAST} remoteid x key ${key} }\n`,
      'two-keys': presharedKey(EAST, '192.0.2.1', key) + presharedKey(EAST, '192.0.2.2', key),
      'known-key': presharedKey(EAST, WEST, key),
      'new-key': presharedKey(EAST, '192.0.2.1', key),
      'open-key': presharedKey(EAST, '192.0.2.1', key),
    };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(folder, name), text, { mode: name === 'open-key' ? 0o644 : 0o600 });
    }
    const { status, stderr } = await gateways.east.ikeadm('up', '10.1.0.5', '10.2.0.9');
    assert.equal(status, 0, stderr);
  });

  after(async () => {
    await gateways.stop();
    scratch.remove();
  });

  const ALL = [...WORDS, ...WATCHING, ...IDS, ...LEVELS, ...FILES, ...DEFINITIONS, ...TOKENS, ...PROMPT];
  const outcomes = new Map<BadInput, Ran>();
  let stateBefore: unknown;
  let stateAfter: unknown;

  before(async function () {
    this.timeout(120_000);
    const { root } = gateways.east;
    stateBefore = await state(root);
    await abreast(ALL, async (row) => outcomes.set(row, await given(root, row)));
    stateAfter = await state(root);
  });

  it('is at least ninety rows', () => {
    assert.ok(ALL.length + REFUSED_AT_BASE.length >= 90);
    assert.equal(new Set(ALL.map(title)).size, ALL.length, 'no row stands twice');
  });

  for (const row of ALL) {
    it(`refuses ${title(row)}`, () => {
      const ran = outcomes.get(row);
      assert.ok(ran);
      check(row, ran);
    });
  }

  it('changes nothing, neither in the daemon nor in the files', () => {
    assert.deepEqual(stateAfter, stateBefore);
  });

  it('changes nothing at privilege base either', async function () {
    this.timeout(120_000);
    const { west } = gateways;
    await west.ikeadm('set', 'priv', 'base');
    const then = await state(west.root);
    for (const row of REFUSED_AT_BASE) check(row, await given(west.root, row));
    assert.deepEqual(await state(west.root), then);
    assert.equal(existsSync(join(folder, 'written')), false);
  });
});

describe('bad input to ikeadm without a daemon', () => {
  it('is told apart from a daemon that is not there', async () => {
    const root = join(scratch.folder, 'nowhere');
    const { status, stdout, stderr } = await ikeadm(['-R', root, 'get', 'stats']);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(
      stderr,
      /^Unable to communicate with in\.iked\n.*\nikeadm: open_door failed: No such file or directory\nFatal error - exiting\.\n$/,
    );
  });
});
