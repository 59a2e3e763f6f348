import assert from 'node:assert/strict';
import fc from 'fast-check';
import { leftBehind } from '../../daemon/left-behind.js';
import type { Phase1Entry } from '../../daemon/sa-table.js';
import { onlyPhase1 } from '../sim/informational-message.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { gatewayPlan, packetToWest, startPair } from '../sim/two-gateways.js';

const SETTLING_MS = 50;
const NOW = 200;

describe('Phase 1 SAs that a peer has left', () => {
  let model: Phase1Entry;

  before('make a real SA to copy', async () => {
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000);
    model = onlyPhase1(pair.east);
  });

  it('are those that each pair of them tells, whenever they were made and heard of', () => {
    const sa = fc.record({
      madeAt: fc.nat({ max: NOW }),
      heardMs: fc.option(fc.nat({ max: NOW })),
      peer: fc.nat({ max: 1 }),
    });
    fc.assert(
      fc.property(fc.array(sa, { maxLength: 6 }), (plan) => {
        const entries = plan.map(({ madeAt, heardMs, peer }): Phase1Entry => {
          const { peerIdentity } = model.sa;
          assert.ok(peerIdentity);
          const identity = { ...peerIdentity, data: Uint8Array.of(peer) };
          const heardAt = heardMs === null ? undefined : madeAt + heardMs;
          return { ...model, madeAt, heardAt, sa: { ...model.sa, peerIdentity: identity } };
        });
        const expected = entries.filter((entry) => entries.some((other) => isLeft(entry, other)));
        assert.deepEqual([...leftBehind(entries, SETTLING_MS, NOW)], expected);
      }),
    );
  });

  it('are found among ten thousand without looking at pairs', () => {
    const entries = Array.from({ length: 10_000 }, (_, n): Phase1Entry => ({
      ...model,
      madeAt: n,
      heardAt: Math.max(n, 9998),
    }));
    assert.deepEqual([...leftBehind(entries, SETTLING_MS, 9999)], entries.slice(0, 9999));
  });
});

/** One by one: whether the peer may have ended `entry` beside `other`. */
function isLeft(entry: Phase1Entry, other: Phase1Entry): boolean {
  if (entry === other || entry.sa.peerIdentity?.data[0] !== other.sa.peerIdentity?.data[0]) return false;
  const heard = entry.heardAt ?? entry.madeAt;
  const settledAt = Math.max(entry.madeAt, other.madeAt) + SETTLING_MS;
  return heard < other.madeAt || (heard < settledAt && NOW >= settledAt);
}
