import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readArguments } from '../../../cli/in.iked/arguments.js';
import { groupNumber } from '../../../cli/in.iked/group-number.js';

describe('the group that may use tokens', () => {
  let folder: string;
  let file: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'group-'));
    file = join(folder, 'group');
    writeFileSync(file, 'root:x:0:\nvpn:x:815:alice,bob\nbroken\nodd:x:many:\n');
  });

  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is found by name, and by number whether it has a name or not', () => {
    assert.equal(groupNumber('vpn', file), 815);
    assert.equal(groupNumber('4711', file), 4711);
    assert.equal(groupNumber('4711', join(folder, 'none')), 4711);
  });

  for (const name of ['nobody-has-this', 'odd', 'broken', '', '-1', '4294967295', '99999999999']) {
    it(`is refused as "${name}", with what to do`, () => {
      assert.throws(
        () => groupNumber(name, file),
        /There is no group ".*" in .*: write its number, or make it/,
      );
    });
  }

  it('is a flag of in.iked, and a wrong one ends it', () => {
    const good = readArguments(['--token-group', '815']);
    assert.equal(good.ok && good.value.tokenGroup, 815);
    const wrong = readArguments(['--token-group', 'nobody has this']);
    assert.ok(!wrong.ok);
    assert.equal(wrong.error.exit, 1);
    assert.match(wrong.error.text, /There is no group "nobody has this"/);
  });
});
