/** The lists of rows say what is true: each test they name is there, and each row has a test or a reason. */
import assert from 'node:assert/strict';
import { assertThere } from '../conformance/titles.js';
import { MANUALS } from './manuals.js';

const ROWS = MANUALS.flatMap(({ command, sections }) =>
  sections.flatMap(({ rows }) => rows.map((row) => ({ where: `${command} ${row.id}`, ...row }))),
);

describe('the rows of the manual pages', () => {
  it('have a test or a reason each, and an id and words of their own', () => {
    for (const { where, text, tests, leftOut } of ROWS) {
      assert.ok(tests.length > 0 || leftOut !== undefined, `${where}: neither test nor reason: ${text}`);
      assert.ok(text.length <= 140 && text.endsWith('.'), `${where}: ${text}`);
    }
    const ids = ROWS.map(({ where }) => where);
    assert.equal(new Set(ids).size, ids.length, 'an id comes twice');
    const texts = ROWS.map(({ where, text }) => `${where.replace(/\.\d+$/, '')}: ${text}`);
    assert.deepEqual(
      texts.filter((text, index) => texts.indexOf(text) !== index),
      [],
      'said twice in a section',
    );
  });

  it('name tests that exist', async function () {
    // The dry run loads files in a process of its own, on a machine that may be busy.
    this.timeout(120_000);
    const shown = ROWS.flatMap(({ where, tests }) => tests.map((test) => ({ where, ...test })));
    const suite = this.test?.parent;
    assert.ok(suite);
    await assertThere(suite, shown);
  });
});
