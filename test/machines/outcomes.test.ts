/** In every state, every event has an outcome that the chart spells out: a transition, or `ignored` and why. */
import assert from 'node:assert/strict';
import { createMachine } from 'xstate';
import { CHARTS } from '../../machines/charts.js';
import { gaps, nodesOf } from '../model/outcomes.js';
import { words } from '../model/subject.js';

describe('every event in every state', () => {
  for (const [name, chart] of Object.entries(CHARTS)) {
    it(`of the chart ${name} is handled, or ignored for a reason`, () => {
      assert.notDeepEqual(words(chart.root, 'events'), {}, 'meta.events of the root names none');
      assert.deepEqual(gaps(chart).open, [], 'add a transition or an `ignored` entry');
    });

    it(`of the chart ${name} that is ignored is handled by nobody, and can come`, () => {
      const { untrue, idle } = gaps(chart);
      assert.deepEqual({ untrue, idle }, { untrue: [], idle: [] });
    });

    it(`of the chart ${name} that is handled by its own name is listed`, () => {
      const handled = nodesOf(chart.root).flatMap((node) => [...node.transitions.keys()]);
      const listed = words(chart.root, 'events');
      const unlisted = handled.filter((type) => !type.startsWith('xstate.') && !(type in listed));
      assert.deepEqual(unlisted, []);
    });
  }
});

describe('the search for events without an outcome', () => {
  const chart = createMachine({
    id: 'door',
    meta: { events: { OPEN: '', SHUT: '', LOCK: '' }, ignored: { LOCK: 'no key' } },
    initial: 'shut',
    states: {
      shut: { on: { OPEN: 'open' }, meta: { ignored: { SHUT: 'it is' } } },
      open: {
        on: { SHUT: 'shut', LOCK: {} },
        meta: { ignored: { SHUT: 'it is not', LOCK: 'it is not shut' } },
      },
    },
  });

  it('finds an event that nobody listens to', () => {
    assert.deepEqual(gaps(chart).open, ['"open": OPEN']);
  });

  it('finds entries for what is handled', () => {
    assert.deepEqual(gaps(chart).untrue, ['door.open: SHUT', 'door.open: LOCK']);
    assert.deepEqual(gaps(chart).idle, ['door.open: SHUT', 'door.open: LOCK']);
  });
});
