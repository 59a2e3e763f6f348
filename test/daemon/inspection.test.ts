import assert from 'node:assert/strict';
import { assign, createActor, fromPromise, setup } from 'xstate';
import { describeChart } from '../../daemon/chart-description.js';
import { EventStream } from '../../daemon/event-stream.js';
import { watchNegotiation } from '../../daemon/inspect-hook.js';
import { InspectionLog } from '../../daemon/inspection.js';
import type { ChartWatcher } from '../../daemon/chart-watcher.js';
import { KeyStore } from '../../daemon/key-store.js';
import { TokenPool } from '../../daemon/token-pool.js';
import type { Events, StampedEvent } from '../../services/ports/events.js';
import type { Tokens } from '../../services/ports/token.js';
import { ok } from '../../services/result.js';
import { VirtualClock } from '../sim/virtual-clock.js';
import { storesWith, tokenKey } from './token-certificates.js';
import { ended, FAILURE, PEER, started } from './told-negotiations.js';

const machine = setup({
  types: { context: {} as { tries: number; handle: number; deep: { key: string }; name: string } },
  delays: { interval: 100 },
  actors: { 'crypto.sharedSecret': fromPromise(() => Promise.resolve(7)) },
  guards: { few: ({ context }) => context.tries < 2 },
  actions: { count: assign({ tries: ({ context }) => context.tries + 1 }) },
}).createMachine({
  id: 'sample',
  meta: { inspect: ['tries', 'deep', 'name', 'absent'] },
  context: { tries: 0, handle: 4711, deep: { key: 'secret' }, name: 'n' },
  type: 'parallel',
  states: {
    work: {
      initial: 'waiting',
      states: {
        waiting: { on: { go: 'computing' } },
        computing: { invoke: { src: 'crypto.sharedSecret', onDone: 'finished' } },
        finished: {},
      },
    },
    repeat: {
      initial: 'armed',
      states: {
        armed: {
          after: {
            interval: [{ guard: 'few', target: 'armed', reenter: true, actions: 'count' }, { target: 'off' }],
          },
        },
        off: {},
      },
    },
  },
});

/** The chart running on a clock that stands still, and what was reported of it. */
function watched(): {
  clock: VirtualClock;
  reported: StampedEvent[];
  actor: ReturnType<typeof start>;
  unwatch: () => void;
} {
  const clock = new VirtualClock();
  const events = new EventStream(clock);
  const reported: StampedEvent[] = [];
  events.subscribe((event) => reported.push(event));
  const { actor, unwatch } = begin(clock, events);
  return { clock, reported, actor, unwatch };
}

function start(clock: VirtualClock) {
  return createActor(machine, { clock });
}

function begin(clock: VirtualClock, events: Events) {
  const actor = start(clock);
  const unwatch = watchNegotiation(actor, 'p1-1', events);
  actor.start();
  return { actor, unwatch };
}

function edgesIn(reported: readonly StampedEvent[]): readonly string[] {
  return reported.flatMap((event) => (event.type === 'negotiation.transition' ? event.edges : []));
}

function activeIn(reported: readonly StampedEvent[]): readonly string[] {
  const last = reported.findLast((event) => event.type === 'negotiation.state');
  return last?.type === 'negotiation.state' ? last.active : [];
}

describe('the hook on a running chart', () => {
  it('reports the first state, in the order of the chart', () => {
    const { reported } = watched();
    assert.deepEqual(activeIn(reported), [
      'sample',
      'sample.work',
      'sample.work.waiting',
      'sample.repeat',
      'sample.repeat.armed',
    ]);
  });

  it('reports each transition by an edge of the description, guarded branches apart', async () => {
    const { clock, reported, actor } = watched();
    actor.send({ type: 'go' });
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(300);
    const edges = edgesIn(reported);
    assert.deepEqual(edges, [
      'sample.work.waiting#go#0',
      'sample.work.computing#xstate.done.actor.0.sample.work.computing#0',
      'sample.repeat.armed#xstate.after.interval.sample.repeat.armed#0',
      'sample.repeat.armed#xstate.after.interval.sample.repeat.armed#0',
      'sample.repeat.armed#xstate.after.interval.sample.repeat.armed#1',
    ]);
    const known = new Set(describeChart('sample', machine).edges.map((edge) => edge.id));
    for (const edge of edges) assert.ok(known.has(edge), edge);
  });

  it('reports a transition before the state it led to', () => {
    const { reported, actor } = watched();
    actor.send({ type: 'go' });
    assert.deepEqual(
      reported.map((event) => event.type),
      ['negotiation.state', 'negotiation.transition', 'negotiation.state'],
    );
  });

  it('lets out only plain values that the chart allows', () => {
    const { reported } = watched();
    const [first] = reported;
    assert.equal(first?.type, 'negotiation.state');
    assert.deepEqual(first.context, { tries: 0, name: 'n' });
  });

  it('is silent about events that change nothing', () => {
    const { reported, actor } = watched();
    const before = reported.length;
    actor.send({ type: 'nobody knows this' });
    assert.equal(reported.length, before);
  });

  it('ends when told to', () => {
    const { reported, actor, unwatch } = watched();
    unwatch();
    const before = reported.length;
    actor.send({ type: 'go' });
    assert.equal(reported.length, before);
  });

  it('never hurts the chart, even when the stream throws', () => {
    const broken: Events = {
      emit: () => {
        throw new Error('broken');
      },
      subscribe: () => () => undefined,
    };
    const { actor } = begin(new VirtualClock(), broken);
    actor.send({ type: 'go' });
    assert.deepEqual(actor.getSnapshot().value, { work: 'computing', repeat: 'armed' });
  });
});

