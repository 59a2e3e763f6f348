import assert from 'node:assert/strict';
import { createActor, createMachine } from 'xstate';
import { describeChart } from '../../daemon/chart-description.js';
import { EventStream } from '../../daemon/event-stream.js';
import { LiveCharts } from '../../daemon/live-charts.js';
import type { StampedEvent } from '../../services/ports/events.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const machine = createMachine({
  id: 'sample',
  initial: 'waiting',
  states: { waiting: { on: { go: 'working' } }, working: { on: { go: 'done' } }, done: { type: 'final' } },
});
/** The chart of something that rests as a record. */
const standing = createMachine({
  id: 'standing',
  initial: 'alive',
  states: { alive: { initial: 'idle', states: { idle: { tags: 'idle' }, busy: {} } } },
});
const CHARTS = [describeChart('sample', machine), describeChart('standing', standing)];

describe('charts that run while nobody watches', () => {
  let events: EventStream;
  let live: LiveCharts;
  let told: StampedEvent[];

  beforeEach(() => {
    events = new EventStream(new VirtualClock());
    live = new LiveCharts(events);
    told = [];
    events.subscribe((event) => told.push(event));
  });

  function begin(id: string, chart = 'sample') {
    const place = { address: '192.0.2.1', port: 500 };
    events.emit({
      type: 'negotiation.started',
      negotiation: id,
      chart,
      local: place,
      remote: place,
      rule: undefined,
      parent: undefined,
    });
    const actor = createActor(machine);
    const unwatch = live.watcher(actor, id);
    actor.subscribe({ complete: unwatch });
    actor.start();
    return actor;
  }

  function steps(): readonly (readonly [string, string])[] {
    return told.flatMap((event) =>
      event.type === 'negotiation.state' ? [[event.negotiation, event.active.at(-1) ?? ''] as const] : [],
    );
  }

  it('tell nothing until somebody does', () => {
    begin('p1-1').send({ type: 'go' });
    assert.deepEqual(
      told.map(({ type }) => type),
      ['negotiation.started'],
    );
  });

  it('are told with their beginning, rule and state to who begins to watch, and to nobody else', () => {
    const actor = begin('p1-1');
    begin('p1-2');
    events.emit({ type: 'negotiation.rule', negotiation: 'p1-1', rule: 'alpha' });
    actor.send({ type: 'go' });
    const before = told.length;
    const begun = live.watch(CHARTS);
    assert.equal(told.length, before);
    assert.deepEqual(
      begun.map((event) => [
        event.type,
        'negotiation' in event ? event.negotiation : '',
        event.type === 'negotiation.state' ? event.active : '',
      ]),
      [
        ['negotiation.started', 'p1-1', ''],
        ['negotiation.rule', 'p1-1', ''],
        ['negotiation.started', 'p1-2', ''],
        ['negotiation.state', 'p1-1', ['sample', 'sample.working']],
        ['negotiation.state', 'p1-2', ['sample', 'sample.waiting']],
      ],
    );
    // What comes next stands behind what was told.
    actor.send({ type: 'go' });
    assert.ok((told.at(-1)?.sequence ?? 0) > (begun.at(-1)?.sequence ?? 0));
  });

  it('tell each step from then on, once, and those that begin later theirs', () => {
    const actor = begin('p1-1');
    live.watch(CHARTS);
    live.watch(CHARTS);
    actor.send({ type: 'unknown' });
    assert.deepEqual(steps(), []);
    actor.send({ type: 'go' });
    begin('p1-2');
    assert.deepEqual(steps(), [
      ['p1-1', 'sample.working'],
      ['p1-2', 'sample.waiting'],
    ]);
  });

  it('tell nothing more when nobody watches any more, and everything when somebody does again', () => {
    const actor = begin('p1-1');
    live.watch(CHARTS);
    live.rest();
    actor.send({ type: 'go' });
    assert.deepEqual(steps(), []);
    const begun = live.watch(CHARTS);
    const [state] = begun.filter((event) => event.type === 'negotiation.state');
    assert.deepEqual(state?.active, ['sample', 'sample.working']);
  });

  it('are forgotten when they have ended', () => {
    const actor = begin('p1-1');
    actor.send({ type: 'go' });
    actor.send({ type: 'go' });
    events.emit({
      type: 'negotiation.ended',
      negotiation: 'p1-1',
      outcome: 'established',
      failure: undefined,
    });
    assert.deepEqual(live.watch(CHARTS), []);
  });

  it('show an SA that rests without an actor where its chart begins', () => {
    events.emit({
      type: 'negotiation.started',
      negotiation: 'sa-1',
      chart: 'standing',
      local: { address: '192.0.2.1', port: 500 },
      remote: { address: '192.0.2.2', port: 500 },
      rule: 'alpha',
      parent: 'p1-1',
    });
    const [, state] = live.watch(CHARTS);
    assert.ok(state?.type === 'negotiation.state');
    assert.deepEqual(state.active, ['standing', 'standing.alive', 'standing.alive.idle']);
  });
});
