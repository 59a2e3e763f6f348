/** The documentation says what is there: every file, every flag, every keyword, and no page that is out of date. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readArguments } from '../../cli/in.iked/arguments.js';
import { generalHelp } from '../../cli/ikeadm/help.js';
import { parseIkeConfig } from '../../services/config/ike-config.js';
import { KEYWORD_NAMES } from '../../services/config/ike-config-keywords.js';
import { PATTERN_NAMES, PROPERTY_NAMES } from '../../services/config/ipsec-policy-grammar.js';
import { parseIpsecPolicies } from '../../services/config/ipsec-policy.js';
import { parsePreshared } from '../../services/config/ike-preshared.js';
import { PAIR_NAMES } from '../../services/config/ike-preshared-grammar.js';
import { KeyStore } from '../../daemon/key-store.js';
import { generateDocs } from '../../tools/generate-docs.js';

const ROOT = new URL('../../', import.meta.url);
const FLOORS = ['cli', 'adapters', 'daemon', 'machines', 'services', 'tools'];

function text(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(new URL(`${folder}/`, ROOT), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(fileURLToPath(ROOT), join(entry.parentPath, entry.name)));
}

/** Headings "### `folder/`", each with items "- `file`: what it is". */
function listedFiles(design: string): readonly string[] {
  const files: string[] = [];
  let folder = '';
  for (const line of design.slice(design.indexOf('\n## Files')).split('\n')) {
    folder = /^### `(.+\/)`$/.exec(line)?.[1] ?? folder;
    const [, name, words = ''] = /^- `([^`]+)`:(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    assert.notEqual(words.trim(), '', `${folder}${name} has no words`);
    files.push(`${folder}${name}`);
  }
  return files;
}

function pages(): readonly string[] {
  const docs = readdirSync(new URL('docs/', ROOT)).filter((name) => name.endsWith('.md'));
  return ['README.md', 'DESIGN.md', 'CONTRIBUTING.md', ...docs.map((name) => `docs/${name}`)];
}

/** Those of `words` that a page does not show as code. */
function missingFrom(page: string, words: readonly string[]): readonly string[] {
  const code = (text(page).match(/```[^]*?```|`[^`\n]+`/g) ?? []).join('\n');
  return words.filter(
    (word) => !new RegExp(`(?<![\\w-])${word.replaceAll('.', '\\.')}(?![\\w-])`).test(code),
  );
}

describe('the documentation', () => {
  it('names every source file, and none that is gone', () => {
    const listed = listedFiles(text('DESIGN.md'));
    const there = FLOORS.flatMap(filesBelow);
    assert.ok(there.length > 200, 'the files were found');
    assert.deepEqual(
      { missing: there.filter((file) => !listed.includes(file)) },
      { missing: [] },
      'DESIGN.md lacks files',
    );
    assert.deepEqual(
      { gone: listed.filter((file) => !there.includes(file)) },
      { gone: [] },
      'DESIGN.md names files that are gone',
    );
    assert.equal(new Set(listed).size, listed.length, 'a file is listed twice');
  });

  it('has no generated page that is stale', async () => {
    for (const [file, page] of await generateDocs()) {
      assert.equal(readFileSync(file, 'utf8'), page, `${file.pathname} is stale; run: npm run docs`);
    }
  });

  it('links only to files that exist', () => {
    for (const page of pages()) {
      for (const [, target = ''] of text(page).matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
        if (/^https?:/.test(target)) continue;
        assert.ok(existsSync(new URL(target, new URL(page, ROOT))), `${page} links to ${target}`);
      }
    }
  });

  it('explains every flag of in.iked', () => {
    const help = readArguments(['--help']);
    assert.ok(!help.ok);
    const flags = [...help.error.text.matchAll(/^ {2}(-{1,2}[A-Za-z][a-z-]*)/gm)].map(
      ([, flag = '']) => flag,
    );
    assert.ok(flags.includes('--sadb-trace'), help.error.text);
    assert.deepEqual(missingFrom('docs/in.iked.md', flags), []);
  });

  it('explains every command of ikeadm', () => {
    const commands = [...generalHelp().matchAll(/^\t(\w+)/gm)].map(([, command = '']) => command);
    assert.ok(commands.includes('dump') && commands.includes('up'));
    assert.deepEqual(missingFrom('docs/ikeadm.md', commands), []);
  });

  it('explains every keyword of the three files', () => {
    const keywords = [...KEYWORD_NAMES, ...PAIR_NAMES, ...PATTERN_NAMES, ...PROPERTY_NAMES];
    assert.deepEqual(missingFrom('docs/configuration.md', keywords), []);
  });

  it('shows examples of the three files that are right', () => {
    const sections = text('docs/configuration.md').split('\n## ').slice(1);
    const [config = '', preshared = '', policies = ''] = sections.map(
      (section) => /^```\n([^]*?)^```$/m.exec(section)?.[1] ?? '',
    );
    const keys = new KeyStore();
    const readings = [
      parseIkeConfig(config, 'config'),
      parsePreshared(preshared.replace('<hex digits>', '00ff'), 'ike.preshared', (bytes) => keys.put(bytes)),
      parseIpsecPolicies(policies, 'policies'),
    ];
    for (const { diagnostics } of readings) assert.deepEqual(diagnostics, []);
    assert.equal(parseIkeConfig(config, 'config').config?.rules.length, 1);
    assert.equal(keys.size, 1);
    assert.equal(parseIpsecPolicies(policies, 'policies').policies?.length, 2);
  });
});
