import assert from 'node:assert/strict';
import { and, createMachine, not, or, raise, setup, stateIn } from 'xstate';
import { describeChart } from '../../daemon/chart-description.js';
import { CHARTS } from '../../machines/charts.js';
import type { ChartEdge } from '../../services/ports/inspection.js';

function edgesOf(config: Parameters<typeof createMachine>[0]): readonly ChartEdge[] {
  return describeChart('sample', createMachine(config)).edges;
}

describe('the description of a chart', () => {
  for (const [id, machine] of Object.entries(CHARTS)) {
    it(`of ${id} is closed: every end of an edge, parent and initial state is a node of it`, () => {
      const { nodes, edges } = describeChart(id, machine);
      const ids = new Set(nodes.map((node) => node.id));
      assert.equal(ids.size, nodes.length);
      for (const { source, target } of edges) {
        assert.ok(ids.has(source), source);
        assert.ok(target === undefined || ids.has(target), target);
      }
      for (const node of nodes) {
        assert.ok(node.parent === undefined || ids.has(node.parent), node.parent);
        if (node.type !== 'compound') continue;
        assert.equal(nodes.find((child) => child.id === node.initial)?.parent, node.id);
      }
      assert.equal(new Set(edges.map((edge) => `${edge.id} ${edge.target ?? ''}`)).size, edges.length);
    });

    it(`of ${id} has words for every state and none of XState's own`, () => {
      const { nodes, edges } = describeChart(id, machine);
      for (const node of nodes) assert.notEqual(node.description, '', node.id);
      for (const edge of edges) {
        for (const word of [edge.event, edge.guard ?? '', ...edge.actions])
          assert.doesNotMatch(word, /xstate/);
      }
    });
  }

  it('names events as people do', () => {
    const sample = setup({ delays: { interval: 100 }, actors: { 'kernel.getSpi': createMachine({}) } });
    const machine = sample.createMachine({
      id: 'top',
      initial: 'a',
      states: {
        a: {
          after: { interval: 'b', 250: 'b' },
          invoke: { src: 'kernel.getSpi', onDone: 'b', onError: 'b' },
          on: { message: 'b', '*': 'b' },
          always: { target: 'b', guard: () => false },
        },
        b: { initial: 'x', states: { x: { type: 'final' } }, onDone: 'a' },
      },
    });
    const { edges } = describeChart('top', machine);
    const words = edges.map((edge) => edge.event);
    assert.deepEqual(
      new Set(words),
      new Set([
        'after interval',
        'after 250 ms',
        'done: kernel.getSpi',
        'error: kernel.getSpi',
        'message',
        'anything else',
        'always',
        'done',
      ]),
    );
    assert.ok(edges.some((edge) => edge.id === 'top.a#xstate.after.interval.top.a#0'));
    assert.ok(edges.some((edge) => edge.id === 'top.a#always#0'));
  });

  it('tells the branches of one event apart by their index', () => {
    const ids = edgesOf({
      id: 'top',
      initial: 'a',
      states: {
        a: { on: { go: [{ guard: 'ready', target: 'b' }, { target: 'c' }, { actions: 'wait' }] } },
        b: {},
        c: {},
      },
    }).map(({ id, target }) => [id, target]);
    assert.deepEqual(ids, [
      ['top.a#go#0', 'top.b'],
      ['top.a#go#1', 'top.c'],
      ['top.a#go#2', undefined],
    ]);
  });

  it('writes composite guards out', () => {
    const [edge] = edgesOf({
      initial: 'a',
      states: {
        a: {
          on: { go: { guard: and(['x', or(['y', not('z')]), { type: 'atLeast', params: { count: 3 } }]) } },
        },
      },
    });
    assert.equal(edge?.guard, 'x and (y or not z) and atLeast(3)');
    const [other] = edgesOf({ initial: 'a', states: { a: { on: { go: { guard: stateIn('#top.b') } } } } });
    assert.equal(other?.guard, 'in top.b');
  });

  it('names actions, and leaves out those that XState adds for timers', () => {
    const machine = createMachine({
      initial: 'a',
      states: {
        a: {
          entry: ['send', raise({ type: 'BEGUN' })],
          exit: { type: 'count', params: { by: 2 } },
          after: { 100: 'b' },
        },
        b: {},
      },
    });
    const node = describeChart('sample', machine).nodes.find(({ key }) => key === 'a');
    assert.deepEqual(node?.entry, ['send', 'raise BEGUN']);
    assert.deepEqual(node.exit, ['count(2)']);
  });

  it('gives a transition into two regions an edge for each, under one id', () => {
    const edges = edgesOf({
      id: 'top',
      initial: 'a',
      states: {
        a: { on: { go: { target: ['#one', '#two'] } } },
        p: {
          type: 'parallel',
          states: {
            l: { initial: 'i', states: { i: {}, one: { id: 'one' } } },
            r: { initial: 'j', states: { j: {}, two: { id: 'two' } } },
          },
        },
      },
    });
    assert.deepEqual(
      edges.map(({ id, target }) => [id, target]),
      [
        ['top.a#go#0', 'one'],
        ['top.a#go#0', 'two'],
      ],
    );
  });
});
