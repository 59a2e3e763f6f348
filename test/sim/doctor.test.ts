/** `ikeadm doctor` with the embedded kernel, whose SAs nobody else has made and no file names. */
import assert from 'node:assert/strict';
import { doctorAdministration } from '../../daemon/doctor.js';
import type { Diagnosis } from '../../services/admin/doctor.js';
import { runUntil } from './simulated-daemon.js';
import { gatewayPlan, packetToWest, type Pair, startPair } from './two-gateways.js';

async function established(): Promise<Pair> {
  const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
  pair.east.kernel.output(packetToWest());
  assert.ok(await runUntil(pair.clock, () => pair.west.delivered.length > 0, 20_000));
  return pair;
}

async function examined({ clock, east }: Pair, fix: boolean): Promise<Diagnosis> {
  let found: Diagnosis | undefined;
  void doctorAdministration(east.engine, undefined)
    .examine(fix)
    .then((result) => {
      if (result.ok) found = result.value;
    });
  assert.ok(await runUntil(clock, () => found !== undefined, 60_000));
  assert.ok(found);
  return found;
}

describe('the doctor, with the embedded kernel', () => {
  it('takes all that is in it for ours', async () => {
    const { healthy, ours, foreign, findings } = await examined(await established(), false);
    assert.deepEqual([healthy, ours, foreign, findings], [true, 2, [], []]);
  });

  it('finds an SA that the daemon has given up, and deletes it', async () => {
    const pair = await established();
    const [entry] = pair.east.engine.table.phase2();
    assert.ok(entry);
    const [inbound] = entry.pairs;
    assert.ok(inbound);
    pair.east.engine.table.removePhase2(entry);
    const first = await examined(pair, false);
    assert.deepEqual(
      first.findings.map(({ code, repair }) => [code, repair]),
      [
        ['left-in-kernel', 'proposed'],
        ['left-in-kernel', 'proposed'],
      ],
    );
    const second = await examined(pair, true);
    assert.deepEqual(
      second.findings.map(({ repair }) => repair),
      ['done', 'done'],
    );
    assert.deepEqual(await pair.east.kernel.held(), []);
  });
});
