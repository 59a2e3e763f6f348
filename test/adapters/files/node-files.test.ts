import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeFiles } from '../../../adapters/files/node-files.js';
import type { FileFault } from '../../../services/ports/files.js';
import type { Result } from '../../../services/result.js';

const SOMEONE_ELSE = 54_321;

describe('files', () => {
  const files = new NodeFiles();
  let folder = '';
  let path = '';

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'node-files-'));
    path = join(folder, 'file');
    writeFileSync(path, 'text é\n', { mode: 0o600 });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  function reasonOf(result: Result<string, FileFault>): FileFault['reason'] | undefined {
    if (result.ok) return undefined;
    assert.ok(result.error.message.includes(path), 'the message names the file');
    return result.error.reason;
  }

  it('are read as UTF-8, with any mode', () => {
    chmodSync(path, 0o644);
    assert.deepEqual(files.read(path), { ok: true, value: 'text é\n' });
  });

  it('that are missing are told apart', () => {
    rmSync(path);
    assert.equal(reasonOf(files.read(path)), 'missing');
    assert.equal(reasonOf(files.readSecret(path)), 'missing');
  });

  it('that are folders cannot be read', () => {
    path = folder;
    assert.equal(reasonOf(files.read(path)), 'unreadable');
  });

  it('that this user may not read are told apart', () => {
    chmodSync(path, 0);
    chmodSync(folder, 0o755);
    const isRoot = process.geteuid?.() === 0;
    // Root may read everything.
    if (isRoot) process.seteuid?.(SOMEONE_ELSE);
    try {
      assert.equal(reasonOf(files.read(path)), 'permission');
    } finally {
      if (isRoot) process.seteuid?.(0);
    }
  });

  it('with secrets are read when only their owner has access', () => {
    for (const mode of [0o600, 0o400, 0o700]) {
      chmodSync(path, mode);
      assert.equal(files.readSecret(path).ok, true, mode.toString(8));
    }
  });

  it('with secrets are refused for any bit of group or others', () => {
    for (const bit of [0o040, 0o020, 0o010, 0o004, 0o002, 0o001]) {
      chmodSync(path, 0o600 | bit);
      assert.equal(reasonOf(files.readSecret(path)), 'insecure', bit.toString(8));
    }
  });

  it('with secrets are refused when they belong to someone else', () => {
    const { geteuid } = process;
    // Only root can give files away; to anybody else it is said that he is another.
    if (geteuid?.() === 0) chownSync(path, SOMEONE_ELSE, SOMEONE_ELSE);
    else process.geteuid = () => SOMEONE_ELSE;
    try {
      assert.equal(reasonOf(files.readSecret(path)), 'insecure');
      assert.equal(files.read(path).ok, true);
    } finally {
      if (geteuid !== undefined) process.geteuid = geteuid;
    }
  });
});
