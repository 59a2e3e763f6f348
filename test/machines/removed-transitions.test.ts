/** The charts are the protocol: take any one transition out, and two daemons fail at just that step. */
import assert from 'node:assert/strict';
import type { AnyStateNode } from 'xstate';
import { describeChart } from '../../daemon/chart-description.js';
import type { ChartPreparation } from '../../daemon/exchange-machines.js';
import { CHARTS } from '../../machines/charts.js';
import { play, scenarios, type Story } from './scenarios.js';

const EXCHANGES = [
  'main-mode-initiator',
  'main-mode-responder',
  'aggressive-mode-initiator',
  'aggressive-mode-responder',
  'quick-mode-initiator',
  'quick-mode-responder',
] as const;

function edgesOf(name: (typeof EXCHANGES)[number]): readonly string[] {
  const machine = CHARTS[name];
  assert.ok(machine);
  return describeChart(name, machine).edges.map((edge) => edge.id);
}

/** The chart without one transition: its guard says no for ever, so that the branches after it keep their numbers. */
function without(edge: string): ChartPreparation {
  return (_name, chart) => {
    const fresh = chart.provide({});
    const visit = (node: AnyStateNode): void => {
      for (const [event, branches] of node.transitions) {
        branches.forEach((branch, index) => {
          if (`${node.id}#${event}#${String(index)}` === edge)
            branches[index] = { ...branch, guard: () => false };
        });
      }
      for (const child of Object.values<AnyStateNode>(node.states)) visit(child);
    };
    visit(fresh.root);
    return fresh;
  };
}

/** Runs of a chart that took the transition, with all that they took. */
function takers(story: Story, edge: string): readonly (readonly [string, readonly string[]])[] {
  return [...story.taken].filter(([, edges]) => edges.includes(edge));
}

/** Up to the transition all went as before, and there it did not go on. */
function assertFailedThere(story: Story, altered: Story, edge: string): void {
  const [first] = takers(story, edge);
  assert.ok(first);
  const [negotiation, edges] = first;
  const step = edges.indexOf(edge);
  const now = altered.taken.get(negotiation) ?? [];
  assert.deepEqual(now.slice(0, step), edges.slice(0, step), 'it already went another way before');
  assert.notEqual(now[step], edge, 'the transition is still there');
}

describe('every transition of the exchange charts is needed', function () {
  this.timeout(120_000);
  const intact = new Map<string, Story>();
  const count = scenarios().length;

  before('play every scenario with the charts as they are', async () => {
    for (let index = 0; index < count; index++) {
      const scenario = scenarios()[index];
      assert.ok(scenario);
      intact.set(scenario.name, await play(scenario));
    }
  });

  it('the scenarios have names of their own', () => {
    assert.equal(intact.size, count);
  });

  for (const name of EXCHANGES) {
    for (const edge of edgesOf(name)) {
      it(`${name} without ${edge.slice(name.length + 1)}`, async () => {
        const told = [...intact].filter(([, story]) => takers(story, edge).length > 0);
        assert.notEqual(told.length, 0, 'no scenario takes this transition');
        for (const [title, story] of told) {
          const scenario = scenarios().find((candidate) => candidate.name === title);
          assert.ok(scenario);
          const altered = await play(scenario, without(edge));
          if (altered.outcome === story.outcome) continue;
          assertFailedThere(story, altered, edge);
          return;
        }
        assert.fail(`${told.map(([title]) => `"${title}"`).join(', ')} end the same without it`);
      });
    }
  }
});
