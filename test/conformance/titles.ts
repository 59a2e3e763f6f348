/** The titles that mocha gives the tests of a file, generated ones too. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const TESTS = new URL('../', import.meta.url);

/** Full titles of the tests that this process has loaded, by absolute path of their files. */
function loadedTitles(suite: Mocha.Suite): ReadonlyMap<string, ReadonlySet<string>> {
  const titles = new Map<string, Set<string>>();
  const root = (one: Mocha.Suite): Mocha.Suite => (one.parent === undefined ? one : root(one.parent));
  root(suite).eachTest((test) => {
    const file = test.file ?? '';
    titles.set(file, (titles.get(file) ?? new Set()).add(test.fullTitle()));
  });
  return titles;
}

function absolute(file: string): string {
  return fileURLToPath(new URL(file, TESTS));
}

/** The same of other files, from a dry run of mocha: they are loaded in a process of their own, and no test runs. */
async function dryTitles(files: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const titles = new Map<string, Set<string>>();
  if (files.length === 0) return titles;
  const mocha = ['node_modules/mocha/bin/mocha.js', '--dry-run', '--reporter', 'json'];
  const { stdout } = await promisify(execFile)(process.execPath, [...mocha, ...files.map(absolute)], {
    cwd: PROJECT,
    maxBuffer: 64 * 1024 * 1024,
  });
  const { tests } = JSON.parse(stdout) as {
    readonly tests: readonly { readonly file: string; readonly fullTitle: string }[];
  };
  for (const { file, fullTitle } of tests) titles.set(file, (titles.get(file) ?? new Set()).add(fullTitle));
  return titles;
}

/** A title of a list as an expression: `*` is any text. */
function titlePattern(title: string): RegExp {
  const parts = title.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

/** A test that a list names. */
interface Named {
  /** Which entry of the list names it. */
  readonly where: string;
  readonly file: string;
  readonly title: string;
}

/** Every named test is there; `suite` is any of this process. */
export async function assertThere(suite: Mocha.Suite, named: readonly Named[]): Promise<void> {
  const files = [...new Set(named.map(({ file }) => file))];
  assert.deepEqual(
    files.filter((file) => !existsSync(absolute(file))),
    [],
    'files that are not there',
  );
  const loaded = loadedTitles(suite);
  const dry = await dryTitles(files.filter((file) => !loaded.has(absolute(file))));
  const missing = named.filter(({ file, title }) => {
    const titles = loaded.get(absolute(file)) ?? dry.get(absolute(file)) ?? new Set();
    const pattern = titlePattern(title);
    return ![...titles].some((one) => pattern.test(one));
  });
  assert.deepEqual(
    [...new Set(missing.map(({ where, file, title }) => `${where}: ${file}: ${title}`))],
    [],
    'tests that are not there',
  );
}
