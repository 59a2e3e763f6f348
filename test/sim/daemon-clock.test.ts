import assert from 'node:assert/strict';
import { DaemonClock } from './daemon-clock.js';
import { VirtualClock } from './virtual-clock.js';

describe("a simulated daemon's clock", () => {
  it('fires nothing after it was stopped, and leaves the timers of others', () => {
    const time = new VirtualClock();
    const [one, other] = [new DaemonClock(time), new DaemonClock(time)];
    const fired: string[] = [];
    one.setTimeout(() => fired.push('one'), 10);
    other.setTimeout(() => fired.push('other'), 10);
    one.clearTimeout(one.setTimeout(() => fired.push('never'), 5));
    assert.equal(one.pending, 1);
    one.stop();
    one.setTimeout(() => fired.push('late'), 10);
    time.advance(100);
    assert.deepEqual(fired, ['other']);
    assert.deepEqual([one.pending, other.pending], [0, 0]);
  });

  it('may have its time of day set, which no interval feels', () => {
    const time = new VirtualClock(1_000_000);
    const clock = new DaemonClock(time);
    let fired = 0;
    clock.setTimeout(() => (fired = clock.now()), 50);
    clock.stepWall(-500_000);
    time.advance(50);
    assert.equal(fired, 50);
    assert.equal(clock.wallTime(), 500_050);
    assert.equal(time.wallTime(), 1_000_050);
  });
});
