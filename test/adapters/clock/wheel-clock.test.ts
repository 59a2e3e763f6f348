import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { TimeSource } from '../../../adapters/clock/wheel-clock.js';
import { WheelClock } from '../../../adapters/clock/wheel-clock.js';

/** Time that a test moves; it ticks only when told to, so that a busy event loop can be played too. */
class HandTime implements TimeSource {
  time = 5_000.25;
  private ticking: (() => void) | undefined;
  private readonly waiting: (() => void)[] = [];
  private readonly afterwards: (() => void)[] = [];

  get isTicking(): boolean {
    return this.ticking !== undefined;
  }

  now(): number {
    return this.time;
  }

  wallTime(): number {
    return 1_700_000_000_000 + this.time;
  }

  every(_ms: number, run: () => void): () => void {
    assert.equal(this.ticking, undefined, 'one ticker at a time');
    this.ticking = run;
    return () => {
      this.ticking = undefined;
    };
  }

  soon(run: () => void): void {
    this.waiting.push(run);
  }

  afterTurn(run: () => void): void {
    this.afterwards.push(run);
  }

  /** This turn of the event loop ends, and another begins. */
  nextTurn(): void {
    for (const run of this.afterwards.splice(0)) run();
  }

  /** What else waited has had its turn. */
  goOn(): void {
    for (const run of this.waiting.splice(0)) run();
  }

  /** Moves on by `ms` at once, as when the event loop was held up, then ticks. */
  jump(ms: number): void {
    this.time += ms;
    this.ticking?.();
  }

  /** Moves on by `ms`, ticking every `step`. */
  pass(ms: number, step = 10): void {
    for (let passed = 0; passed < ms; passed += step) this.jump(Math.min(step, ms - passed));
  }
}

const TICK = 25;

function wheel(source: HandTime, slots = 8): { clock: WheelClock; errors: unknown[] } {
  const errors: unknown[] = [];
  const clock = new WheelClock({ source, tick: TICK, slots, onError: (error) => errors.push(error) });
  return { clock, errors };
}

