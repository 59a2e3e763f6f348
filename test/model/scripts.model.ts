/** The exchanges as the daemon runs them against the scripts of RFC 2409: whatever befalls them, wherever they are. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { JobRefused } from '../../machines/exchange.js';
import { CHARTS } from '../../machines/charts.js';
import { ExchangeWorld, isExchange } from './exchange-world.js';
import { HandClock } from './hand-clock.js';
import { HeldJobs } from './held-jobs.js';
import { Observer, Sightings } from './observer.js';
import { type Agreed, type Happening, ScriptModel } from './script-model.js';
import { type Script, SCRIPTS } from './scripts.js';
import { type ChartEvent, METHODS, placeIn, TIMING, WHY } from './subject.js';

const HAPPENINGS: readonly Happening[] = [
  'well',
  'badly',
  'crash',
  'time',
  'unreadable',
  'unexpected',
  'warned',
  'OPERATOR_DELETE',
  'DISPLACED',
  'PEER_REFUSED',
  'PHASE1_LOST',
];

/** All that the script's conditions can tell apart. */
function agreements({ phase }: Script): readonly Agreed[] {
  const plain: Agreed = { pfs: false, commit: false, renewal: false, method: 'preshared' };
  if (phase === 2)
    return [plain, { ...plain, pfs: true }, { ...plain, commit: true }, { ...plain, renewal: true }];
  return METHODS.map((method) => ({ ...plain, method }));
}

function wordsOf({ pfs, commit, renewal }: Agreed): string {
  return `${pfs ? 'with' : 'without'} PFS${commit ? ', commit bit' : ''}${renewal ? ', renewal' : ''}`;
}

class Performance {
  readonly model: ScriptModel;
  readonly #agreed: Agreed;
  readonly #clock = new HandClock();
  readonly #jobs = new HeldJobs();
  readonly #observer = new Observer(new Sightings());
  readonly #world: ExchangeWorld;

  constructor(name: string, script: Script, agreed: Agreed) {
    this.#agreed = agreed;
    assert.ok(isExchange(name));
    this.model = new ScriptModel(script, agreed);
    this.#world = new ExchangeWorld(name, {
      clock: this.#clock,
      jobs: this.#jobs,
      watcher: this.#observer.watcher,
      input: {
        negotiation: 'p1-1',
        pfs: agreed.pfs,
        method: script.fixed === true ? agreed.method : undefined,
        timing: TIMING,
      },
      foreseen: [],
    });
    this.#compare();
  }

  async happen(happening: Happening): Promise<void> {
    const { waits } = this.model.step;
    if (happening === 'time' || (waits.for === 'time' && happening === 'well')) {
      this.#clock.ring(this.model.nextAlarm);
    } else if (waits.for === 'job' && happening === 'well') {
      this.#jobs.end(waits.job);
    } else if (waits.for === 'job' && (happening === 'badly' || happening === 'crash')) {
      this.#jobs.fail(waits.job, happening === 'badly' ? new JobRefused(WHY) : new Error('broken'));
    } else {
      this.#world.send(this.#told(happening));
    }
    if (waits.for === 'job') await new Promise((resolve) => setImmediate(resolve));
    this.model.happen(happening);
    this.#compare();
  }

  #told(happening: Happening): ChartEvent {
    const { waits, decides } = this.model.step;
    const decided = decides === true ? { method: this.#agreed.method } : {};
    if (happening !== 'well' && happening !== 'badly')
      return { type: happening, failure: WHY, suspicion: WHY, reason: 'a test wanted it' };
    if (waits.for === 'connected') return { type: 'CONNECTED' };
    if (waits.for === 'effect')
      return happening === 'well'
        ? {
            type: waits.word,
            connectedDue: this.#agreed.commit,
            othersCarry: this.#agreed.renewal,
            ...decided,
          }
        : { type: 'refused', failure: WHY };
    return happening === 'well'
      ? { type: 'message', id: 1, verdict: 'acceptable', ...decided }
      : { type: 'message', id: 1, verdict: 'refused', failure: WHY };
  }

  #compare(): void {
    const { value, output } = placeIn(this.#observer.snapshot());
    const { outcome, suspicion } = this.model;
    assert.deepEqual(value, this.model.value, 'where it is');
    assert.deepEqual(this.#observer.actions, this.model.actions, 'what it did');
    assert.deepEqual(this.#clock.set, this.model.alarms, 'what it waits for');
    assert.deepEqual(output, this.model.over ? { outcome, suspicion } : undefined, 'how it ended');
  }
}

async function perform(
  name: string,
  script: Script,
  agreed: Agreed,
  story: readonly Happening[],
): Promise<void> {
  const performance = new Performance(name, script, agreed);
  for (const happening of story) {
    if (performance.model.over) return;
    if (performance.model.can(happening)) await performance.happen(happening);
  }
}

it('every exchange has a script', () => {
  assert.deepEqual(
    Object.keys(CHARTS).filter((name) => isExchange(name) && SCRIPTS[name] === undefined),
    [],
  );
});

for (const [name, script] of Object.entries(SCRIPTS)) {
  describe(`${name} follows its script`, () => {
    for (const agreed of agreements(script)) {
      it(`step by step, whatever befalls it where, ${script.phase === 1 ? agreed.method : wordsOf(agreed)}`, async () => {
        for (let steps = 0; steps <= script.steps.length; steps++) {
          const gone = Array.from({ length: steps }, () => 'well' as const);
          for (const happening of HAPPENINGS) {
            try {
              await perform(name, script, agreed, [
                ...gone,
                happening,
                'well',
                'well',
                'time',
                'time',
                'time',
              ]);
            } catch (error) {
              throw new Error(`${happening} after ${String(steps)} steps`, { cause: error });
            }
          }
        }
      });
    }

    it('on walks at random', async () => {
      const happening = fc.oneof(
        { weight: 10, arbitrary: fc.constant<Happening>('well') },
        { weight: 10, arbitrary: fc.constantFrom<Happening>('time', 'unreadable', 'unexpected', 'warned') },
        { weight: 1, arbitrary: fc.constantFrom(...HAPPENINGS) },
      );
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...agreements(script)),
          fc.array(happening, { minLength: 1, maxLength: 40 }),
          (agreed, story) => perform(name, script, agreed, story),
        ),
        { numRuns: 200 },
      );
    });
  });
}
