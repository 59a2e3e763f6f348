/** What the charts do is written down for people to read, and a change of it shows as a change of that page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { chartOutcomes } from '../../tools/chart-outcomes.js';

/** Without the spaces and rules that only make its tables look good. */
function plain(page: string): readonly string[] {
  const lines = page.split('\n').map((line) => line.replace(/\s+/g, ' ').trim());
  return lines.filter((line) => line !== '' && !/^[| -]+$/.test(line));
}

describe('docs/outcomes.md', () => {
  it('tells what the charts do', () => {
    const page = plain(readFileSync('docs/outcomes.md', 'utf8'));
    const rows = new Set(page);
    const missing = plain(chartOutcomes()).filter((line) => line.startsWith('|') && !rows.has(line));
    assert.deepEqual(missing, [], 'look at what changed, then: npm run docs');
    const told = new Set(plain(chartOutcomes()));
    assert.deepEqual(
      page.filter((line) => line.startsWith('|') && !told.has(line)),
      [],
    );
  });
});
