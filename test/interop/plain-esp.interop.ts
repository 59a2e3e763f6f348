/** ESP as a protocol of its own, no UDP around it: two daemons of ours, each with its embedded kernel, a TUN device and raw sockets. */
import assert from 'node:assert/strict';
import { readPacketCounters } from '../../services/admin/packets.js';
import { assertCarries } from '../kernel/lab/assert-carries.js';
import { onBench } from '../kernel/lab/bench.js';
import { scenario } from './lab/scenario.js';

describe('ESP over raw sockets, a TUN device at both ends', function () {
  this.timeout(90_000);

  for (const family of [4, 6] as const) {
    for (const mode of ['tunnel', 'transport'] as const) {
      it(`${mode} mode, IPv${String(family)}: a packet asks, pings and TCP pass, nothing in the clear`, async () => {
        const plan = { kernel: 'embedded', peer: 'in.iked', scenario: scenario({ mode, family }) } as const;
        await onBench(plan, async (bench) => {
          await bench.untilPing();
          await assertCarries(bench, 'esp');
          const { stdout, stderr } = await bench.daemon.ikeadm('-j', 'packet', 'stats');
          const counters = readPacketCounters(JSON.parse(stdout));
          assert.ok(counters !== undefined, stderr);
          // A megabyte out, its acknowledgements and the pings in.
          assert.ok(counters.sent > 700 && counters.received > 20, stdout);
          assert.deepEqual(counters.dropped, { outbound: {}, inbound: {} });
        });
      });
    }
  }
});
