/** Every failure code is provoked by a test, explained and documented. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { FAILURE_CODES } from '../../services/failure/codes.js';
import { PROVOCATIONS } from '../sim/provocations/all.js';

describe('failure codes', () => {
  const codes = Object.keys(FAILURE_CODES).sort();

  it('are each provoked by a test', () => {
    assert.deepEqual([...new Set(PROVOCATIONS.map(({ code }) => code))].sort(), codes);
  });

  it('have a heading each in docs/failures.md, and no other has one', () => {
    const page = readFileSync(new URL('../../docs/failures.md', import.meta.url), 'utf8');
    const headings = [...page.matchAll(/^## (.+)$/gm)].map(([, heading = '']) => heading);
    assert.deepEqual(headings.sort(), codes);
  });
});
