/** docs/conformance.md says what is true: each test it names is there, and no requirement is missing. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { DOCUMENTS } from './documents.js';
import { requirementIds } from './page.js';
import { assertThere } from './titles.js';

/** `4.2.10` as numbers, appendices behind all sections. */
function sectionOrder(section: string): readonly number[] {
  return section.split('.').map((part) => (/^[A-Z]$/.test(part) ? 1000 + part.charCodeAt(0) : Number(part)));
}

function comesBefore(a: string, b: string): boolean {
  const [left, right] = [sectionOrder(a), sectionOrder(b)];
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const difference = (left[i] ?? -1) - (right[i] ?? -1);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

const REQUIREMENTS = DOCUMENTS.flatMap(({ rfc, requirements }) =>
  requirements.map((requirement) => ({ where: `RFC ${String(rfc)} ${requirement.section}`, ...requirement })),
);

describe('the conformance page', () => {
  for (const { rfc, requirements, keywords } of DOCUMENTS) {
    describe(`of RFC ${String(rfc)}`, () => {
      it('goes through its sections in their order', () => {
        const sections = requirements.map(({ section }) => section);
        sections.slice(1).forEach((section, index) => {
          const before = sections[index] ?? '';
          assert.ok(section === before || comesBefore(before, section), `${section} comes after ${before}`);
        });
        const ids = requirementIds(requirements);
        assert.equal(new Set(ids).size, ids.length);
      });

      it('says nothing twice in a section', () => {
        const said = requirements.map(({ section, level, text }) => `${section} ${level} ${text}`);
        assert.deepEqual(
          said.filter((one, index) => said.indexOf(one) !== index),
          [],
        );
      });

      it('has a row for each key word of the text', () => {
        for (const [section, counts] of Object.entries(keywords)) {
          for (const [level, count] of Object.entries(counts)) {
            const rows = requirements.filter((one) => one.section === section && one.level === level);
            assert.ok(
              rows.length >= count,
              `${section} has ${String(count)} ${level}, here are ${String(rows.length)}`,
            );
          }
        }
        const strange = requirements.filter(({ section }) => keywords[section] === undefined);
        assert.deepEqual(strange, [], 'sections without key words');
      });
    });
  }

  it('has a test or a reason in every row, in words of its own', () => {
    for (const { where, text, tests, whyNot } of REQUIREMENTS) {
      assert.ok(tests.length > 0 || whyNot !== undefined, `${where}: neither test nor reason: ${text}`);
      assert.ok(text.length <= 120 && text.endsWith('.'), `${where}: ${text}`);
    }
  });

  it('names decisions that stand in docs/decisions.md', () => {
    const decisions = readFileSync(new URL('../../docs/decisions.md', import.meta.url), 'utf8').replace(
      /\s+/g,
      ' ',
    );
    for (const { where, whyNot } of REQUIREMENTS) {
      if (whyNot?.kind === 'departure')
        assert.ok(decisions.includes(whyNot.decision), `${where}: no decision says: ${whyNot.decision}`);
    }
  });

  it('names tests that exist', async function () {
    // The dry run loads files in a process of its own, on a machine that may be busy.
    this.timeout(120_000);
    const shown = REQUIREMENTS.flatMap(({ where, tests }) => tests.map((test) => ({ where, ...test })));
    const suite = this.test?.parent;
    assert.ok(suite);
    await assertThere(suite, shown);
  });
});
