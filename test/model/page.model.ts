/** What the charts do is written down for people to read, and a change of it shows as a change of that page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { generateDocs } from '../../tools/generate-docs.js';

describe('docs/outcomes.md', () => {
  it('tells what the charts do', async () => {
    for (const [file, page] of await generateDocs()) {
      if (file.pathname.endsWith('/outcomes.md'))
        assert.equal(readFileSync(file, 'utf8'), page, 'look at what changed, then: npm run docs');
    }
  });
});
