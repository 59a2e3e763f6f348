/**
 * Real packets through SAs that were negotiated because a policy of the kernel asked: ping and TCP, against charon and
 * against ourselves, and nothing of it in the clear.
 */
import assert from 'node:assert/strict';
import { scenario, type Wishes } from '../interop/lab/scenario.js';
import { onBench, type PeerKind } from './lab/bench.js';
import { KERNELS } from './lab/kernels.js';

const MEGABYTE = 1024 * 1024;

interface Way {
  readonly title: string;
  readonly wishes: Wishes;
  /** Kind of the frames that carry it. */
  readonly carrier: string;
}

const WAYS: readonly Way[] = [
  { title: 'ESP, tunnel mode', wishes: { mode: 'tunnel' }, carrier: 'esp' },
  { title: 'ESP, transport mode', wishes: { mode: 'transport' }, carrier: 'esp' },
  { title: 'AH, transport mode', wishes: { mode: 'transport', protocol: 'ah' }, carrier: 'ah' },
  { title: 'ESP, tunnel mode, IPv6', wishes: { mode: 'tunnel', family: 6 }, carrier: 'esp' },
  { title: 'ESP, transport mode, IPv6', wishes: { mode: 'transport', family: 6 }, carrier: 'esp' },
];
const PEERS: readonly PeerKind[] = ['charon', 'in.iked'];

for (const kernel of KERNELS) {
  describe(`--kernel ${kernel}`, () => {
    for (const { title, wishes, carrier } of WAYS) {
      for (const peer of PEERS) {
        it(`${title}, with ${peer}: ping and TCP, asked for by a packet`, async () => {
          await onBench({ kernel, peer, scenario: scenario(wishes) }, async (bench) => {
            const frames = await bench.watch();
            await bench.untilPing();
            assert.equal(await bench.pings(5, 0.05), 5);
            await bench.transfer(MEGABYTE);
            const kinds = await frames.kinds();
            const { [carrier]: carried = 0, ike = 0, neighbours = 0, ...others } = kinds;
            assert.deepEqual(others, {}, 'frames in the clear left our end');
            // A frame holds up to 64 KiB where the kernel puts segments together; and there were the pings.
            assert.ok(carried >= MEGABYTE / 65_536 + 5, `${String(carried)} frames of ${carrier}`);
            assert.ok(ike > 0 && neighbours >= 0);
          });
        });
      }
    }
  });
}
