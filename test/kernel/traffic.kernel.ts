/** Real packets through SAs of every kind but the plain tunnel (tunnel.kernel.ts), and nothing of them in the clear. */
import { scenario, type Wishes } from '../interop/lab/scenario.js';
import { assertCarries } from './lab/assert-carries.js';
import { onBench, type PeerKind } from './lab/bench.js';
import { KERNELS } from './lab/kernels.js';

interface Way {
  readonly title: string;
  readonly wishes: Wishes;
  /** Kind of the frames that carry it. */
  readonly carrier: string;
}

const WAYS: readonly Way[] = [
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
            await bench.untilPing();
            await assertCarries(bench, carrier);
          });
        });
      }
    }
  });
}
