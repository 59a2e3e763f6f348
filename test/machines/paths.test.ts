/** Paths generated from the charts themselves: every state entered, every transition taken, nothing thrown. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  type AnyMachineSnapshot,
  type AnyStateMachine,
  type AnyStateNode,
  type AnyTransitionDefinition,
  getNextTransitions,
  initialTransition,
  transition,
} from 'xstate';
import type { AuthMethod } from '../../services/algorithms.js';
import { describeChart } from '../../daemon/chart-description.js';
import { CHARTS } from '../../machines/charts.js';
import { RunsWithoutRules } from '../../machines/daemon.js';
import { type ExchangeInput, JobRefused } from '../../machines/exchange.js';
import { TokenJobFailed } from '../../machines/token.js';
import { failure } from '../../services/failure/build.js';
import type { ChartDescription } from '../../services/ports/inspection.js';

const WHY = failure('internal', { exchange: '', message: 0 }, 'local', 'a test wanted it', 'nothing');
const RETRY_LIMIT = 2;
/** Several times what the largest chart has. */
const MOST_PLACES = 5000;

const METHODS = ['preshared', 'rsa_sig', 'rsa_encrypt'] as const;

function inputOf(pfs: boolean, method?: AuthMethod): ExchangeInput & { readonly canAsk: boolean } {
  return {
    negotiation: 'p1-1',
    pfs,
    method,
    // Of an established SA: what its guards can tell apart.
    canAsk: method === 'preshared',
    timing: { retryLimit: RETRY_LIMIT, retryInitMs: 500, retryMaxMs: 30_000, expireMs: 300_000 },
  };
}

interface TestEvent {
  readonly type: string;
  readonly [key: string]: unknown;
}

/** One event per way its guards can go. */
function variants(type: string): readonly TestEvent[] {
  if (type === 'message') {
    return [
      { type, id: 1, verdict: 'acceptable' },
      ...METHODS.map((method) => ({ type, id: 1, verdict: 'acceptable', method })),
      { type, id: 1, verdict: 'refused', failure: WHY },
    ];
  }
  if (type === 'sent')
    return [{}, { connectedDue: true }, { othersCarry: true }].map((due) => ({ type, ...due }));
  if (type === 'chosen') return METHODS.map((method) => ({ type, method }));
  if (type.startsWith('xstate.error.'))
    return [
      { type, error: new JobRefused(WHY) },
      { type, error: new JobRefused({ ...WHY, code: 'peer-silent' }) },
      { type, error: new JobRefused({ ...WHY, code: 'phase1-lost' }) },
      { type, error: new Error('broken') },
      { type, error: new RunsWithoutRules() },
      { type, error: new TokenJobFailed({ reason: 'absent', message: 'a test wanted it' }) },
    ];
  if (type.startsWith('xstate.done.')) return [{ type, output: undefined }];
  return [{ type, failure: WHY, suspicion: WHY, reason: 'a test wanted it' }];
}

/** Every event some active state listens to, timers and jobs included. */
function possible(snapshot: AnyMachineSnapshot): readonly TestEvent[] {
  const types = new Set(
    getNextTransitions(snapshot).map((candidate: AnyTransitionDefinition) => String(candidate.eventType)),
  );
  return [...types].flatMap(variants);
}

function step(machine: AnyStateMachine, snapshot: AnyMachineSnapshot, event: TestEvent): AnyMachineSnapshot {
  return transition(machine, snapshot, event)[0];
}

function start(machine: AnyStateMachine, pfs: boolean, method?: AuthMethod): AnyMachineSnapshot {
  return initialTransition(machine, inputOf(pfs, method))[0];
}

/** Two snapshots are the same place when they can do the same: state, retransmissions, whether something is suspected. */
function placeOf(snapshot: AnyMachineSnapshot): string {
  const context: unknown = snapshot.context;
  const of = (key: string): unknown =>
    typeof context === 'object' && context !== null ? Reflect.get(context, key) : undefined;
  return JSON.stringify([
    snapshot.value,
    of('retransmissions'),
    of('suspicion') !== undefined,
    of('pfs'),
    of('method'),
    of('rules'),
    of('canAsk'),
    of('attempts'),
  ]);
}

interface Taken {
  /** As in the chart's description. */
  readonly edge: string;
  readonly branch: AnyTransitionDefinition;
}

/** The branches an event takes from a snapshot, told by their guards. */
function branchesTaken(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot,
  event: TestEvent,
): readonly Taken[] {
  const nodes: readonly AnyStateNode[] = snapshot._nodes;
  return nodes.flatMap((node) => {
    const branches: readonly AnyTransitionDefinition[] = node.transitions.get(event.type) ?? [];
    const index = branches.findIndex((branch) => guardHolds(machine, branch, snapshot, event));
    const branch = branches[index];
    return branch === undefined ? [] : [{ edge: `${node.id}#${event.type}#${String(index)}`, branch }];
  });
}

