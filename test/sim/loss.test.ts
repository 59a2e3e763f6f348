/**
 * Two daemons over a bad network, in virtual time, with crypto jobs that finish late and in any order.
 * `IKECHART_SEEDS=1000` is the full count; by default a tenth runs.
 */
import assert from 'node:assert/strict';
import { assertClean, failedCodes, failures, liveSas } from './outcome.js';
import { runUntil, type SimulatedDaemon } from './simulated-daemon.js';
import type { Weather } from './simulated-network.js';
import { gatewayPlan, packetToWest, type Pair, startPair } from './two-gateways.js';

const SEEDS = Number(process.env.IKECHART_SEEDS ?? 100);
const STORM: Weather = { loss: 0.3, duplication: 0.1, delayMs: 10, jitterMs: 900 };
/** Beyond every retry window and `expire_timer` of the configurations below. */
const ALL_WINDOWS_MS = 700_000;
const LATEST_CRYPTO_MS = 300;

async function weather(seed: number, globals: string): Promise<Pair> {
  const plan = (end: 'east' | 'west') => gatewayPlan(end, { words: { globals }, cryptoMs: LATEST_CRYPTO_MS });
  const pair = await startPair(seed, plan('east'), plan('west'));
  pair.network.weather = STORM;
  pair.east.kernel.output(packetToWest());
  return pair;
}

/** Plays on in fair weather until every window has closed. */
async function settleDown(pair: Pair): Promise<void> {
  await runUntil(pair.clock, () => false, ALL_WINDOWS_MS);
}

function phase1Cookies({ engine }: SimulatedDaemon): readonly string[] {
  return [...engine.table.phase1()].map(({ sa }) => sa.initiatorCookie + sa.responderCookie).sort();
}

describe('two daemons under 30 % loss, 10 % duplication and reordering', function () {
  this.timeout(600_000);

  it(`with retry_limit 20 establish equal SAs, for ${String(SEEDS)} seeds`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const pair = await weather(seed, 'retry_limit 20 retry_timer_max 5 expire_timer 600');
      const both = (): boolean =>
        pair.east.engine.table.phase2Count > 0 && pair.west.engine.table.phase2Count > 0;
      const arrived = await runUntil(pair.clock, both, 600_000);
      assert.ok(arrived, `seed ${String(seed)}: ${failures(pair)}`);
      await settleDown(pair);
      assert.deepEqual(liveSas(pair.east), liveSas(pair.west), `seed ${String(seed)}`);
      assert.equal(pair.west.delivered.length, 1, `seed ${String(seed)}`);
      assertClean(pair, `seed ${String(seed)}`);
    }
  });

  it(`with the default retry_limit establish or fail because the peer was silent, for ${String(SEEDS)} seeds`, async () => {
    let established = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const pair = await weather(seed, '');
      await settleDown(pair);
      assertClean(pair, `seed ${String(seed)}`);
      // A Phase 1 SA whose message 6 was lost for good is asked for, and goes.
      assert.deepEqual(phase1Cookies(pair.east), phase1Cookies(pair.west), `seed ${String(seed)}`);
      const codes = [pair.east, pair.west].flatMap((daemon) => failedCodes(daemon));
      if (pair.east.engine.table.phase2Count > 0) {
        established += 1;
        assert.deepEqual(liveSas(pair.east), liveSas(pair.west), `seed ${String(seed)}`);
        continue;
      }
      assert.notEqual(codes.length, 0, `seed ${String(seed)} neither established nor failed`);
      for (const code of codes)
        assert.ok(['peer-silent', 'expired', 'peer-dead'].includes(code), `seed ${String(seed)}: ${code}`);
      assert.deepEqual(liveSas(pair.west), liveSas(pair.east), `seed ${String(seed)}: SAs on one end only`);
    }
    assert.ok(established > SEEDS / 2, `${String(established)} of ${String(SEEDS)} established`);
  });
});
