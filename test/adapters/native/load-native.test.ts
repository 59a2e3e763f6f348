/** The addon as it was built for this clone, and what is said where it cannot be. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addonPath, loadNative } from '../../../adapters/native/load-native.js';

describe('the native addon', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'native-'));
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is built and loads', () => {
    const native = loadNative();
    assert.ok(native.ok, native.ok ? '' : native.error);
  });

  it('sets the limit of core files to 0 for the process that asks', () => {
    const child = spawnSync(process.execPath, [
      '-e',
      `const fault = require(${JSON.stringify(addonPath())}).coreLimitZero();
       if (fault !== 0) throw new Error(String(fault));
       console.log(require('node:child_process').execFileSync('sh', ['-c', 'ulimit -H -c']).toString());`,
    ]);
    assert.equal(child.stdout.toString().trim(), '0', child.stderr.toString());
  });

  it('says no user for what is no socket, and refuses what is no descriptor', () => {
    const native = loadNative();
    assert.ok(native.ok);
    const file = openSync(join(folder, 'file'), 'w');
    try {
      assert.ok(native.value.peerUid(file) < 0);
    } finally {
      closeSync(file);
    }
    assert.ok(native.value.peerUid(-1) < 0);
    assert.throws(
      () => Reflect.apply(native.value.peerUid, undefined, ['door']),
      /peerUid takes a descriptor/,
    );
    assert.throws(() => Reflect.apply(native.value.peerUid, undefined, []), /peerUid takes a descriptor/);
  });

  it('is missing where it was not built, and the sentence says how to get it', () => {
    const missing = loadNative(join(folder, 'ikechart.node'));
    assert.ok(!missing.ok);
    assert.match(
      missing.error,
      /was not built: install a C compiler and Node's headers, then run "npm run build"/,
    );
  });

  it('is not taken when it is something else', () => {
    const file = join(folder, 'ikechart.node');
    writeFileSync(file, 'no library');
    const spoiled = loadNative(file);
    assert.ok(!spoiled.ok);
    assert.match(spoiled.error, /does not load: .*; run "npm run build" on this host/s);
  });
});
