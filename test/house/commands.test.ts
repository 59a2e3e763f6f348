/** The commands as they ship: what package.json promises is what the build makes. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../../', import.meta.url));
const { bin } = JSON.parse(readFileSync(join(PROJECT, 'package.json'), 'utf8')) as {
  bin: Readonly<Record<string, string>>;
};

describe('commands', () => {
  for (const [name, path] of Object.entries(bin)) {
    const file = join(PROJECT, path);

    it(`${name} is a program for Node`, () => {
      assert.equal(readFileSync(file, 'utf8').split('\n', 1)[0], '#!/usr/bin/env node');
      accessSync(file, constants.X_OK);
    });

    it(`${name} -h explains itself on stdout`, () => {
      const run = spawnSync(process.execPath, [file, '-h'], { encoding: 'utf8' });
      assert.equal(run.status, 0, run.stderr);
      assert.notEqual(run.stdout, '');
      assert.equal(run.stderr, '');
    });
  }
});