function openLog(limits = { live: 3, ended: 2, events: 4 }) {
  const clock = new VirtualClock();
  const events = new EventStream(clock);
  return { clock, events, log: new InspectionLog(events, [], clock, { explain: () => undefined, limits }) };
}

describe('the inspection log', () => {
  it('follows a negotiation from its start to its end', () => {
    const { clock, events, log } = openLog();
    clock.advance(10);
    events.emit(started('p1-1'));
    events.emit({ type: 'negotiation.rule', negotiation: 'p1-1', rule: 'alpha' });
    events.emit({ type: 'negotiation.state', negotiation: 'p1-1', active: ['a', 'a.b'], context: {} });
    clock.advance(5);
    events.emit(ended('p1-1', FAILURE));
    assert.deepEqual(log.negotiation('p1-1'), {
      id: 'p1-1',
      chart: 'main-mode-initiator',
      local: '192.0.2.1:500',
      remote: '[2001:db8::1]:500',
      rule: 'alpha',
      parent: 'acquire-1',
      startedAt: 10,
      endedAt: 15,
      active: ['a', 'a.b'],
      outcome: 'failed',
      failure: { code: 'peer-silent', explanation: 'Nobody answered.', hint: 'Look at the route.' },
    });
    assert.equal(log.now(), 15);
  });

  it('keeps the latest events of a negotiation', () => {
    const { events, log } = openLog();
    events.emit(started('p1-1'));
    for (let n = 0; n < 20; n++)
      events.emit({ type: 'negotiation.rule', negotiation: 'p1-1', rule: String(n) });
    const rules = log.history('p1-1').map((event) => (event.type === 'negotiation.rule' ? event.rule : ''));
    assert.deepEqual(rules, ['16', '17', '18', '19']);
  });

  it('forgets the oldest that ended and, beyond the limit, the oldest that live', () => {
    const { clock, events, log } = openLog();
    for (let n = 1; n <= 8; n++) {
      clock.advance(1);
      events.emit(started(`p1-${String(n)}`));
      if (n <= 4) events.emit(ended(`p1-${String(n)}`));
    }
    assert.deepEqual(
      log.negotiations().map((view) => view.id),
      ['p1-3', 'p1-4', 'p1-6', 'p1-7', 'p1-8'],
    );
    assert.equal(log.size(), 5);
    assert.deepEqual(log.history('p1-1'), []);
  });

  it('has one that begins again under its name once, as it is now', () => {
    const { clock, events, log } = openLog();
    for (const event of [started('p1-1'), ended('p1-1'), started('p1-2')]) events.emit(event);
    clock.advance(1);
    for (const id of ['p1-1', 'p1-2']) events.emit(started(id));
    assert.deepEqual(
      log.negotiations().map(({ id, startedAt, outcome }) => [id, startedAt, outcome]),
      [
        ['p1-1', 1, undefined],
        ['p1-2', 1, undefined],
      ],
    );
    for (const id of ['p1-2', 'p1-1']) events.emit(ended(id));
    events.emit(started('p1-3'));
    events.emit(ended('p1-3'));
    assert.deepEqual(
      log.negotiations().map(({ id }) => id),
      ['p1-1', 'p1-3'],
    );
  });

  it('takes what comes after the end, but nothing of strangers', () => {
    const { events, log } = openLog();
    const seen: string[] = [];
    log.watch({ happened: (event) => seen.push(event.type) });
    events.emit({ type: 'negotiation.rule', negotiation: 'p1-9', rule: 'unknown' });
    events.emit({ type: 'config.note', note: 'of no negotiation' });
    events.emit(started('p1-1'));
    events.emit(ended('p1-1'));
    events.emit({ type: 'message.duplicate', negotiation: 'p1-1', remote: PEER, answered: true });
    assert.deepEqual(seen, ['negotiation.started', 'negotiation.ended', 'message.duplicate']);
    assert.equal(log.history('p1-1').length, 3);
  });

  it('has the chart of a token from its first state until nobody needs it', async () => {
    const { clock, events, log } = openLog({ live: 3, ended: 2, events: 100 });
    const keys = new KeyStore();
    const watcher: ChartWatcher = (actor, id) => watchNegotiation(actor, id, events);
    const pool = new TokenPool({ clock, keys, events }, watcher, {
      changed: () => undefined,
      withdrawn: () => undefined,
    });
    const library: Tokens = {
      find: () => Promise.resolve(ok(undefined)),
      login: () => Promise.resolve(ok(undefined)),
      logout: () => Promise.resolve(ok(undefined)),
      sign: () => Promise.resolve(ok(new Uint8Array(1))),
      decrypt: () => Promise.reject(new Error('nothing here decrypts')),
    };
    pool.configure(storesWith(tokenKey('box')), library);
    await pool.login('box', Uint8Array.of(1));
    const view = log.negotiation('token-1');
    assert.deepEqual(view, {
      id: 'token-1',
      chart: 'token',
      local: 'this host',
      remote: 'token "box"',
      rule: undefined,
      parent: undefined,
      startedAt: 0,
      endedAt: undefined,
      active: ['token', 'token.unlocked'],
      outcome: undefined,
      failure: undefined,
    });
    assert.deepEqual(edgesIn(log.history('token-1')).slice(-2), [
      'token.looking#LOGIN#0',
      'token.unlocking#xstate.done.actor.0.token.unlocking#0',
    ]);
    await pool.close();
    const { active, outcome } = log.negotiation('token-1') ?? {};
    assert.deepEqual([active, outcome], [['token', 'token.forgotten'], 'gone']);
  });

  it('reads nothing more once it is closed', () => {
    const { events, log } = openLog();
    log.close();
    events.emit(started('p1-1'));
    assert.equal(log.size(), 0);
  });
});
