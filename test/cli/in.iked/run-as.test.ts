import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asUser, runAs } from '../../../cli/in.iked/run-as.js';

describe('the user of in.iked --user', () => {
  let folder: string;
  const read = (text: string): ReturnType<typeof runAs> =>
    runAs(text, join(folder, 'passwd'), join(folder, 'group'));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'run-as-'));
    writeFileSync(
      join(folder, 'passwd'),
      'root:x:0:0::/root:/bin/sh\nike:x:612:613::/:/bin/false\nbroken:x::\n#ike2:x:1:1\n',
    );
    writeFileSync(join(folder, 'group'), 'root:x:0:\nike:x:613:\ntokens:x:700:other,ike\nlog:x:701:ike\n');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('is found by name and by number, with the groups it is in', () => {
    const ike = { name: 'ike', uid: 612, gid: 613, groups: [613, 700, 701] };
    assert.deepEqual(read('ike'), ike);
    assert.deepEqual(read('612'), ike);
  });

  it('takes another group behind a colon', () => {
    assert.deepEqual(read('ike:log'), { name: 'ike', uid: 612, gid: 701, groups: [701, 700, 701] });
    assert.equal(read('ike:900').gid, 900);
  });

  it('is somebody, who is not root', () => {
    assert.throws(
      () => read('eve'),
      /There is no user "eve" in .*passwd: name one that is there, or make it/,
    );
    assert.throws(() => read(''), /There is no user ""/);
    assert.throws(() => read('broken'), /There is no user "broken"/);
    assert.throws(() => read('root'), /That is root/);
    assert.throws(() => read('0'), /That is root/);
    assert.throws(() => read('ike:eve'), /There is no group "eve"/);
  });

  it('is not needed where nobody was named', () => {
    const before = [process.geteuid?.(), process.getegid?.()];
    assert.deepEqual(
      asUser(undefined, () => [process.geteuid?.(), process.getegid?.()]),
      before,
    );
  });
});
