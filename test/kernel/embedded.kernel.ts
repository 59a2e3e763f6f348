/** The embedded kernel, with a TUN device, against a Linux kernel that has IPsec itself: ESP without UDP, and AH. */
import { scenario, type Wishes } from '../interop/lab/scenario.js';
import { assertCarries } from './lab/assert-carries.js';
import { type BenchPlan, onBench, type PeerKind } from './lab/bench.js';

type Way = Pick<Required<Wishes>, 'protocol' | 'mode' | 'family'> & { readonly peer: PeerKind };

/** With our daemon it is keyed through XFRM. */
const WAYS: readonly Way[] = [
  { protocol: 'ah', mode: 'transport', family: 4, peer: 'in.iked' },
  { protocol: 'ah', mode: 'transport', family: 6, peer: 'charon' },
  { protocol: 'esp', mode: 'tunnel', family: 4, peer: 'charon' },
  { protocol: 'esp', mode: 'transport', family: 6, peer: 'in.iked' },
];

describe('--kernel embedded, and a Linux kernel at the other end', () => {
  for (const way of WAYS) {
    const { protocol, mode, family, peer } = way;
    it(`${protocol.toUpperCase()}, ${mode} mode, IPv${String(family)}, with ${peer}: ping and TCP`, async () => {
      const plan: BenchPlan = { kernel: 'embedded', peer, peerKernel: 'xfrm', scenario: scenario(way) };
      await onBench(plan, async (bench) => {
        await bench.untilPing();
        await assertCarries(bench, protocol);
      });
    });
  }
});
