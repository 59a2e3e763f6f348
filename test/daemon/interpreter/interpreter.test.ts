/** A chart under the daemon's interpreter and under XState's. All charts in all places: `test/model/interpreter.model.ts`. */
import assert from 'node:assert/strict';
import { type AnyStateMachine, assign, createActor, createMachine, not, raise, setup } from 'xstate';
import { actorOf } from '../../../daemon/interpreter/actor-of.js';
import { interpretByTables } from '../../../daemon/interpreter/interpreter.js';
import { asJob } from '../../../machines/job.js';
import { difference } from '../../model/difference.js';
import { possible } from '../../model/subject.js';
import { VirtualClock } from '../../sim/virtual-clock.js';

function interpreted<M extends AnyStateMachine>(machine: M): M {
  interpretByTables(machine);
  return machine;
}

describe('a chart that is run by tables', () => {
  /** Words that charts of these tests are written in. */
  const words = setup({
    types: { context: {} as { count: number } },
    actions: {
      enter: () => undefined,
      leave: () => undefined,
      count: assign({ count: ({ context }) => Math.min(context.count + 1, 3) }),
      next: raise({ type: 'NEXT' }),
    },
    guards: { few: ({ context }) => context.count < 2 },
    delays: { while: ({ context }) => 50 + context.count },
  });

  it('settles conflicts of regions, re-entry and targets in regions as XState does', () => {
    // Also what our charts do not use yet: none of them shall be the first.
    const chart = words.createMachine({
      id: 'sample',
      initial: 'apart',
      context: () => ({ count: 0 }),
      states: {
        apart: {
          type: 'parallel',
          entry: 'enter',
          exit: 'leave',
          on: { OVER: 'together', AGAIN: { target: 'apart', reenter: true }, BELOW: '.left.two' },
          states: {
            left: {
              initial: 'one',
              exit: 'count',
              on: { BOTH: '#end', WITHIN: '.two', SELF: { target: 'left', reenter: true } },
              states: {
                one: {
                  exit: 'leave',
                  on: {
                    NEXT: 'two',
                    BOTH: 'two',
                    CROSS: '#right.two',
                    COUNT: { actions: ['count', 'next'] },
                  },
                },
                two: {
                  entry: 'enter',
                  on: { NEXT: 'one', SELF: 'two', BELOW: { target: '#right', actions: 'enter' } },
                  after: { while: { guard: 'few', target: 'one', actions: 'count' } },
                },
              },
            },
            right: {
              id: 'right',
              initial: 'one',
              states: {
                one: { on: { NEXT: 'two', BOTH: '#sample.together' } },
                two: { entry: ['enter', 'next'], on: { NEXT: [{ target: 'one', guard: 'few' }, {}] } },
              },
            },
          },
        },
        together: { entry: ['enter', 'count'], on: { NEXT: 'apart', BELOW: '#right.two' } },
        end: { id: 'end', type: 'final' },
      },
      output: 'over',
    });
    assert.equal(difference('sample', chart, interpreted(chart.provide({})), possible), undefined);
  });

  describe('has an actor', () => {
    const chart = setup({
      types: { input: {} as { count: number }, context: {} as { count: number } },
    }).createMachine({
      context: ({ input }) => ({ count: input.count }),
      initial: 'one',
      states: { one: {} },
    });
    const clock = new VirtualClock();

    it('whose context is made of its own input, and whose first event tells it', () => {
      const machine = interpreted(chart.provide({}));
      for (const count of [1, 2]) {
        const actor = actorOf(machine, { count }, clock);
        const told: unknown[] = [];
        actor.system.inspect((report) => {
          if (report.type === '@xstate.event') told.push(report.event);
        });
        actor.start();
        assert.deepEqual(actor.getSnapshot().context, { count });
        assert.deepEqual(told, [{ type: 'xstate.init', input: { count } }]);
      }
      const other = createActor(machine, { input: { count: 3 } });
      assert.deepEqual(other.getSnapshot().context, { count: 3 }, 'made otherwise');
    });

    it('not where XState itself would run it, which would miss the input', () => {
      assert.throws(() => actorOf(chart.provide({}), { count: 1 }, clock), /not run by tables/);
    });
  });

  it('is told apart where it is another', () => {
    const chart = (entry: 'enter' | 'leave') =>
      words.createMachine({
        initial: 'one',
        context: () => ({ count: 0 }),
        states: { one: { on: { NEXT: 'two' } }, two: { entry } },
      });
    assert.deepEqual(difference('sample', chart('enter'), interpreted(chart('leave')), possible), ['NEXT']);
  });

  describe('with jobs', () => {
    const begun: string[] = [];
    const left: string[] = [];
    const job = (name: string) => {
      const logic = asJob(() => {
        begun.push(name);
        return new Promise<void>(() => undefined);
      });
      const transition: typeof logic.transition = (snapshot, event) => {
        if (event.type === 'xstate.stop') left.push(name);
        return logic.transition(snapshot, event);
      };
      return { ...logic, transition };
    };
    const chart = setup({
      actors: { passed: job('passed'), worked: job('worked') },
      actions: { next: raise({ type: 'NEXT' }) },
      delays: { soon: 10 },
    }).createMachine({
      initial: 'quiet',
      context: () => ({}),
      states: {
        quiet: { on: { NEXT: 'passing' } },
        passing: { entry: 'next', invoke: { src: 'passed' }, on: { NEXT: 'working' } },
        working: { invoke: { src: 'worked' }, on: { NEXT: 'quiet', END: 'over' }, after: { soon: 'over' } },
        over: { type: 'final' },
      },
    });
    const clock = new VirtualClock();

    beforeEach(() => {
      begun.length = 0;
      left.length = 0;
    });

    for (const [words, end] of [
      ['a transition leaves', 'NEXT'],
      ['the end of the chart leaves', 'END'],
    ] as const) {
      it(`never begins one that the same event leaves again, and stops one that ${words}`, () => {
        const actor = createActor(interpreted(chart.provide({})), { clock }).start();
        actor.send({ type: 'NEXT' });
        assert.equal(actor.getSnapshot().value, 'working');
        assert.deepEqual([begun, left], [['worked'], []]);
        actor.send({ type: end });
        assert.deepEqual([begun, left], [['worked'], ['worked']]);
        assert.deepEqual(Object.keys(actor.getSnapshot().children), []);
      });
    }

    it('stops one, and its timers, when it is stopped itself', () => {
      const actor = createActor(interpreted(chart.provide({})), { clock }).start();
      actor.send({ type: 'NEXT' });
      assert.equal(clock.pending, 1);
      actor.stop();
      assert.deepEqual(left, ['worked']);
      assert.equal(actor.getSnapshot().status, 'stopped');
      assert.equal(clock.pending, 0);
    });
  });

  it('has the timers of its states, one at a time, and none at its end', () => {
    const chart = setup({
      types: { context: {} as { count: number } },
      actions: {
        count: assign({ count: ({ context }) => context.count + 1 }),
        fail: () => {
          throw new Error('broken');
        },
      },
      guards: { few: ({ context }) => context.count < 2 },
      delays: { often: ({ context }) => 10 * 2 ** context.count },
    }).createMachine({
      initial: 'one',
      context: () => ({ count: 0 }),
      states: {
        one: {
          on: { LEAVE: 'two', BREAK: { actions: 'fail' } },
          after: {
            often: [{ guard: 'few', target: 'one', reenter: true, actions: 'count' }, { target: 'end' }],
          },
        },
        two: {},
        end: { type: 'final' },
      },
    });
    const clock = new VirtualClock();
    const begin = () => {
      const actor = createActor(interpreted(chart.provide({})), { clock });
      actor.subscribe({ error: () => undefined });
      return actor.start();
    };
    const actor = begin();
    for (const [ms, count, pending] of [
      [9, 0, 1],
      [1, 1, 1],
      [20, 2, 1],
      [39, 2, 1],
    ] as const) {
      clock.advance(ms);
      assert.deepEqual([actor.getSnapshot().context.count, clock.pending], [count, pending]);
    }
    clock.advance(1);
    assert.deepEqual([actor.getSnapshot().value, clock.pending], ['end', 0]);
    for (const type of ['LEAVE', 'BREAK'] as const) {
      const other = begin();
      assert.equal(clock.pending, 1);
      other.send({ type });
      assert.equal(clock.pending, 0, type);
    }
  });

  it('is in error when an action throws', () => {
    const chart = setup({
      actions: {
        fail: () => {
          throw new Error('broken');
        },
      },
    }).createMachine({
      initial: 'one',
      context: () => ({}),
      states: { one: { on: { NEXT: { actions: 'fail' } } } },
    });
    const actor = createActor(interpreted(chart));
    const errors: unknown[] = [];
    actor.subscribe({ error: (error) => errors.push(error) });
    actor.start();
    actor.send({ type: 'NEXT' });
    assert.equal(actor.getSnapshot().status, 'error');
    assert.match(String(errors), /broken/);
  });

  describe('is refused when it has', () => {
    const context = () => ({});
    for (const [words, states] of [
      ['history', { a: { initial: 'b', states: { b: {}, past: { type: 'history' } } } }],
      ['transitions without an event', { a: { always: 'b' }, b: {} }],
      ['wildcards', { a: { on: { '*': 'b' } }, b: {} }],
      ['final states further in', { a: { initial: 'b', states: { b: { type: 'final' } } } }],
      ['an action that nobody has provided', { a: { entry: 'nobody' } }],
      ['composed guards', { a: { on: { NEXT: { guard: not(() => false) } } } }],
    ] as const) {
      it(words, () => {
        const chart = createMachine({ id: 'sample', initial: 'a', context, states });
        assert.throws(() => interpreted(chart), /chart sample has .* that daemon\/interpreter does not know/);
      });
    }
  });
});