describe('wheel clock', () => {
  it('lets others have their turn among very many timers, and fires all in their order', () => {
    const source = new HandTime();
    const { clock } = wheel(source);
    const fired: number[] = [];
    for (let n = 0; n < 100; n++)
      clock.setTimeout(() => {
        fired.push(n);
        // What each takes.
        source.time += 1;
      }, 10 + n);
    source.jump(1000);
    assert.equal(fired.length, 10);
    // What is set meanwhile comes behind what waits; a tick among them does no harm.
    clock.setTimeout(() => fired.push(100), 1);
    source.goOn();
    assert.equal(fired.length, 20);
    source.jump(TICK);
    for (let turn = 0; turn < 12; turn++) source.goOn();
    source.jump(TICK);
    assert.deepEqual(
      fired,
      Array.from({ length: 101 }, (_, n) => n),
    );
    assert.deepEqual([clock.pending, source.isTicking], [0, false]);
  });

  it('fires each timer once, never early and at most one tick late, also beyond a turn of the wheel', () => {
    const durations = fc.array(fc.double({ min: 0, max: 2_000, noNaN: true }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(durations, fc.nat({ max: 100 }), (plan, pause) => {
        const source = new HandTime();
        const { clock } = wheel(source);
        const fired = new Map<number, number>();
        source.time += pause;
        const start = clock.now();
        plan.forEach((ms, index) => {
          clock.setTimeout(() => {
            assert.ok(!fired.has(index));
            fired.set(index, clock.now() - start);
          }, ms);
        });
        source.pass(2_000 + 3 * TICK, TICK);
        plan.forEach((ms, index) => {
          const after = fired.get(index) ?? Infinity;
          assert.ok(
            after >= ms - 1e-6 && after <= ms + TICK + 1e-6,
            `${String(ms)} fired after ${String(after)}`,
          );
        });
        assert.equal(clock.pending, 0);
      }),
    );
  });

  it('ticks only while a timer is set', () => {
    const source = new HandTime();
    const { clock } = wheel(source);
    assert.ok(!source.isTicking);
    const one = clock.setTimeout(() => undefined, 100);
    clock.setTimeout(() => undefined, 50);
    assert.ok(source.isTicking);
    clock.clearTimeout(one);
    assert.ok(source.isTicking);
    source.pass(100);
    assert.ok(!source.isTicking);
    assert.equal(clock.pending, 0);
  });

  it('does not count the time it rested against a new timer', () => {
    const source = new HandTime();
    const { clock } = wheel(source);
    clock.setTimeout(() => undefined, 10);
    source.pass(100);
    source.time += 60_000;
    let fired = 0;
    clock.setTimeout(() => (fired += 1), 200);
    source.pass(199);
    assert.equal(fired, 0);
    source.pass(2 * TICK);
    assert.equal(fired, 1);
  });

  it('catches up in order after the event loop was held up for several turns', () => {
    const source = new HandTime();
    const { clock } = wheel(source);
    const fired: number[] = [];
    for (const ms of [900, 31, 450, 30, 8_000]) clock.setTimeout(() => fired.push(ms), ms);
    source.jump(1_000);
    assert.deepEqual(fired, [30, 31, 450, 900]);
    assert.equal(clock.pending, 1);
    source.jump(7_000);
    assert.equal(fired.at(-1), 8_000);
  });

  it('fires neither what was cleared nor anything twice; clearing again is no error', () => {
    const source = new HandTime();
    const { clock } = wheel(source);
    const fired: string[] = [];
    const cleared = clock.setTimeout(() => fired.push('cleared'), 40);
    const neighbour = clock.setTimeout(() => fired.push('neighbour'), 60);
    clock.setTimeout(
      () => {
        fired.push('first');
        clock.clearTimeout(neighbour);
      },
      60 - 5 * TICK,
    );
    clock.clearTimeout(cleared);
    clock.clearTimeout(cleared);
    clock.clearTimeout(undefined);
    source.pass(500);
    clock.clearTimeout(neighbour);
    assert.deepEqual(fired, ['first']);
    assert.equal(clock.pending, 0);
  });

  it('lets a timer clear one of the same tick that has not fired yet', () => {
    const source = new HandTime();
    const { clock } = wheel(source);
    const fired: string[] = [];
    clock.setTimeout(() => {
      fired.push('a');
      clock.clearTimeout(b);
    }, 50);
    const b = clock.setTimeout(() => fired.push('b'), 50);
    source.pass(200);
    assert.deepEqual(fired, ['a']);
  });

  it('takes a timer that a timer sets, also as the only one', () => {
    const source = new HandTime();
    const { clock } = wheel(source);
    const fired: number[] = [];
    const again = (): void => {
      fired.push(clock.now());
      if (fired.length < 4) clock.setTimeout(again, 0);
    };
    clock.setTimeout(again, 0);
    source.pass(1_000);
    assert.equal(fired.length, 4);
    assert.deepEqual(fired, [...new Set(fired)], 'a tick apart');
    assert.ok(!source.isTicking);
  });

  it('reports what a timer throws and goes on', () => {
    const source = new HandTime();
    const { clock, errors } = wheel(source);
    let fired = false;
    clock.setTimeout(() => {
      throw new Error('broken timer');
    }, 30);
    clock.setTimeout(() => (fired = true), 30);
    source.pass(100);
    assert.ok(fired);
    assert.match(String(errors[0]), /broken timer/);
    assert.equal(errors.length, 1);
  });

  it('forgets everything when it is closed, also by a timer', () => {
    const source = new HandTime();
    const { clock } = wheel(source);
    let fired = 0;
    clock.setTimeout(() => {
      fired += 1;
      clock.close();
    }, 30);
    clock.setTimeout(() => (fired += 1), 30);
    clock.setTimeout(() => (fired += 1), 500);
    source.pass(1_000);
    assert.equal(fired, 1);
    assert.equal(clock.pending, 0);
    assert.ok(!source.isTicking);
  });

  it('keeps the time of the system when none is given', async () => {
    const clock = new WheelClock({ tick: 5, onError: (error) => assert.fail(String(error)) });
    const start = performance.now();
    await new Promise<void>((resolve) => clock.setTimeout(resolve, 20));
    assert.ok(performance.now() - start >= 20);
    assert.ok(Math.abs(clock.wallTime() - Date.now()) < 1_000);
    assert.equal(clock.pending, 0);
  });

  it('says the same of all that happens in one turn, unless it was looked at since, and looks again in the next', () => {
    const time = new HandTime();
    const { clock } = wheel(time);
    const first = clock.thisTurn();
    time.time += 3;
    assert.equal(clock.thisTurn(), first);
    assert.equal(clock.now(), first + 3);
    assert.equal(clock.thisTurn(), first + 3);
    time.time += 2;
    time.nextTurn();
    assert.equal(clock.thisTurn(), first + 5);
  });

  it('sees turns of the event loop end', async () => {
    const clock = new WheelClock({ onError: (error) => assert.ifError(error) });
    const spin = (): void => {
      const begun = performance.now();
      while (performance.now() === begun);
    };
    const first = clock.thisTurn();
    spin();
    assert.equal(clock.thisTurn(), first);
    await new Promise((resolve) => setImmediate(resolve));
    assert.notEqual(clock.thisTurn(), first);
  });
});
