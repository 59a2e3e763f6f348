import assert from 'node:assert/strict';
import { parseCInteger, parseCNumber } from '../../../services/admin/c-number.js';
import { categoriesIn, isShown, parseDebugLevel } from '../../../services/admin/debug-levels.js';
import { entryFrom } from '../../../services/admin/listing.js';
import { parsePrivilegeLevel } from '../../../services/admin/privilege-levels.js';
import { doorPath } from '../../../services/admin/door-path.js';

describe('numbers as C reads them', () => {
  it('knows the three prefixes', () => {
    assert.deepEqual(['0x58', '0X58', '88', '0130', '0'].map(parseCNumber), [88, 88, 88, 88, 0]);
  });
  it('takes no half numbers', () => {
    for (const text of ['', '0x', '08', '1a', '-1', ' 1', '4294967296'])
      assert.equal(parseCNumber(text), undefined, text);
    assert.equal(parseCInteger('0xffffffffffffffff'), 2n ** 64n - 1n);
  });
});

describe('debug levels', () => {
  const GOOD: readonly (readonly [string, number])[] = [
    ['88', 0x58],
    ['0x58', 0x58],
    ['phase1+phase2+policy', 0x58],
    ['p1+p2+pol', 0x58],
    ['all', 0x7ff],
    ['all-op', 0x7fb],
    ['+cert', 1],
    ['-op', 0],
    ['-op+op', 4],
    ['ALL-Label', 0x3ff],
    ['0', 0],
    ['cert+0', 1],
  ];
  for (const [text, level] of GOOD) {
    it(`${text} is 0x${level.toString(16)}`, () => {
      assert.deepEqual(parseDebugLevel(text), { ok: true, value: level });
    });
  }
  const BAD: readonly (readonly [string, string])[] = [
    ['phase3', 'phase3'],
    ['all-phase3', 'phase3'],
    ['0x800', '0x800'],
    ['0x80000000', '0x80000000'],
    ['op+', 'op+'],
    ['', ''],
  ];
  for (const [text, word] of BAD) {
    it(`refuses "${text}"`, () => {
      assert.deepEqual(parseDebugLevel(text), { ok: false, error: word });
    });
  }
  it('shows categories in the order of their bits', () => {
    assert.deepEqual(
      categoriesIn(0x405).map(({ category }) => category),
      ['cert', 'op', 'label'],
    );
    assert.equal(isShown('phase1', 8), true);
    assert.equal(isShown('phase2', 8), false);
  });
});

describe('privilege levels', () => {
  it('are numbers or names', () => {
    assert.deepEqual(
      ['0', '1', '0x2', 'base', 'ModKeys', 'keymat'].map(parsePrivilegeLevel),
      [0, 1, 2, 0, 1, 2],
    );
    assert.deepEqual(['3', 'root', '', '-1'].map(parsePrivilegeLevel), [
      undefined,
      undefined,
      undefined,
      undefined,
    ]);
  });
});

describe('listing', () => {
  const serial = (entry: number): number => entry;
  it('walks a table in the order of serials, whatever its own', () => {
    const seen: number[] = [];
    let from: number | undefined = 0;
    while (from !== undefined) {
      const listed: ReturnType<typeof entryFrom<number>> = entryFrom([5, 1, 9, 4], serial, from);
      if (listed === undefined) break;
      seen.push(listed.entry);
      from = listed.next;
    }
    assert.deepEqual(seen, [1, 4, 5, 9]);
  });
  it('goes on after an entry that is gone', () => {
    assert.deepEqual(entryFrom([1, 9], serial, 4), { entry: 9, next: undefined });
    assert.equal(entryFrom([1, 9], serial, 10), undefined);
  });
});

describe('the path of the door', () => {
  it('is below the root', () => {
    assert.equal(doorPath('/'), '/var/run/ike_door');
    assert.equal(doorPath('/tmp/a'), '/tmp/a/var/run/ike_door');
    assert.equal(doorPath('/tmp/a//'), '/tmp/a/var/run/ike_door');
    assert.equal(doorPath('a'), 'a/var/run/ike_door');
  });
});
