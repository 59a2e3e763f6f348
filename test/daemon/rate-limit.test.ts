import assert from 'node:assert/strict';
import { RateLimit } from '../../daemon/rate-limit.js';
import { VirtualClock } from '../sim/virtual-clock.js';

function takes(limit: RateLimit, key: string, times: number): number {
  let taken = 0;
  for (let n = 0; n < times; n++) taken += limit.take(key) ? 1 : 0;
  return taken;
}

describe('a rate limit', () => {
  it('lets a burst through and then so many a second, for each key', () => {
    const clock = new VirtualClock();
    const limit = new RateLimit(clock, { perSecond: 10, burst: 5 });
    assert.equal(takes(limit, 'a', 20), 5);
    assert.equal(takes(limit, 'b', 20), 5);
    clock.advance(300);
    assert.equal(takes(limit, 'a', 20), 3);
    clock.advance(60_000);
    assert.equal(takes(limit, 'a', 20), 5);
  });

  it('counts what was given back as not taken, and never more than a burst', () => {
    const limit = new RateLimit(new VirtualClock(), { perSecond: 1, burst: 2 });
    for (let n = 0; n < 100; n++) {
      assert.ok(limit.take('a'));
      limit.giveBack('a');
    }
    for (let n = 0; n < 10; n++) limit.giveBack('a');
    assert.equal(takes(limit, 'a', 10), 2);
  });

  it('gives nothing to keys there is no room for when one gives back to a bucket that was full and is gone', () => {
    const clock = new VirtualClock();
    const limit = new RateLimit(clock, { perSecond: 1, burst: 1 });
    assert.ok(limit.take('good'));
    for (let n = 0; n < 4095; n++) assert.ok(limit.take(`forged ${String(n)}`));
    assert.equal(takes(limit, 'without a bucket', 10), 1);
    limit.giveBack('good');
    assert.equal(limit.size, 4095);
    limit.giveBack('good');
    assert.ok(limit.take('has its place'));
    assert.equal(takes(limit, 'without a bucket', 10), 0);
  });

  it('remembers a bounded number of keys, and forgets none that would gain by it', () => {
    const clock = new VirtualClock();
    const limit = new RateLimit(clock, { perSecond: 1, burst: 3 });
    assert.equal(takes(limit, 'greedy', 10), 3);
    let passed = 0;
    for (let n = 0; n < 10_000; n++) passed += limit.take(`forged ${String(n)}`) ? 1 : 0;
    // Those there is no room for share one bucket.
    assert.equal(passed, 4095 + 3);
    assert.equal(limit.size, 4096);
    assert.equal(takes(limit, 'greedy', 10), 0);
    clock.advance(10_000);
    assert.equal(takes(limit, 'late', 10), 3);
    assert.equal(limit.size, 4096);
  });
});
