/**
 * Every chart as the daemon runs it, beside the chart worked out on paper: along every path that `xstate/graph` finds, at
 * every event that can come there, and on walks at random. At the end: what of the charts has been seen.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { CHARTS } from '../../machines/charts.js';
import { coverage, table } from './coverage.js';
import { Sightings } from './observer.js';
import { chartOf, fateOf, Run } from './run.js';
import {
  type ChartEvent,
  inputs,
  nameOf,
  type Path,
  placeOf,
  possible,
  shortestPaths,
  variants,
} from './subject.js';

const WALKS = 200;
const LONGEST_WALK = 40;

/** What the acquire chart's questions may find instead of a rule without a Phase 1 SA. */
const FORESEEN: readonly ChartEvent[] = ['refused', 'phase1Ready', 'phase1Quiet'].flatMap(variants);

const seen = new Map(Object.keys(CHARTS).map((name) => [name, new Sightings()]));

function sightings(name: string): Sightings {
  const found = seen.get(name);
  assert.ok(found);
  return found;
}

async function begin(name: string, { input, events }: Path): Promise<Run> {
  const run = await Run.start(name, input, sightings(name), events);
  for (const event of events) await run.take(event);
  run.agree();
  return run;
}

/** Everything that can come at the end of a path: each from there, as long as nothing else has changed the place. */
async function tryAll(name: string, path: Path): Promise<void> {
  let run = await begin(name, path);
  const place = run.model.snapshot;
  for (const event of possible(place)) {
    if (fateOf(name, place, event) === 'impossible') continue;
    const { input, events } = path;
    if (placeOf(run.model.snapshot) !== placeOf(place) || !run.isAtRest)
      run = await begin(name, { input, events: [...events, event] });
    else await run.take(event);
    run.agree();
  }
}

for (const name of Object.keys(CHARTS)) {
  describe(`the chart ${name} in production`, function () {
    this.timeout(200_000);

    it('goes where its model goes, on every path and at every event that can come there', async () => {
      const told = (snapshot: Parameters<typeof possible>[0]): readonly ChartEvent[] =>
        possible(snapshot).filter((event) => fateOf(name, snapshot, event) === 'told');
      const paths = shortestPaths(chartOf(name), told);
      assert.ok(paths.length > 1);
      for (const path of paths) {
        try {
          await tryAll(name, path);
        } catch (error) {
          throw new Error(`on the path ${path.events.map(nameOf).join(', ')}`, { cause: error });
        }
      }
    });

    it('goes where its model goes, on walks at random with replays and messages that come too early', async () => {
      const picks = fc.array(fc.nat(), { minLength: 1, maxLength: LONGEST_WALK });
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...inputs(name)),
          fc.subarray([...FORESEEN]),
          picks,
          async (input, foreseen, numbers) => {
            const run = await Run.start(name, input, sightings(name), foreseen);
            for (const number of numbers) {
              const { snapshot } = run.model;
              const events = possible(snapshot).filter((event) => run.isTimely(event));
              const event = events[number % events.length];
              if (event === undefined) break;
              await run.take(event);
              if (number % 3 === 0) run.replay(number);
              run.agree();
            }
          },
        ),
        { numRuns: WALKS },
      );
    });
  });
}

describe('what the tests have seen of the charts', () => {
  after(() => {
    console.log(table([...seen].map(([name, sighted]) => coverage(name, chartOf(name), sighted))));
  });

  for (const name of Object.keys(CHARTS)) {
    it(`is every state and every transition of ${name}`, () => {
      const { states, transitions, guards, ignored } = coverage(name, chartOf(name), sightings(name));
      const missing = [states, transitions, guards, ignored].flatMap((share) => share.missing);
      assert.deepEqual(missing, [], 'never seen');
    });
  }
});
