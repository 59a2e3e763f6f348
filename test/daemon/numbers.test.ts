/** Numbers for names of negotiations and SAs. */
import assert from 'node:assert/strict';
import { Numbers } from '../../daemon/numbers.js';

describe('numbers for names', () => {
  it('count from 1 for a daemon that is alone', () => {
    const numbers = new Numbers();
    assert.deepEqual([numbers.next(), numbers.next(), numbers.next()], [1, 2, 3]);
  });

  it('are given to one of several workers only', () => {
    const workers = [0, 1, 2].map((index) => new Numbers({ index, count: 3 }));
    const given = [0, 1, 2, 3].flatMap(() => workers.map((worker) => worker.next()));
    assert.deepEqual(
      given,
      Array.from({ length: 12 }, (_, n) => n + 1),
    );
  });
});
