/** A peer whose Diffie-Hellman values lie in a small subgroup of groups 22 to 24 (RFC 6989 2.2). */
import assert from 'node:assert/strict';
import { SUBGROUP_NUMBERS } from '../../adapters/crypto/subgroups.js';
import { bytesOf, modPower, numberOf } from '../adapters/crypto/modular.js';
import type { Crypto } from '../../services/ports/crypto.js';
import { boundCrypto } from './bound-crypto.js';
import { assertClean } from './outcome.js';
import { runUntil, type SimulatedDaemon } from './simulated-daemon.js';
import { gatewayPlan, packetToWest, type Pair, startPair } from './two-gateways.js';

const WINDOW_MS = 60_000;

/** Of order 7 in group 22, whose (p - 1) / q has that factor. */
function elementOfOrderSeven(): Uint8Array {
  const { prime } = SUBGROUP_NUMBERS[22];
  const p = numberOf(prime);
  for (let base = 2n; ; base += 1n) {
    const element = modPower(base, (p - 1n) / 7n, p);
    if (element !== 1n) return bytesOf(element, prime.length);
  }
}

/** Sends that element as the public value of its `nth` key pair. */
function hostile(nth: number): (crypto: Crypto) => Crypto {
  let pairs = 0;
  return (crypto) => ({
    ...boundCrypto(crypto),
    generateKeyPair: async (group) => {
      const pair = await crypto.generateKeyPair(group);
      pairs += 1;
      return pairs === nth ? { ...pair, publicValue: elementOfOrderSeven() } : pair;
    },
  });
}

async function pairWith(bad: 'east' | 'west', nth: number): Promise<Pair> {
  const words = {
    transform: 'auth_method preshared oakley_group 22 auth_alg sha1 encr_alg aes(128)',
    pfs: 22,
  };
  const plan = (end: 'east' | 'west') =>
    gatewayPlan(end, end === bad ? { words, crypto: hostile(nth) } : { words });
  return startPair(nth, plan('east'), plan('west'));
}

function endings(daemon: SimulatedDaemon) {
  return daemon.events.flatMap((event) =>
    event.type === 'negotiation.ended' && event.failure !== undefined ? [event.failure] : [],
  );
}

describe('a peer value of order 7 in group 22', () => {
  for (const bad of ['east', 'west'] as const) {
    const role = bad === 'east' ? 'an initiator' : 'a responder';

    it(`of ${role} ends Main Mode as a bad public value`, async () => {
      const pair = await pairWith(bad, 1);
      const good = bad === 'east' ? pair.west : pair.east;
      pair.east.kernel.output(packetToWest());
      await runUntil(pair.clock, () => endings(good).length > 0, WINDOW_MS);
      const [failure] = endings(good);
      assert.equal(failure?.code, 'bad-public-value');
      assert.match(failure.explanation, /for group 22 must not be used: it is not in the subgroup/);
      await runUntil(pair.clock, () => false, 10 * WINDOW_MS);
      assert.equal(good.engine.table.phase1Count, 0);
      assertClean(pair, 'Main Mode');
    });

    it(`of ${role} ends Quick Mode with PFS as a bad public value`, async () => {
      const pair = await pairWith(bad, 2);
      const good = bad === 'east' ? pair.west : pair.east;
      pair.east.kernel.output(packetToWest());
      await runUntil(pair.clock, () => endings(good).length > 0, WINDOW_MS);
      const [failure] = endings(good);
      assert.equal(failure?.code, 'bad-public-value');
      assert.match(failure.explanation, /for group 22 must not be used: it is not in the subgroup/);
      await runUntil(pair.clock, () => false, 10 * WINDOW_MS);
      assert.equal(good.engine.table.phase2Count, 0);
      assertClean(pair, 'Quick Mode');
    });
  }
});
