import assert from 'node:assert/strict';
import { Phase1Listing } from '../../daemon/phase1-listing.js';
import { SaTable } from '../../daemon/sa-table.js';
import { SmallSet } from '../../services/collections/small-set.js';
import { onlyPhase1 } from '../sim/informational-message.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { gatewayPlan, packetToWest, startPair } from '../sim/two-gateways.js';

describe('the listing of Phase 1 SAs', () => {
  it('reads ten thousand one by one in the order of their numbers, and minds what comes and goes', async () => {
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    const { engine } = pair.east;
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000);
    const model = onlyPhase1(pair.east);
    const entry = (n: number) => ({
      ...model,
      children: new SmallSet<never>(),
      id: `p1-${String(n)}`,
      sa: { ...model.sa, initiatorCookie: n.toString(16).padStart(16, '0'), responderCookie: 'f'.repeat(16) },
    });
    assert.ok(engine.table instanceof SaTable);
    const entries = Array.from({ length: 10_000 }, (_, n) => entry(10_001 - n));
    for (const one of entries) engine.table.addPhase1(one);
    const listing = new Phase1Listing(engine);
    const read: number[] = [];
    for (let from: number | undefined = 0; from !== undefined;) {
      const listed: ReturnType<Phase1Listing['from']> = listing.from(from);
      if (listed === undefined) break;
      read.push(listed.entry.serial);
      from = listed.next;
      if (read.length !== 100) continue;
      // The next one goes, and a later one comes.
      const gone = engine.table.phase1ById('p1-101');
      assert.ok(gone);
      engine.table.removePhase1(gone);
      engine.table.addPhase1(entry(20_000));
    }
    const expected = Array.from({ length: 10_001 }, (_, n) => n + 1).filter((n) => n !== 101);
    assert.deepEqual(read, [...expected, 20_000]);
    assert.equal(listing.from(20_001), undefined);
  });
});
