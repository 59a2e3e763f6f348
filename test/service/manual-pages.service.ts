/** The manual pages and the manifest, as the programs of the system read them. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { attempt } from '../interop/lab/shell.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const { man: PAGES } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  man: readonly string[];
};

describe('the manual pages', () => {
  for (const path of PAGES) {
    const page = join(ROOT, path);

    it(`${path} is shown by man without a warning`, async () => {
      const { status, stdout, stderr } = await attempt('env', [
        ...['LC_ALL=C.UTF-8', 'MANWIDTH=80', 'MANPAGER=cat', 'man', '--warnings', '-l', page],
      ]);
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /^NAME$/m);
      const tooLong = stdout.split('\n').filter((line) => line.length > 80);
      assert.deepEqual(tooLong, []);
    });

    it(`${path} has nothing that mandoc warns of`, async () => {
      const { status, stdout, stderr } = await attempt('mandoc', ['-Tlint', '-Wwarning', page]);
      assert.deepEqual([status, stdout, stderr], [0, '', '']);
    });
  }
});

describe('smf/ike.xml', () => {
  it('is well formed to xmllint', async () => {
    const { status, stderr } = await attempt('xmllint', ['--noout', '--nonet', join(ROOT, 'smf/ike.xml')]);
    assert.deepEqual([status, stderr], [0, '']);
  });

  it('has a method that sh reads', async () => {
    const { status, stderr } = await attempt('sh', ['-n', join(ROOT, 'smf/svc-ike')]);
    assert.deepEqual([status, stderr], [0, '']);
  });
});
