import assert from 'node:assert/strict';
import { Throttle } from '../../daemon/throttle.js';
import { VirtualClock } from '../sim/virtual-clock.js';

describe('throttle', () => {
  it('lets one through per key and interval', () => {
    const clock = new VirtualClock();
    const throttle = new Throttle(clock, 1000);
    assert.equal(throttle.allows('a'), true);
    assert.equal(throttle.allows('b'), true);
    clock.advance(999);
    assert.equal(throttle.allows('a'), false);
    clock.advance(1);
    assert.equal(throttle.allows('a'), true);
    assert.equal(throttle.allows('a'), false);
  });

  it('is not put off by those it refuses', () => {
    const clock = new VirtualClock();
    const throttle = new Throttle(clock, 1000);
    let through = 0;
    for (let ms = 0; ms < 10_000; ms += 100) {
      if (throttle.allows('a')) through += 1;
      clock.advance(100);
    }
    assert.equal(through, 10);
  });

  it('forgets the key that was let through longest ago when there are too many', () => {
    const throttle = new Throttle(new VirtualClock(), 1000);
    throttle.allows('first');
    for (let key = 0; key < 1023; key++) throttle.allows(String(key));
    assert.equal(throttle.allows('first'), false);
    throttle.allows('one too many');
    assert.equal(throttle.allows('1022'), false);
    assert.equal(throttle.allows('first'), true);
  });
});
