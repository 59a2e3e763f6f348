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

  it('throw out of the call what the first slice throws, for callers that do not wait', () => {
    const all = (): void => {
      void inSlices(new VirtualClock(), [1], () => {
        throw new Error('not this one');
      });
    };
    assert.throws(all, /not this one/);
  });

  it('leave time for others between them where nobody says how many', async () => {
    const clock = new VirtualClock();
    const [items, done] = [Array.from({ length: 1000 }, (_, n) => n), Array<number>()];
    const all = inSlices(clock, items, (item) => done.push(item));
    assert.ok(done.length > 0 && done.length < 1000);
    while (done.length < 1000) {
      const before = done.length;
      clock.advance(1);
      await settle();
      assert.ok(done.length > before && done.length - before < 1000);
    }
    await all;
    assert.deepEqual(done, items);
    await inSlices(clock, [], () => assert.fail('nothing is to be done'));
  });
});
