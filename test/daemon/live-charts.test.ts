import assert from 'node:assert/strict';
import { createActor, createMachine } from 'xstate';
import { describeChart } from '../../daemon/chart-description.js';
import { EventStream } from '../../daemon/event-stream.js';
import { interpretByTables } from '../../daemon/interpreter/interpreter.js';
import { LiveCharts } from '../../daemon/live-charts.js';
import type { StampedEvent } from '../../services/ports/events.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const machine = createMachine({
  id: 'sample',
  initial: 'waiting',
  states: { waiting: { on: { go: 'working' } }, working: { on: { go: 'done' } }, done: { type: 'final' } },
});
/** The same, run as the charts of exchanges are. */
const byTables = createMachine({ ...machine.config, context: () => ({}) });
interpretByTables(byTables);
/** The chart of something that rests as a record. */
const resting = createMachine({
  id: 'isakmp-sa',
  initial: 'alive',
  states: { alive: { initial: 'idle', states: { idle: { tags: 'idle' }, busy: {} } } },
});
const CHARTS = [describeChart('sample', machine)];

describe('charts that run while nobody watches', () => {
  let clock: VirtualClock;
  let events: EventStream;
  let live: LiveCharts;
  let told: StampedEvent[];

  beforeEach(() => {
    clock = new VirtualClock();
    events = new EventStream(clock);
    live = new LiveCharts(events);
    told = [];
    events.subscribe((event) => told.push(event));
  });

  function begin(id: string, chart = 'sample', logic = machine) {
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
    const actor = createActor(logic);
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

  it('may be neither told nor kept, until somebody catches up with those that are not known', () => {
    live.watch(CHARTS, [], (id) => (id === 'p1-1' ? true : undefined));
    const [known, other] = [begin('p1-1'), begin('p1-2', 'sample', byTables)];
    other.send({ type: 'go' });
    assert.deepEqual(live.of('p1-2'), []);
    assert.ok(!steps().some(([id]) => id === 'p1-2'));
    const caughtUp = live.catchUp([], (id) => id === 'p1-1');
    assert.deepEqual(
      caughtUp.flatMap((event) =>
        event.type === 'negotiation.state' && event.negotiation === 'p1-2' ? [event.active] : [],
      ),
      [['sample', 'sample.working']],
    );
    told.length = 0;
    other.send({ type: 'go' });
    known.send({ type: 'go' });
    assert.deepEqual(steps(), [
      ['p1-2', 'sample.done'],
      ['p1-1', 'sample.working'],
    ]);
  });

  it('are told with their beginning, rule and state to who begins to watch, and to nobody else', () => {
    const actor = begin('p1-1');
    begin('p1-2');
    events.emit({ type: 'negotiation.rule', negotiation: 'p1-1', rule: 'alpha' });
    actor.send({ type: 'go' });
    const before = told.length;
    const begun = live.watch(CHARTS, []);
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
    live.watch(CHARTS, []);
    live.watch(CHARTS, []);
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
    live.watch(CHARTS, []);
    live.rest();
    actor.send({ type: 'go' });
    assert.deepEqual(steps(), []);
    const begun = live.watch(CHARTS, []);
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
    assert.deepEqual(live.watch(CHARTS, []), []);
  });

  it('show an SA that rests without an actor where its chart begins, and tell it at its own time', () => {
    const at = (port: number) => ({ address: '192.0.2.1', port });
    const began = { chart: 'isakmp-sa', local: at(500), remote: at(501), rule: 'alpha' } as const;
    const started = { type: 'negotiation.started', negotiation: 'sa-1', parent: 'p1-1', ...began } as const;
    events.emit({ ...started });
    clock.advance(1000);
    begin('p1-2');
    const standing = [{ ...began, negotiation: 'sa-1', parent: 'p1-1', beganAt: 0 }];
    const [first, second, running, state] = live.watch([describeChart('isakmp-sa', resting)], standing);
    assert.deepEqual(first, { ...started, at: 0, sequence: first?.sequence });
    assert.ok(second?.type === 'negotiation.started' && second.negotiation === 'p1-2' && second.at === 1000);
    assert.ok(running?.type === 'negotiation.state' && running.negotiation === 'p1-2');
    assert.ok(state?.type === 'negotiation.state' && state.negotiation === 'sa-1');
    assert.deepEqual(state.active, ['isakmp-sa', 'isakmp-sa.alive', 'isakmp-sa.alive.idle']);
    assert.equal(
      live.watch([], []).filter((event) => 'negotiation' in event && event.negotiation === 'sa-1').length,
      0,
    );
  });

  it('keep the steps of what nobody follows, and tell them to who asks', () => {
    live.watch(CHARTS, [], (id) => id !== 'p1-1');
    const actor = begin('p1-1', 'sample', byTables);
    actor.send({ type: 'go' });
    begin('p1-2', 'sample', byTables);
    assert.deepEqual(steps(), [['p1-2', 'sample.waiting']]);
    const kept = live.of('p1-1');
    assert.deepEqual(
      kept.map((event) =>
        event.type === 'negotiation.transition' ? event.edges : 'active' in event ? event.active : event,
      ),
      [['sample', 'sample.waiting'], ['sample.waiting#go#0'], ['sample', 'sample.working']],
    );
    assert.deepEqual(live.stateOf('p1-1', 'sample'), ['sample', 'sample.working']);
    const numbers = kept.map(({ sequence }) => sequence);
    assert.deepEqual(
      numbers,
      [...new Set(numbers)].sort((a, b) => a - b),
    );
    // Numbers of the stream are for what is on it: who follows it would think that something was lost.
    assert.deepEqual(
      told.map(({ sequence }) => sequence),
      told.map((_, index) => index + 1),
    );
    assert.ok(told.every(({ sequence }) => !numbers.includes(sequence)));
  });

  it('tell the further steps of one that is followed from now on, once', () => {
    live.watch(CHARTS, [], () => false);
    const actor = begin('p1-1', 'sample', byTables);
    actor.send({ type: 'go' });
    live.tell('p1-1');
    live.tell('p1-1');
    assert.deepEqual(steps(), []);
    actor.send({ type: 'go' });
    assert.deepEqual(steps(), [['p1-1', 'sample.done']]);
    // What it did before is still known.
    assert.equal(live.of('p1-1').length, 3);
    live.drop('p1-1');
    assert.deepEqual(live.of('p1-1'), []);
  });

  it('tell and keep their steps without inspection by XState: reports for it cost all charts once one is inspected', () => {
    live.watch(CHARTS, [], (id) => id === 'p1-1');
    for (const id of ['p1-1', 'p1-2']) {
      const actor = createActor(byTables);
      actor.system.inspect = () => assert.fail(`${id} is inspected`);
      const unwatch = live.watcher(actor, id);
      actor.start();
      actor.send({ type: 'go' });
      live.tell(id);
      actor.send({ type: 'go' });
      unwatch();
    }
    assert.deepEqual(steps(), [
      ['p1-1', 'sample.waiting'],
      ['p1-1', 'sample.working'],
      ['p1-1', 'sample.done'],
      ['p1-2', 'sample.done'],
    ]);
  });

  it('tell at once in which state one is that nobody follows and that takes its time', () => {
    live.watch(CHARTS, [], () => false);
    const actor = begin('p1-1', 'sample', byTables);
    clock.advance(1000);
    actor.send({ type: 'go' });
    assert.deepEqual(steps(), [['p1-1', 'sample.working']]);
  });

  it('keep a bounded number of trails, and of one that is given up still know where it stands', () => {
    live.watch(CHARTS, [], () => false);
    const first = begin('p1-1', 'sample', byTables);
    for (let n = 2; n <= 1100; n++) begin(`p1-${String(n)}`, 'sample', byTables);
    assert.deepEqual([live.of('p1-1').length, live.of('p1-1100').length], [0, 1]);
    // Said where it had been when its trail was given up, or where it rests.
    first.send({ type: 'go' });
    assert.deepEqual(live.stateOf('p1-1', 'sample'), ['sample', 'sample.working']);
    assert.deepEqual(live.of('p1-1'), []);
    live.tell('p1-1');
    first.send({ type: 'go' });
    assert.deepEqual(steps(), [['p1-1', 'sample.done']]);
  });
});
