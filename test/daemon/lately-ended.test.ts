import assert from 'node:assert/strict';
import { LatelyEnded } from '../../daemon/lately-ended.js';
import { VirtualClock } from '../sim/virtual-clock.js';

describe('what has lately ended', () => {
  it('is forgotten once, when its time is over', () => {
    const clock = new VirtualClock();
    const ended = new LatelyEnded(clock, 10);
    const forgotten: string[] = [];
    ended.keep('a', 100, () => forgotten.push('a'));
    ended.keep('b', 50, () => forgotten.push('b'));
    clock.advance(99);
    assert.deepEqual(forgotten, ['b']);
    clock.advance(1);
    assert.deepEqual(forgotten, ['b', 'a']);
    assert.equal(ended.size, 0);
    assert.equal(clock.pending, 0);
  });

  it('is forgotten before its time when there is no room, oldest first, and leaves no timer', () => {
    const clock = new VirtualClock();
    const ended = new LatelyEnded(clock, 2);
    const forgotten: string[] = [];
    for (const id of ['a', 'b', 'c', 'd']) ended.keep(id, 1000, () => forgotten.push(id));
    assert.deepEqual(forgotten, ['a', 'b']);
    assert.equal(clock.pending, 2);
    clock.advance(1000);
    assert.deepEqual(forgotten, ['a', 'b', 'c', 'd']);
  });
});
