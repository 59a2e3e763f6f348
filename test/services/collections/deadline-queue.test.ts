import assert from 'node:assert/strict';
import fc from 'fast-check';
import { DeadlineQueue, type Deadline } from '../../../services/collections/deadline-queue.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

interface Named extends Deadline {
  readonly name: string;
}

function named(name: string): Named {
  return { name, due: 0, position: -1 };
}

describe('deadline queue', () => {
  it('ends items at their times, under one timer', () => {
    const clock = new VirtualClock();
    const ended: string[] = [];
    const queue = new DeadlineQueue<Named>(clock, (item) =>
      ended.push(`${item.name} ${String(clock.now())}`),
    );
    queue.set(named('b'), 20);
    queue.set(named('a'), 10);
    queue.set(named('c'), 30);
    assert.equal(clock.pending, 1);
    clock.advance(25);
    assert.deepEqual(ended, ['a 10', 'b 20']);
    clock.advance(5);
    assert.deepEqual(ended, ['a 10', 'b 20', 'c 30']);
    assert.equal(clock.pending, 0);
  });

  it('waits longer than a timer can', () => {
    const clock = new VirtualClock();
    const ended: string[] = [];
    const queue = new DeadlineQueue<Named>(clock, (item) => ended.push(item.name));
    queue.set(named('late'), 2 ** 33);
    clock.advance(2 ** 33 - 1);
    assert.deepEqual(ended, []);
    clock.advance(1);
    assert.deepEqual(ended, ['late']);
  });

  it('lets an item that ends put others in and take others out', () => {
    const clock = new VirtualClock();
    const ended: string[] = [];
    const [victim, later] = [named('victim'), named('later')];
    const queue = new DeadlineQueue<Named>(clock, (item) => {
      ended.push(item.name);
      if (item.name !== 'first') return;
      queue.remove(victim);
      queue.set(later, 15);
    });
    queue.set(named('first'), 10);
    queue.set(victim, 10);
    clock.advance(100);
    assert.deepEqual(ended, ['first', 'later']);
    assert.equal(clock.pending, 0);
  });

  it('keeps the order under any sequence of sets and removals', () => {
    const step = fc.record({
      item: fc.nat(19),
      due: fc.option(fc.nat(1000), { nil: undefined }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const clock = new VirtualClock();
        const ended: Named[] = [];
        const queue = new DeadlineQueue<Named>(clock, (item) => ended.push(item));
        const items = Array.from({ length: 20 }, (_, index) => named(String(index)));
        const expected = new Map<string, number>();
        for (const { item: index, due } of steps) {
          const item = items[index];
          if (item === undefined) continue;
          if (due === undefined) {
            queue.remove(item);
            expected.delete(item.name);
          } else {
            queue.set(item, due);
            expected.set(item.name, due);
          }
        }
        assert.equal(queue.size, expected.size);
        clock.advance(2000);
        assert.deepEqual(new Map(ended.map(({ name, due }) => [name, due])), expected);
        const dues = ended.map(({ due }) => due);
        assert.deepEqual(
          dues,
          dues.toSorted((a, b) => a - b),
        );
        assert.equal(clock.pending, 0);
      }),
    );
  });
});
