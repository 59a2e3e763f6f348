import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RecordFiles } from '../../../adapters/recorder/record-files.js';

describe('files of recordings', () => {
  let folder: string;
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'record-')), 'recordings');
  });
  afterEach(() => {
    rmSync(join(folder, '..'), { recursive: true });
  });
  const limits = { files: 3, bytes: 100, burst: 2, everyMs: 1000 };

  it('are their owner’s alone, and the oldest go', async () => {
    const files = new RecordFiles(folder, () => 0, limits);
    await Promise.all(['a', 'b', 'c', 'd'].map((name) => files.write(name, 'x'.repeat(10))));
    assert.deepEqual(readdirSync(folder), ['b.ikerec', 'c.ikerec', 'd.ikerec']);
    assert.equal(statSync(folder).mode & 0o777, 0o700);
    assert.equal(statSync(join(folder, 'd.ikerec')).mode & 0o777, 0o600);
    await files.write('e', 'x'.repeat(85));
    assert.deepEqual(await files.list(), [
      { name: 'd.ikerec', bytes: 10 },
      { name: 'e.ikerec', bytes: 85 },
    ]);
  });

  it('are few when much fails at once', () => {
    let now = 0;
    const files = new RecordFiles(folder, () => now, limits);
    assert.deepEqual([files.mayWrite(), files.mayWrite(), files.mayWrite()], [true, true, false]);
    now = 1500;
    assert.deepEqual([files.mayWrite(), files.mayWrite()], [true, false]);
  });

  it('are replaced when the same fails again (it was EEXIST), and a folder that cannot be made is an error', async () => {
    const files = new RecordFiles(folder, () => 0, limits);
    await Promise.all([files.write('a', 'x'), files.write('a', 'xy')]);
    assert.equal(readFileSync(join(folder, 'a.ikerec'), 'utf8'), 'xy');
    assert.deepEqual(readdirSync(folder), ['a.ikerec']);
    await assert.rejects(new RecordFiles('/dev/null/x', () => 0, limits).write('a', 'x'), /ENOTDIR/);
    assert.equal((await files.list()).length, 1);
  });

  it('that were there stay whole when a new one cannot be written', async () => {
    const files = new RecordFiles(folder, () => 0, limits);
    await files.write('a', 'x');
    mkdirSync(join(folder, 'b.ikerec'));
    await assert.rejects(files.write('b', 'y'));
    assert.deepEqual(readdirSync(folder), ['a.ikerec', 'b.ikerec']);
    assert.equal(readFileSync(join(folder, 'a.ikerec'), 'utf8'), 'x');
  });
});
