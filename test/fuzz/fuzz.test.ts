/** A few cases of each fuzz target, so that the targets themselves do not rot; `npm run fuzz` runs many. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeScratch } from '../cli/in.iked/scratch.js';
import { codec } from './codec.js';
import { configuration } from './configuration.js';
import { dispatch } from './dispatch.js';
import { door } from './door.js';
import { keepFinding } from './finding-file.js';
import { pfkey } from './pfkey.js';
import type { FuzzTarget } from './target.js';
import { xfrm } from './xfrm.js';

const FEW: readonly {
  readonly target: FuzzTarget;
  readonly count: number;
  readonly mustReach: readonly string[];
}[] = [
  {
    target: codec,
    count: 2000,
    mustReach: ['well formed and obeys the rules of some message', 'payloads refused: truncated'],
  },
  {
    target: configuration,
    count: 300,
    mustReach: ['config accepted', 'preshared refused', 'policy accepted'],
  },
  {
    target: door,
    count: 2500,
    mustReach: [
      'answered: DUMP_PS',
      'answered: NEW_RULE',
      'refused: NO_PRIV',
      'answered beside a spoiled frame',
    ],
  },
  {
    target: pfkey,
    count: 1000,
    mustReach: [
      'linux: well afterwards',
      'illumos: well afterwards',
      'linux: acquire',
      'illumos: acquire',
      'linux: expire',
      'illumos: flushed',
    ],
  },
  { target: xfrm, count: 1000, mustReach: ['well formed', 'malformed', 'ACQUIREs passed on'] },
  { target: dispatch, count: 3000, mustReach: ['good handshakes', 'ended: installed', 'datagram.dropped'] },
];

describe('fuzzing', () => {
  for (const { target, count, mustReach } of FEW) {
    it(`${target.name} finds nothing in ${String(count)} cases, and reaches what it is for`, async function () {
      this.timeout(60_000);
      const { findings, reached } = await target.run({ seed: 7, count });
      assert.deepEqual(
        findings.map(({ at, error }) => [at, String(error)]),
        [],
      );
      for (const what of mustReach)
        assert.ok((reached[what] ?? 0) > 0, `${what}: ${JSON.stringify(reached)}`);
    });
  }

  it('has the same cases for the same seed, and others for another', async () => {
    const run = (seed: number) => codec.run({ seed, count: 500 });
    assert.deepEqual(await run(1), await run(1));
    assert.notDeepEqual(await run(1), await run(2));
  });

  it('keeps what it found in a file and says how to see it again', () => {
    const scratch = makeScratch();
    try {
      const input = Uint8Array.of(1, 2, 3);
      const report = keepFinding(
        { target: 'codec', seed: 5, at: 17, input, error: new Error('boom') },
        scratch.folder,
      );
      assert.deepEqual([...readFileSync(join(scratch.folder, 'codec-5-17.bin'))], [1, 2, 3]);
      assert.match(report, /boom[^]*010203[^]*npm run fuzz -- codec --seed 5 --count 18/);
    } finally {
      scratch.remove();
    }
  });
});
