/** The text of the file of our SAs: read back as it was written, and whatever is in it. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { RememberedSa } from '../../../services/state/remembered-sa.js';
import { goneLine, JOURNAL_HEADER, madeLine, parseJournal } from '../../../services/state/sa-journal.js';
import { sampleSa } from './sample-sa.js';

function read(text: string) {
  const journal = parseJournal(text);
  assert.ok(journal.ok, journal.ok ? '' : journal.error);
  return journal.value;
}

const SAS: readonly RememberedSa[] = [
  sampleSa({ spi: 0x1234_5678 }),
  sampleSa({
    spi: 0xffff_ffff,
    protocol: 51,
    direction: 'inbound',
    mode: 'transport',
    softSeconds: undefined,
    hardSeconds: undefined,
    source: '2001:db8::1',
    destination: '2001:db8::2',
    bundle: [
      { protocol: 51, spi: 0xffff_ffff },
      { protocol: 50, spi: 0x100 },
    ],
  }),
  sampleSa({
    spi: 0x200,
    maker: {
      rule: 'a "label"\nwith {anything}',
      localPort: 4500,
      translated: true,
      peer: { identity: undefined, port: 61_234, translated: true },
    },
  }),
];

describe('the file of our SAs', () => {
  it('is read back as it was written', () => {
    const { sas, spoiled, lines } = read(JOURNAL_HEADER + SAS.map(madeLine).join(''));
    assert.deepEqual(sas, SAS);
    assert.deepEqual([spoiled, lines], [[], 4]);
  });

  it('forgets what went, and keeps what was said last of what changed', () => {
    const [first, second, third] = SAS;
    assert.ok(first && second && third);
    const moved = { ...first, maker: third.maker };
    const text =
      JOURNAL_HEADER + [madeLine(first), madeLine(second), goneLine(second), madeLine(moved)].join('');
    assert.deepEqual(read(text).sas, [moved]);
  });

  it('cut off anywhere costs the last line and no other', () => {
    const text = JOURNAL_HEADER + SAS.map(madeLine).join('');
    for (let length = JOURNAL_HEADER.length; length < text.length; length += 7) {
      const whole = text.slice(0, length).split('\n').length - 2;
      const { sas, spoiled } = read(text.slice(0, length));
      // The newline alone may be missing.
      assert.ok(sas.length === whole || (sas.length === whole + 1 && text[length] === '\n'), String(length));
      assert.deepEqual(sas, SAS.slice(0, sas.length));
      assert.ok(spoiled.length <= 1);
    }
  });

  it('of another version, or of another kind, is not read', () => {
    const newer = '{"ikechart":"sas","version":2}\n';
    assert.deepEqual(parseJournal(newer), { ok: false, error: 'it is of version 2' });
    for (const text of ['', 'x', '{}', '[]', 'null', '{"ikechart":"sas"}', '"ikechart"', 'x'.repeat(100_000)])
      assert.deepEqual(parseJournal(text), { ok: false, error: 'its first line is not that of such a file' });
  });

  it('holds no line that would make an SA of something else', () => {
    const [sa] = SAS;
    assert.ok(sa);
    const plain = JSON.parse(madeLine(sa)) as { made: Record<string, unknown> };
    const wrong: readonly Record<string, unknown>[] = [
      { spi: 0 },
      { spi: 2 ** 32 },
      { spi: '1' },
      { protocol: 6 },
      { destination: 'nowhere' },
      { destination: '2001:db8::1' },
      { source: 7 },
      { direction: 'both' },
      { mode: 'beet' },
      { madeAt: 'yesterday' },
      { madeAt: 1.5 },
      { selectors: undefined },
      { selectors: { local: 1, remote: 2, protocol: 0 } },
      { pairSpi: -1 },
      { bundle: [] },
      { bundle: [{ protocol: 50, spi: 7 }] },
      { bundle: 'none' },
      { maker: undefined },
      { maker: { rule: 'x'.repeat(2000) } },
    ];
    for (const patch of wrong) {
      const line = JSON.stringify({ made: { ...plain.made, ...patch } });
      const { sas, spoiled } = read(`${JOURNAL_HEADER}${line}\n`);
      assert.deepEqual([sas, spoiled], [[], [2]], line);
    }
  });

  it('with anything at all in it neither throws nor loses the good lines', () => {
    const [sa] = SAS;
    assert.ok(sa);
    const good = madeLine(sa);
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.string(), fc.json(), fc.constant(good.slice(5, 90))), { maxLength: 8 }),
        (junk) => {
          const lines = junk.map((line) => `${line.replaceAll('\n', ' ')}\n`);
          const { sas, spoiled } = read(JOURNAL_HEADER + lines.join('') + good);
          assert.deepEqual(sas, [sa]);
          assert.equal(spoiled.length, junk.length);
        },
      ),
      { numRuns: 50 },
    );
  });
});
