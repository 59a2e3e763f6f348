/** Limits that the kernel counts: renewed under traffic at the soft one without a lost packet, and let go at the hard one. */
import assert from 'node:assert/strict';
import { scenario } from '../interop/lab/scenario.js';
import { eventually } from '../interop/lab/shell.js';
import { useBench } from './lab/bench.js';
import { spis } from './lab/held-sas.js';
import { KERNELS } from './lab/kernels.js';

const SOFT_SECONDS = 3;
const HARD_SECONDS = 9;
/** At the end of a pair its successor may stand, made under the last packets. */
const TO_THE_END = 2 * HARD_SECONDS + SOFT_SECONDS;

for (const kernel of KERNELS) {
  for (const peer of ['charon', 'in.iked'] as const) {
    describe(`--kernel ${kernel}: limits, with ${peer}`, () => {
      const global = [`p2_lifetime_secs ${String(HARD_SECONDS)}`, `p2_softlife_secs ${String(SOFT_SECONDS)}`];
      const bench = useBench({ kernel, peer, scenario: scenario({ more: { global } }) });

      it('soft: two renewals under pings of which none is lost', async () => {
        await bench().untilPing();
        const stream = bench().pingStream(0.02);
        const seen = new Set<string>();
        await eventually('two renewals', 30, async () => {
          for (const spi of spis(await bench().held('ours'))) seen.add(spi);
          return seen.size >= 6 ? true : undefined;
        });
        const enough = stream.answered().length + 20;
        await eventually('pings under the newest', 10, () => stream.answered().length > enough || undefined);
        const { answered, lost, twice } = await stream.stop();
        assert.deepEqual({ lost, twice }, { lost: [], twice: 0 }, `of ${String(answered)}`);
        assert.ok(answered > 100, String(answered));
      });

      it('hard: without traffic the last ones go at both ends, and the next packet asks again', async () => {
        await bench().untilHeld('ours', 0, TO_THE_END);
        await bench().untilHeld('peers', 0, TO_THE_END);
        const before = bench().acquires();
        await bench().untilPing();
        assert.equal(bench().acquires(), before + 1);
      });
    });
  }
}
