/** However a story goes, the two ends agree about its end: the same SAs on both, and nothing else left. */
import assert from 'node:assert/strict';
import { assertClean, assertEmpty, failures, liveSas } from '../sim/outcome.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { perform, scenarios } from './scenarios.js';

/** Longer than Deletes are repeated. */
const AFTERMATH_MS = 60_000;
const A_DAY_MS = 24 * 3_600_000;

describe('both ends agree at the end', () => {
  scenarios().forEach(({ name }, index) => {
    it(`when ${name}`, async () => {
      const scenario = scenarios()[index];
      assert.ok(scenario);
      const pair = await perform(scenario);
      await runUntil(pair.clock, () => false, AFTERMATH_MS);
      assertClean(pair, name);
      assert.deepEqual(liveSas(pair.east), liveSas(pair.west), failures(pair));
      await runUntil(pair.clock, () => false, A_DAY_MS);
      assertEmpty(pair, 'a day later');
    });
  });
});
