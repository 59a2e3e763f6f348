import assert from 'node:assert/strict';
import { inSlices } from '../../daemon/in-slices.js';
import { settle } from '../sim/simulated-daemon.js';
import { VirtualClock } from '../sim/virtual-clock.js';

describe('very many things, done in slices', () => {
  it('are all done in their order, the first slice at once', async () => {
    const clock = new VirtualClock();
    const done: number[] = [];
    const all = inSlices(clock, [1, 2, 3, 4, 5], (item) => void done.push(item), 2);
    assert.deepEqual(done, [1, 2]);
    clock.advance(1);
    await settle();
    assert.deepEqual(done, [1, 2, 3, 4]);
    clock.advance(1);
    await settle();
    assert.deepEqual(done, [1, 2, 3, 4, 5]);
    await all;
  });

  it('are told to who waits when one of them fails', async () => {
    const clock = new VirtualClock();
    const all = inSlices(
      clock,
      [1, 2],
      (item) => {
        if (item === 2) throw new Error('not this one');
      },
      1,
    );
    clock.advance(1);
    await assert.rejects(all, /not this one/);
  });
});
