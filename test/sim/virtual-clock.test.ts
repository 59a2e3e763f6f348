import assert from 'node:assert/strict';
import fc from 'fast-check';
import { VirtualClock } from './virtual-clock.js';

describe('virtual clock', () => {
  it('stands still until it is advanced', () => {
    const clock = new VirtualClock(1_000_000);
    let fired = 0;
    clock.setTimeout(() => (fired += 1), 0);
    assert.equal(fired, 0);
    assert.equal(clock.pending, 1);
    clock.advance(0);
    assert.equal(fired, 1);
    assert.equal(clock.pending, 0);
    clock.advance(250);
    assert.equal(clock.now(), 250);
    assert.equal(clock.wallTime(), 1_000_250);
  });

  it('fires in order of time and then of setting, and shows each the time it asked for', () => {
    const seen: [string, number][] = [];
    const clock = new VirtualClock();
    const set = (name: string, ms: number): unknown =>
      clock.setTimeout(() => seen.push([name, clock.now()]), ms);
    set('c', 30);
    set('a', 10);
    set('b1', 20);
    set('b2', 20);
    set('never', 31);
    clock.advance(30);
    assert.deepEqual(seen, [
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['c', 30],
    ]);
    assert.equal(clock.nextDue(), 31);
  });

  it('fires within the same advance what a timer sets for before its end', () => {
    const seen: number[] = [];
    const clock = new VirtualClock();
    const again = (): void => {
      seen.push(clock.now());
      clock.setTimeout(again, 10);
    };
    clock.setTimeout(again, 10);
    clock.advance(35);
    assert.deepEqual(seen, [10, 20, 30]);
    assert.equal(clock.now(), 35);
    assert.equal(clock.nextDue(), 40);
  });

  it('does not fire what was cleared, and forgives clearing twice or after the firing', () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    const late = clock.setTimeout(() => fired.push('late'), 20);
    const early = clock.setTimeout(() => {
      fired.push('early');
      clock.clearTimeout(late);
    }, 10);
    const never = clock.setTimeout(() => fired.push('never'), 5);
    clock.clearTimeout(never);
    clock.clearTimeout(never);
    clock.clearTimeout(undefined);
    assert.equal(clock.pending, 2);
    assert.equal(clock.nextDue(), 10);
    clock.advance(100);
    clock.clearTimeout(early);
    assert.deepEqual(fired, ['early']);
    assert.equal(clock.pending, 0);
    assert.equal(clock.nextDue(), undefined);
  });

  it('lets out what a timer throws, and goes on afterwards', () => {
    const clock = new VirtualClock();
    let fired = false;
    clock.setTimeout(() => {
      throw new Error('broken timer');
    }, 5);
    clock.setTimeout(() => (fired = true), 6);
    assert.throws(() => {
      clock.advance(10);
    }, /broken timer/);
    assert.equal(clock.now(), 5);
    clock.advance(5);
    assert.ok(fired);
  });

  it('agrees with a sorted list, whatever is set and cleared', () => {
    const timers = fc.array(fc.record({ ms: fc.nat({ max: 50 }), cleared: fc.boolean() }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(timers, (plan) => {
        const clock = new VirtualClock();
        const fired: number[] = [];
        const handles = plan.map(({ ms }, index) => clock.setTimeout(() => fired.push(index), ms));
        plan.forEach(({ cleared }, index) => {
          if (cleared) clock.clearTimeout(handles[index]);
        });
        clock.advance(50);
        const expected = plan
          .map((timer, index) => ({ ...timer, index }))
          .filter(({ cleared }) => !cleared)
          .sort((a, b) => a.ms - b.ms || a.index - b.index)
          .map(({ index }) => index);
        assert.deepEqual(fired, expected);
      }),
    );
  });
});
