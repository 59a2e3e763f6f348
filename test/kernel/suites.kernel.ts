/** Algorithms on a real wire, as charon has them: each pair of networks with its own. */
import assert from 'node:assert/strict';
import { scenario, type Wishes } from '../interop/lab/scenario.js';
import { onBench } from './lab/bench.js';
import { KERNELS } from './lab/kernels.js';

type Suites = NonNullable<Wishes['suites']>;

/** What `ip xfrm state` says of them. PF_KEY can say no AES-GCM, and of SHA-256 no more than 96 bits. */
const SUITES: Readonly<Record<(typeof KERNELS)[number], { readonly asked: Suites; readonly held: Suites }>> =
  {
    xfrm: {
      asked: ['aes128gcm16', 'aes256-sha256', 'aes128ctr-sha512'],
      held: ['rfc4106(gcm(aes)) 128', 'hmac(sha256) 128, cbc(aes)', 'hmac(sha512) 256, rfc3686(ctr(aes))'],
    },
    pfkey: {
      asked: ['aes128-sha256_96', 'aes256-sha512', 'aes128ctr-sha1'],
      held: ['hmac(sha256) 96, cbc(aes)', 'hmac(sha512) 256, cbc(aes)', 'hmac(sha1) 96, rfc3686(ctr(aes))'],
    },
  };

for (const kernel of KERNELS) {
  describe(`--kernel ${kernel}: algorithms`, () => {
    const { asked, held } = SUITES[kernel];
    it(`${asked.join(', ')} with charon: ping and TCP through each`, async () => {
      await onBench({ kernel, peer: 'charon', scenario: scenario({ suites: asked }) }, async (bench) => {
        for (const traffic of bench.scenario.traffic) {
          await bench.untilPing('ours', traffic);
          await bench.transfer(65_536, traffic);
        }
        const algorithms = (await bench.held('ours')).map((sa) => sa.algorithms.join(', '));
        assert.deepEqual(algorithms.sort(), [...held, ...held].sort());
      });
    });
  });
}

describe('--kernel pfkey: what PF_KEY cannot say', () => {
  it('is left out of a policy, with the reason in the log; what is left is negotiated', async () => {
    const phase2 = ['aes128gcm16', 'aes128-sha256', 'aes128-sha1'];
    const plan = scenario({ phase2: { ours: phase2, peers: phase2 } });
    await onBench({ kernel: 'pfkey', peer: 'charon', scenario: plan }, async (bench) => {
      await bench.untilPing();
      for (const { algorithms } of await bench.held('ours'))
        assert.deepEqual(algorithms, ['hmac(sha1) 96', 'cbc(aes)']);
      assert.match(bench.daemon.log(), /Linux takes no AES-GCM over PF_KEY/);
      assert.match(bench.daemon.log(), /SHA-256 is not offered: .*96 bits/);
    });
  });
});
