/** The manual pages stay true: every option, command, keyword and word of the code stands in its page, and none that is gone. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { parseCommandLine } from '../../cli/ikeadm/options.js';
import { COMMANDS } from '../../cli/ikeadm/command-table.js';
import { PROGRAMS } from '../../cli/ikecert/command-table.js';
import { programHelp } from '../../cli/ikecert/help.js';
import { readArguments } from '../../cli/in.iked/arguments.js';
import { KeyStore } from '../../daemon/key-store.js';
import { DEBUG_CATEGORIES } from '../../services/admin/debug-levels.js';
import { PRIVILEGE } from '../../services/admin/privilege-levels.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import { KEYWORD_NAMES } from '../../services/config/ike-config-keywords.js';
import { PAIR_NAMES } from '../../services/config/ike-preshared-grammar.js';
import { parsePreshared } from '../../services/config/ike-preshared.js';
import { PROPERTIES } from '../../services/config/service-properties.js';

const ROOT = new URL('../../', import.meta.url);
const PAGES: readonly string[] = (
  JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { man: readonly string[] }
).man;

function page(name: string): readonly string[] {
  const path = PAGES.find((candidate) => candidate.endsWith(`/${name}`));
  assert.ok(path !== undefined, `package.json installs no ${name}`);
  return readFileSync(new URL(path, ROOT), 'utf8').split('\n');
}

/** Words that a page sets as options (`Fl`), with their dashes. */
function options(name: string): ReadonlySet<string> {
  const found = page(name).flatMap((line) =>
    [...line.matchAll(/\bFl ((?:-?[\w-]+(?: [,|] )?)+)/g)].flatMap(([, list = '']) => list.split(/ [,|] /)),
  );
  return new Set(found.map((option) => `-${option}`));
}

/** Words that a page sets as commands or keywords (`Cm`), each alone. */
function words(name: string): ReadonlySet<string> {
  return new Set(
    page(name).flatMap((line) =>
      [...line.matchAll(/\bCm (.*?)(?= (?:Ar|No|Ns|Op|Ta|Fl|Pa|Xr|Cm)\b|$)/g)].flatMap(([, list = '']) =>
        list.split(/[\s,|.;:()]+/),
      ),
    ),
  );
}

/** Entries of lists (`.It Cm`), with alternatives written out: `dump p1 | rule` is two. */
function entries(name: string): ReadonlySet<string> {
  return new Set(
    page(name).flatMap((line) => {
      const plain = line.replaceAll(/ (?:Ar|Op|No) [^,]*/g, '');
      const [, list = ''] = /^\.It Cm (.*)$/.exec(plain) ?? [];
      const [first = '', ...others] = list.split(/ ?[|,] (?:Cm )?/);
      const [command = ''] = first.split(' ');
      const separate = list.includes(',');
      return [first, ...others.map((other) => (separate ? other : `${command} ${other}`))];
    }),
  );
}

/** Text of literal displays, as a reader sees it. */
function displays(name: string): readonly string[] {
  const text = page(name).join('\n');
  return [...text.matchAll(/^\.Bd -literal.*\n([^]*?)^\.Ed$/gm)].map(([, body = '']) =>
    body.replaceAll('\\e', '\\'),
  );
}

function missing(there: ReadonlySet<string>, wanted: Iterable<string>): readonly string[] {
  return [...wanted].filter((word) => !there.has(word));
}

