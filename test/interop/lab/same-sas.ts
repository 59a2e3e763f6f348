/** What success is: both ends hold the same keys under the same SPIs. */
import assert from 'node:assert/strict';
import { installedSas, type SaFacts, type SaLine } from './sa-log.js';
import { eventually } from './shell.js';

interface Recorder {
  saLines(): readonly SaLine[];
}

/** Waits until each end has installed `pairs` pairs of SAs, and compares them. Returns them in the order of their SPIs. */
export async function assertSameSas(a: Recorder, b: Recorder, pairs = 1): Promise<readonly SaFacts[]> {
  const wanted = pairs * 2;
  const both = await eventually(`${String(pairs)} SA pairs at both ends`, 5, () => {
    const [ofA, ofB] = [installedSas(a.saLines()), installedSas(b.saLines())];
    return ofA.length >= wanted && ofB.length >= wanted ? { ofA, ofB } : undefined;
  });
  assert.equal(both.ofA.length, wanted);
  assert.deepEqual(both.ofA, both.ofB);
  assert.equal(new Set(both.ofA.map((sa) => sa.dst)).size, 2, 'one SA in each direction');
  for (const sa of both.ofA)
    assert.notEqual((sa.integrity ?? sa.combined)?.key ?? '', '', `SA ${sa.spi} has an integrity key`);
  return both.ofA;
}
