/** ESP and AH as protocols of their own, no UDP around them: two daemons of ours, each with its embedded kernel, a TUN device and raw sockets. */
import assert from 'node:assert/strict';
import { readPacketCounters } from '../../services/admin/packets.js';
import { assertCarries } from '../kernel/lab/assert-carries.js';
import { onBench } from '../kernel/lab/bench.js';
import { scenario } from './lab/scenario.js';

describe('ESP and AH over raw sockets, a TUN device at both ends', function () {
  this.timeout(90_000);

  const ways = (['esp', 'ah'] as const).flatMap((protocol) =>
    ([4, 6] as const).flatMap((family) =>
      (['tunnel', 'transport'] as const).map((mode) => ({ protocol, family, mode })),
    ),
  );
  for (const way of ways) {
    const { protocol, family, mode } = way;
    it(`${protocol.toUpperCase()}, ${mode} mode, IPv${String(family)}: a packet asks, pings and TCP pass, nothing in the clear`, async () => {
      const plan = { kernel: 'embedded', peer: 'in.iked', scenario: scenario(way) } as const;
      await onBench(plan, async (bench) => {
        await bench.untilPing();
        await assertCarries(bench, protocol);
        const { stdout, stderr } = await bench.daemon.ikeadm('-j', 'packet', 'stats');
        const counters = readPacketCounters(JSON.parse(stdout));
        assert.ok(counters !== undefined, stderr);
        // A megabyte out, its acknowledgements and the pings in.
        assert.ok(counters.sent > 700 && counters.received > 20, stdout);
        assert.deepEqual(counters.dropped, { outbound: {}, inbound: {} });
      });
    });
  }
});