describe('the manual pages', () => {
  for (const path of PAGES) {
    const name = path.replace(/.*\//, '');
    it(`${name} has its sections, in order`, () => {
      const sections = page(name)
        .filter((line) => line.startsWith('.Sh '))
        .map((line) => line.slice(4));
      for (const wanted of ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'FILES', 'EXAMPLES', 'SEE ALSO', 'CAVEATS'])
        assert.ok(sections.includes(wanted), wanted);
      const order = ['NAME', 'SYNOPSIS', 'DESCRIPTION', 'SIGNALS', 'ENVIRONMENT', 'FILES', 'EXIT STATUS'];
      const more = ['EXAMPLES', 'DIAGNOSTICS', 'SEE ALSO', 'STANDARDS', 'CAVEATS', 'SECURITY CONSIDERATIONS'];
      const places = sections.map((section) => [...order, ...more].indexOf(section));
      assert.ok(!places.includes(-1), sections.join());
      assert.deepEqual(
        places,
        [...places].sort((a, b) => a - b),
      );
    });

    it(`${name} refers to no page of ours that is not there`, () => {
      const referred = page(name).flatMap((line) => {
        const [, title = '', section = ''] = /^\.Xr (\S+) (\d)/.exec(line) ?? [];
        return /^(?:ike|in\.iked)/.test(title) ? [`man/man${section}/${title}.${section}`] : [];
      });
      assert.deepEqual(
        referred.filter((other) => !existsSync(new URL(other, ROOT))),
        [],
      );
    });
  }

  it('in.iked(8) has every option, and no other', () => {
    const help = readArguments(['--help']);
    assert.ok(!help.ok);
    const flags = [...help.error.text.matchAll(/^ {2}(-\w)?(?:, )?(--[a-z-]+)?/gm)]
      .flatMap(([, short, long]) => [short, long])
      .filter((flag) => flag !== undefined);
    assert.ok(flags.length > 15, help.error.text);
    const there = options('in.iked.8');
    assert.deepEqual(missing(there, flags), []);
    assert.deepEqual(missing(new Set(flags), there), []);
  });

  it('in.iked(8) has every property, level and category', () => {
    const categories = DEBUG_CATEGORIES.flatMap(({ nicknames }) => nicknames);
    const wanted = [...PROPERTIES, ...Object.keys(PRIVILEGE), ...categories, 'operator', 'all'];
    assert.deepEqual(missing(words('in.iked.8'), wanted), []);
    const text = page('in.iked.8').join('\n');
    for (const { bit, nicknames } of DEBUG_CATEGORIES) {
      const row = `.It Cm ${nicknames[0] ?? ''}`;
      assert.match(text, new RegExp(`^${row}\\b.* Ta 0x${bit.toString(16).padStart(3, '0')} Ta `, 'm'));
    }
  });

  it('ikeadm(8) has every command with every object, and no other', () => {
    const commands = Object.entries(COMMANDS).flatMap(([command, objects]) =>
      Object.keys(objects).map((object) => `${command} ${object}`),
    );
    assert.ok(commands.length > 25, commands.join());
    const there = entries('ikeadm.8');
    assert.deepEqual(missing(there, commands), []);
    const first = new Set(Object.keys(COMMANDS));
    const known = new Set(commands);
    const gone = [...there].filter((entry) => first.has(entry.split(' ')[0] ?? '') && !known.has(entry));
    assert.deepEqual(gone, []);
  });

  it('ikeadm(8) has every option, and no other', () => {
    const letters = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ'.matchAll(/./g)].map(
      ([letter]) => letter,
    );
    const taken = letters.filter((letter) => !('fault' in parseCommandLine([`-${letter}`, '/'])));
    assert.deepEqual(taken, ['h', 'j', 'n', 'p', 'R']);
    const there = [...options('ikeadm.8')].filter((option) => option.length === 2).sort();
    assert.deepEqual(there, taken.map((letter) => `-${letter}`).sort());
  });

  it('ikecert(8) has every sub-command with every option, tag and type of its help', () => {
    const commands = words('ikecert.8');
    assert.deepEqual(missing(commands, [...Object.keys(PROGRAMS), 'tokens']), []);
    const there = options('ikecert.8');
    const text = page('ikecert.8').join('\n');
    for (const program of ['certlocal', 'certdb', 'certrldb'] as const) {
      const help = programHelp(program).replace('-k{c|s}', '-kc -ks');
      const flags = [...help.matchAll(/(?<=[\s[(])-(?:k[cs]|[a-zA-Z])\b/g)].map(([flag]) => flag);
      assert.ok(flags.length > 4, help);
      assert.deepEqual(missing(there, flags), [], program);
      for (const [word] of help.matchAll(/\b(?:rsa|dsa)-\w+|\b[A-Z]{2,}=/g))
        assert.ok(text.includes(word), word);
    }
  });

  it('ike.config(5) has every keyword, and no other', () => {
    const there = entries('ike.config.5');
    assert.deepEqual(
      missing(
        there,
        [...KEYWORD_NAMES].filter((name) => name !== 'p1_xform'),
      ),
      [],
    );
    assert.ok([...there].some((entry) => entry.startsWith('p1_xform')));
    const keywords = [...there].filter((entry) => /^[a-z0-9]+_[a-z0-9_]+$/.test(entry));
    assert.deepEqual(missing(new Set(KEYWORD_NAMES), keywords), []);
  });

  it('ike.config(5) has examples that are right', () => {
    const examples = displays('ike.config.5');
    assert.equal(examples.length, 2);
    for (const example of examples) {
      const { config, diagnostics } = parseIkeConfig(example, 'example');
      assert.deepEqual([config?.rules.length, diagnostics], [1, []], example);
    }
  });

  it('ike.preshared(5) has every name', () => {
    const there = words('ike.preshared.5');
    assert.deepEqual(missing(there, PAIR_NAMES), []);
  });

  it('ike.preshared(5) has types that are types, and examples that are right', () => {
    const table = page('ike.preshared.5').filter((line) => /^\.It Cm .* Ta /.test(line));
    const types = table.flatMap((line) => (/^\.It Cm (.*?) Ta /.exec(line)?.[1] ?? '').split(' , '));
    assert.ok(types.length > 15);
    const keys = new KeyStore();
    const { diagnostics } = parsePreshared(
      '{ localidtype none localid x remoteid x key 00 }',
      'example',
      (bytes) => keys.put(bytes),
    );
    const list = diagnostics.find(({ problem }) => problem.includes('localidtype'))?.expected ?? '';
    assert.deepEqual([...types].sort(), list.replace('expected one of ', '').split(', ').sort());
    const [example = ''] = displays('ike.preshared.5');
    const read = parsePreshared(example, 'example', (bytes) => keys.put(bytes));
    assert.deepEqual([read.keys?.length, read.diagnostics], [2, []]);
  });
});
