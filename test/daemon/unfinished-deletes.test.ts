import assert from 'node:assert/strict';
import type { Phase1Entry } from '../../daemon/sa-table.js';
import { UnfinishedDeletes } from '../../daemon/unfinished-deletes.js';
import { startPair, gatewayPlan, packetToWest } from '../sim/two-gateways.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { VirtualClock } from '../sim/virtual-clock.js';

const PAIRS = [{ protocol: 50, inboundSpi: 0x1000, outboundSpi: 0x2000 }] as const;

async function entries(count: number): Promise<readonly Phase1Entry[]> {
  const made: Phase1Entry[] = [];
  for (let seed = 1; seed <= count; seed++) {
    const { east, west, clock } = await startPair(seed, gatewayPlan('east'), gatewayPlan('west'));
    east.kernel.output(packetToWest());
    await runUntil(clock, () => west.delivered.length > 0, 30_000);
    made.push(...east.engine.table.phase1());
  }
  assert.equal(made.length, count);
  return made;
}

describe('Deletes of SAs that perhaps only the peer holds', () => {
  it('are said under each Phase 1 SA with it, also one that is made meanwhile, and then no more', async () => {
    const [old, dead, fresh] = await entries(3);
    assert.ok(old && dead && fresh);
    const clock = new VirtualClock();
    const said: Phase1Entry[] = [];
    let standing = [old, dead];
    const deletes = new UnfinishedDeletes(clock, {
      standing: () => standing,
      knowsPeer: () => true,
      reach: () => assert.fail('it can be said'),
      sendDelete: (under, pairs) => {
        assert.deepEqual(pairs, PAIRS);
        said.push(under);
      },
    });
    deletes.begin(old, PAIRS);
    clock.advance(20_000);
    standing = [dead, fresh];
    clock.advance(100_000);
    const times = [old, dead, fresh].map((entry) => said.filter((under) => under === entry).length);
    assert.deepEqual(times, [8, 8, 8]);
    assert.equal(clock.pending, 0);
  });

  it('end when nothing stands with the peer', async () => {
    const [entry] = await entries(1);
    assert.ok(entry);
    const clock = new VirtualClock();
    let count = 0;
    let known = true;
    const deletes = new UnfinishedDeletes(clock, {
      standing: () => [entry],
      knowsPeer: () => known,
      reach: () => assert.fail('it can be said'),
      sendDelete: () => {
        count += 1;
      },
    });
    deletes.begin(entry, PAIRS);
    known = false;
    clock.advance(100_000);
    assert.equal(count, 2);
    assert.equal(clock.pending, 0);
  });

  it('are said under a Phase 1 SA that is made for them where there is none, with three attempts', async () => {
    const [entry] = await entries(1);
    assert.ok(entry);
    for (const succeeds of [1, 3, 4]) {
      const clock = new VirtualClock();
      let [attempts, count] = [0, 0];
      const deletes = new UnfinishedDeletes(clock, {
        standing: () => (attempts >= succeeds ? [entry] : []),
        knowsPeer: () => true,
        reach: () => {
          attempts += 1;
          return Promise.resolve();
        },
        sendDelete: () => {
          count += 1;
        },
      });
      deletes.begin(entry, PAIRS);
      await runUntil(clock, () => false, 100_000);
      assert.deepEqual([attempts, count], [Math.min(succeeds, 3), succeeds > 3 ? 0 : 8]);
      assert.equal(clock.pending, 0);
    }
  });
});
