/** What random runs have found: ends that were lost, or came too late, and left at one end what the other did not have. */
import assert from 'node:assert/strict';
import { EXCHANGE } from '../../services/isakmp/registries/exchange-types.js';
import { headerOf, isEncrypted } from '../machines/mishaps.js';
import { assertClean, assertEstablished, failedCodes, liveSas } from './outcome.js';
import { type DaemonPlan, runUntil, type SimulatedDaemon } from './simulated-daemon.js';
import {
  gatewayPlan,
  otherPolicy,
  packetToWest,
  type Pair,
  startPair,
  tunnelPacket,
  tunnelPolicy,
} from './two-gateways.js';

const WINDOW_MS = 31_500;
/** A retry window and a round of probing. */
const SETTLING_MS = WINDOW_MS + 30_000 + WINDOW_MS;
const LONG_MS = 200_000;

const plan = (end: 'east' | 'west', rule = ''): DaemonPlan =>
  gatewayPlan(end, { policies: [tunnelPolicy(end), otherPolicy(end)], words: { rule } });

function cookies({ engine }: SimulatedDaemon): readonly string[] {
  return [...engine.table.phase1()].map(({ sa }) => sa.initiatorCookie + sa.responderCookie).sort();
}

function assertSame({ east, west }: Pair, where: string): void {
  assert.deepEqual(liveSas(east), liveSas(west), where);
  assert.deepEqual(cookies(east), cookies(west), where);
}

async function established(rule?: string): Promise<Pair> {
  const pair = await startPair(1, plan('east', rule), plan('west', rule));
  pair.east.kernel.output(packetToWest());
  assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, WINDOW_MS));
  return pair;
}

function onlyPhase1({ engine }: SimulatedDaemon) {
  const [entry] = [...engine.table.phase1()];
  assert.ok(entry);
  return entry;
}

describe('SAs that one end has ended', () => {
  it('are not made at the other by a message 3 of Quick Mode that comes after their Delete', async () => {
    const pair = await established();
    const { network, clock, east, west } = pair;
    // East makes a second pair, of which west does not hear the end; then east takes it back, and says so.
    let thirds = 0;
    network.filter = (datagram) =>
      headerOf(datagram).exchangeType === EXCHANGE.quickMode &&
      datagram.from.address === east.address &&
      ++thirds > 1
        ? 'drop'
        : 'pass';
    void east.engine.up('10.1.0.5', '10.2.0.9', 17);
    await runUntil(clock, () => east.engine.table.phase2Count === 2, WINDOW_MS);
    assert.equal(west.engine.table.phase2Count, 1);
    const newest = [...east.engine.table.phase2()].at(-1);
    assert.ok(newest);
    east.engine.peers.ipsecSas.hardLimit([...east.engine.table.phase2()][0] ?? newest);
    east.engine.peers.deleted(newest);
    await runUntil(clock, () => false, 2000);
    network.filter = () => 'pass';
    await runUntil(clock, () => false, LONG_MS);
    assertSame(pair, 'after the Delete');
  });
});
