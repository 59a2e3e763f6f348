import assert from 'node:assert/strict';
import fc from 'fast-check';
import { REPLAY_WINDOW, ReplayWindow } from '../../../../adapters/kernel/embedded/replay-window.js';

function after(...sequences: readonly number[]): ReplayWindow {
  const window = new ReplayWindow();
  for (const sequence of sequences) window.mark(sequence);
  return window;
}

describe('replay window', () => {
  it('never takes sequence number zero', () => {
    assert.equal(after().verdict(0), 'too-old');
  });

  it('takes late packets up to its left edge and not beyond', () => {
    const window = after(1000);
    assert.equal(window.verdict(1000 - REPLAY_WINDOW + 1), 'new');
    assert.equal(window.verdict(1000 - REPLAY_WINDOW), 'too-old');
    window.mark(1000 - REPLAY_WINDOW + 1);
    assert.equal(window.verdict(1000 - REPLAY_WINDOW + 1), 'duplicate');
  });

  it('remembers across the middle of its two halves', () => {
    for (const step of [1, 31, 32, 33, 63]) {
      const window = after(100, 100 + step);
      assert.equal(window.verdict(100), 'duplicate', `slid by ${String(step)}`);
      assert.equal(window.verdict(101 + step), 'new');
    }
    assert.equal(after(100, 164).verdict(100), 'too-old');
  });

  it('works at the end of the number space', () => {
    const top = 2 ** 32 - 1;
    const window = after(top);
    assert.equal(window.verdict(top), 'duplicate');
    assert.equal(window.verdict(top - 1), 'new');
  });

  it('does what a set of all numbers seen would do', () => {
    const sequences = fc.array(
      fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 2 ** 32 - 1 })),
    );
    fc.assert(
      fc.property(sequences, (numbers) => {
        const window = new ReplayWindow();
        const seen = new Set<number>();
        let top = 0;
        for (const number of numbers) {
          const expected = number <= top - REPLAY_WINDOW ? 'too-old' : seen.has(number) ? 'duplicate' : 'new';
          assert.equal(window.verdict(number), expected);
          if (expected !== 'new') continue;
          window.mark(number);
          seen.add(number);
          top = Math.max(top, number);
        }
      }),
    );
  });
});
