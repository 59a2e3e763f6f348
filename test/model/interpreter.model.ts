/** The daemon's interpreter beside XState's own: in every place of a chart that it runs, at every event, nobody can tell them apart. */
import assert from 'node:assert/strict';
import { interpretByTables } from '../../daemon/interpreter/interpreter.js';
import { CHARTS } from '../../machines/charts.js';
import { difference } from './difference.js';

const INTERPRETED = [
  'main-mode-initiator',
  'main-mode-responder',
  'aggressive-mode-initiator',
  'aggressive-mode-responder',
  'quick-mode-initiator',
  'quick-mode-responder',
  'isakmp-sa',
  'ipsec-sa',
];

describe('a chart that is run by tables', () => {
  for (const name of INTERPRETED) {
    it(`goes the way of XState, does what XState does and sets its timers: ${name}`, () => {
      const chart = CHARTS[name];
      assert.ok(chart);
      const machine = chart.provide({});
      interpretByTables(machine);
      assert.equal(difference(name, chart, machine), undefined);
    });
  }
});