/** The events that the actions of those branches raise. */
function raisedBy(
  machine: AnyStateMachine,
  snapshot: AnyMachineSnapshot,
  event: TestEvent,
): readonly TestEvent[] {
  const implementations: unknown = machine.implementations.actions;
  return branchesTaken(machine, snapshot, event).flatMap(({ branch }) =>
    branch.actions.flatMap((action: unknown): TestEvent[] => {
      const name: unknown = typeof action === 'string' ? action : Reflect.get(Object(action), 'type');
      const raise: unknown = Reflect.get(Object(implementations), String(name));
      const raised: unknown = Reflect.get(Object(raise), 'event');
      const type: unknown = Reflect.get(Object(raised), 'type');
      return typeof type === 'string' ? [{ type }] : [];
    }),
  );
}

function guardHolds(
  machine: AnyStateMachine,
  branch: AnyTransitionDefinition,
  snapshot: AnyMachineSnapshot,
  event: TestEvent,
): boolean {
  if (branch.guard === undefined) return true;
  const guards: unknown = machine.implementations.guards;
  const guard: unknown =
    typeof branch.guard === 'string' ? Reflect.get(Object(guards), branch.guard) : undefined;
  assert.ok(typeof guard === 'function', 'guards are names');
  const context: unknown = snapshot.context;
  return Boolean(Reflect.apply(guard, undefined, [{ context, event }]));
}

interface Explored {
  readonly entered: ReadonlySet<string>;
  readonly taken: ReadonlySet<string>;
  readonly ends: readonly AnyMachineSnapshot[];
}

/** Breadth first over all places, with and without PFS. */
function explore(machine: AnyStateMachine): Explored {
  const entered = new Set<string>();
  const taken = new Set<string>();
  const ends: AnyMachineSnapshot[] = [];
  const seen = new Set<string>();
  const waiting = [
    start(machine, false),
    start(machine, true),
    ...METHODS.map((method) => start(machine, false, method)),
  ];
  for (let snapshot = waiting.shift(); snapshot !== undefined; snapshot = waiting.shift()) {
    const place = placeOf(snapshot);
    if (seen.has(place)) continue;
    seen.add(place);
    assert.ok(seen.size < MOST_PLACES, 'the chart counts without end');
    const nodes: readonly AnyStateNode[] = snapshot._nodes;
    for (const node of nodes) entered.add(node.id);
    if (snapshot.status !== 'active') {
      ends.push(snapshot);
      continue;
    }
    for (const event of possible(snapshot)) {
      // What one region raises, the other takes within the same step.
      for (
        let events: readonly TestEvent[] = [event];
        events.length > 0;
        events = events.flatMap((taking) => raisedBy(machine, snapshot, taking))
      ) {
        for (const taking of events)
          for (const { edge } of branchesTaken(machine, snapshot, taking)) taken.add(edge);
      }
      waiting.push(step(machine, snapshot, event));
    }
  }
  return { entered, taken, ends };
}

for (const [name, machine] of Object.entries(CHARTS)) {
  describe(`paths through the chart ${name}`, () => {
    const chart: ChartDescription = describeChart(name, machine);
    let explored: Explored = { entered: new Set(), taken: new Set(), ends: [] };

    before(() => {
      explored = explore(machine);
    });

    it('enter every state', () => {
      assert.deepEqual(
        chart.nodes.map(({ id }) => id).filter((id) => !explored.entered.has(id)),
        [],
      );
    });

    it('take every transition', () => {
      assert.deepEqual(
        chart.edges.map(({ id }) => id).filter((id) => !explored.taken.has(id)),
        [],
      );
    });

    it('end only in final states, with an output that says how', () => {
      assert.notEqual(explored.ends.length, 0);
      for (const snapshot of explored.ends) {
        assert.equal(snapshot.status, 'done');
        assert.doesNotMatch(JSON.stringify(snapshot.output), /unfinished/);
      }
    });

    it('find a description at every state', () => {
      assert.deepEqual(
        chart.nodes.filter(({ description }) => description.length < 10).map(({ id }) => id),
        [],
      );
    });

    it('take at random what is possible, never throw, and never repeat a message more often than the limit', () => {
      fc.assert(
        fc.property(fc.boolean(), fc.array(fc.nat(), { minLength: 1, maxLength: 60 }), (pfs, picks) => {
          let snapshot = start(machine, pfs);
          for (const pick of picks) {
            if (snapshot.status !== 'active') break;
            const events = possible(snapshot);
            const event = events[pick % events.length];
            assert.ok(event, 'an active state waits for something');
            snapshot = step(machine, snapshot, event);
            assert.notEqual(snapshot.status, 'error');
            const context: unknown = snapshot.context;
            const times: unknown = Reflect.get(Object(context), 'retransmissions');
            assert.ok(times === undefined || (typeof times === 'number' && times <= RETRY_LIMIT));
          }
          if (snapshot.status === 'done') {
            const before = placeOf(snapshot);
            assert.equal(
              placeOf(step(machine, snapshot, { type: 'message', id: 9, verdict: 'acceptable' })),
              before,
            );
          }
        }),
        { numRuns: 500 },
      );
    });
  });
}
