/** The file of our SAs on a disk. */
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeSaStateFile } from '../../../adapters/files/node-sa-state-file.js';

describe('the file of our SAs on a disk', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ikechart-sas-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('is made with its folder, for its owner only, and grows by whole lines', () => {
    const path = join(folder, 'var/run/ike_sas');
    const file = new NodeSaStateFile(path);
    assert.deepEqual(file.read(), { ok: true, value: undefined });
    assert.ok(file.append('one\n').ok && file.append('two\n').ok);
    assert.deepEqual(new NodeSaStateFile(path).read(), { ok: true, value: 'one\ntwo\n' });
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.ok(file.replace('three\n').ok && file.append('four\n').ok);
    assert.equal(readFileSync(path, 'utf8'), 'three\nfour\n');
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(join(folder, 'var/run')), ['ike_sas']);
    file.remove();
    file.remove();
    assert.deepEqual(readdirSync(join(folder, 'var/run')), []);
  });

  it('is not believed when others may write it, or when it is no file', () => {
    const path = join(folder, 'ike_sas');
    writeFileSync(path, 'x');
    chmodSync(path, 0o622);
    const open = new NodeSaStateFile(path).read();
    assert.ok(!open.ok);
    assert.match(open.error, /ike_sas may be written by others, and so could say anything\.$/);
    rmSync(path);
    mkdirSync(path);
    const directory = new NodeSaStateFile(path).read();
    assert.ok(!directory.ok);
    assert.match(directory.error, /ike_sas is no file\.$/);
  });

  it('is never written through a symbolic link', () => {
    const [path, other] = [join(folder, 'ike_sas'), join(folder, 'other')];
    writeFileSync(other, 'precious');
    symlinkSync(other, path);
    const file = new NodeSaStateFile(path);
    assert.equal(file.read().ok, false);
    assert.equal(file.append('x').ok, false);
    assert.ok(file.replace('y').ok);
    assert.equal(readFileSync(other, 'utf8'), 'precious');
    assert.equal(readFileSync(path, 'utf8'), 'y');
  });

  it('is put aside under a name that says so', () => {
    const path = join(folder, 'ike_sas');
    writeFileSync(path, 'spoiled');
    const file = new NodeSaStateFile(path);
    assert.deepEqual(file.putAside(), { ok: true, value: `${path}.spoiled` });
    assert.equal(readFileSync(`${path}.spoiled`, 'utf8'), 'spoiled');
    assert.deepEqual(file.read(), { ok: true, value: undefined });
    const nothing = file.putAside();
    assert.equal(nothing.ok, false);
  });

  it('that cannot be written says why and names itself', () => {
    writeFileSync(join(folder, 'file'), '');
    const file = new NodeSaStateFile(join(folder, 'file/ike_sas'));
    const written = file.append('x');
    assert.ok(!written.ok);
    assert.match(written.error, /file\/ike_sas cannot be written: a part of its path is no directory\.$/);
  });
});
