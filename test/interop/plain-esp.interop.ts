/** ESP as a protocol of its own, no UDP around it: two daemons of ours, each with its embedded kernel, a TUN device and raw sockets. */
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
        });
      });
    }
  }
});
