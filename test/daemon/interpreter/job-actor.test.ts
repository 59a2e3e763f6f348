/** The actor of a job beside XState's own: whoever inspects or follows it sees no difference. */
import assert from 'node:assert/strict';
import { type ActorRefLike, type AnyActor, createActor, type InspectionEvent, setup } from 'xstate';
import { interpretByTables } from '../../../daemon/interpreter/interpreter.js';
import { JobActor } from '../../../daemon/interpreter/job-actor.js';
import { asJob } from '../../../machines/job.js';

type Run = () => void | Promise<void>;

const WHY = new Error('no kernel');
const LATER: readonly (readonly [string, Run])[] = [
  ['is done with its promise', () => Promise.resolve()],
  ['fails with its promise', () => Promise.reject(WHY)],
  ['never ends', () => new Promise(() => undefined)],
];
const AT_ONCE: readonly (readonly [string, Run])[] = [
  ['is done at once', () => undefined],
  [
    'fails at once',
    () => {
      throw WHY;
    },
  ],
];

function begin(run: Run, byTables: boolean) {
  const machine = setup({ actors: { work: asJob(run) } }).createMachine({
    context: () => ({}),
    initial: 'quiet',
    states: {
      quiet: { on: { GO: 'working' } },
      working: {
        invoke: { src: 'work', id: 'work', onDone: 'over', onError: 'over' },
        on: { LEAVE: 'quiet' },
      },
      over: { on: { GO: 'working' } },
    },
  });
  if (byTables) interpretByTables(machine);
  return createActor(machine, { id: 'chart' });
}

/** What is reported of `actor` and its jobs from now on. */
function reports(actor: AnyActor): unknown[] {
  const seen: unknown[] = [];
  const sessions: string[] = [];
  /** Sessions are numbered through the whole process. */
  const named = (ref: ActorRefLike): unknown => {
    if (!sessions.includes(ref.sessionId)) sessions.push(ref.sessionId);
    return [Reflect.get(ref, 'id'), sessions.indexOf(ref.sessionId), Reflect.get(ref, '_parent') === actor];
  };
  const about = (happened: InspectionEvent): unknown => {
    switch (happened.type) {
      case '@xstate.event':
        return [happened.sourceRef && named(happened.sourceRef), happened.event];
      case '@xstate.snapshot':
        return [happened.event, happened.snapshot.status];
      default:
        return undefined;
    }
  };
  actor.system.inspect((happened) => {
    // What a chart says of itself is compared elsewhere, and may come before or after the end of a job that it stops.
    if (happened.type === '@xstate.microstep') return;
    seen.push([happened.type, named(happened.actorRef), about(happened)]);
  });
  return seen;
}

async function story(run: Run, byTables: boolean): Promise<unknown> {
  const actor = begin(run, byTables);
  const seen = reports(actor);
  actor.start();
  for (const type of ['GO', 'LEAVE', 'GO'] as const) {
    actor.send({ type });
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(actor.getSnapshot().value, Object.keys(actor.getSnapshot().children));
  }
  actor.stop();
  return seen;
}

async function following(run: Run, byTables: boolean): Promise<readonly unknown[]> {
  const told: unknown[] = [];
  const actor = begin(run, byTables).start();
  actor.send({ type: 'GO' });
  const { work } = actor.getSnapshot().children;
  assert.ok(work);
  assert.equal(work instanceof JobActor, byTables);
  const follower = {
    next: ({ status }: { readonly status: string }) => told.push(status),
    complete: () => told.push('completed'),
    error: (error: unknown) => told.push(error),
  };
  work.subscribe(follower);
  work.subscribe(() => told.push('nobody')).unsubscribe();
  await new Promise((resolve) => setImmediate(resolve));
  actor.send({ type: 'LEAVE' });
  told.push(work.getSnapshot().status, JSON.stringify(work));
  work.subscribe(follower);
  actor.stop();
  return told;
}

describe('the actor of a job', () => {
  for (const [words, run] of [...LATER, ...AT_ONCE]) {
    it(`is reported as XState's own is when it ${words}`, async () => {
      const seen = await story(run, true);
      assert.match(JSON.stringify(seen), /"work"/);
      assert.deepEqual(seen, await story(run, false));
    });
  }

  for (const [words, run] of LATER) {
    it(`can be followed as XState's own can when it ${words}`, async () => {
      const told = await following(run, true);
      assert.ok(told.length > 2);
      assert.deepEqual(told, await following(run, false));
    });
  }
});
