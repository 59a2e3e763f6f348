/** The life of one tunnel: the first packet asks for its SAs, traffic, and every way to lose them, after which one asks again. */
import assert from 'node:assert/strict';
import type { End } from '../interop/lab/addresses.js';
import { scenario } from '../interop/lab/scenario.js';
import { succeed } from '../interop/lab/shell.js';
import { assertCarries } from './lab/assert-carries.js';
import { useBench, type Bench, type PeerKind } from './lab/bench.js';
import { KERNELS } from './lab/kernels.js';

/** A packet asks for new SAs once, and goes through them. */
async function assertAsksAgain(bench: Bench): Promise<void> {
  const before = bench.acquires();
  await bench.untilPing();
  assert.equal(bench.acquires(), before + 1, 'the kernel asked once');
  await bench.untilHeld('ours', 2);
}

/** By the system's own tool. */
async function deleteOne(bench: Bench, end: End): Promise<void> {
  const [sa] = await bench.held(end);
  assert.ok(sa);
  const id = ['src', sa.source, 'dst', sa.destination, 'proto', sa.protocol, 'spi', `0x${sa.spi}`];
  await succeed('ip', ['-n', bench.network[end][0], 'xfrm', 'state', 'delete', ...id]);
}

async function assertAllGo(bench: Bench): Promise<void> {
  await bench.untilHeld('ours', 0);
  await bench.untilHeld('peers', 0);
}

for (const kernel of KERNELS) {
  for (const peer of ['charon', 'in.iked'] as const satisfies readonly PeerKind[]) {
    describe(`--kernel ${kernel}: a tunnel, with ${peer}`, () => {
      const bench = useBench({ kernel, peer, scenario: scenario({}) });

      it('the first packet asks for its SAs, which the log says', async () => {
        assert.equal(bench().acquires(), 0);
        assert.deepEqual(await bench().held('ours'), []);
        await assertAsksAgain(bench());
      });

      it('carries ping and TCP, and nothing in the clear', async () => {
        await assertCarries(bench(), 'esp');
      });

      it('one SA deleted by hand takes its partner along, and our Delete those of the other end', async () => {
        await deleteOne(bench(), 'ours');
        await assertAllGo(bench());
        await assertAsksAgain(bench());
      });

      it("the other end's Delete takes ours along", async () => {
        const { charon } = bench();
        if (charon === undefined) await deleteOne(bench(), 'peers');
        else await charon.terminateChild('first');
        await assertAllGo(bench());
        await assertAsksAgain(bench());
      });

      it("somebody's flush of the kernel is obeyed, and the next packet asks again", async () => {
        await succeed('ip', ['-n', bench().network.ours[0], 'xfrm', 'state', 'flush']);
        await assertAsksAgain(bench());
      });

      it('the end of the daemon leaves nothing in the kernel', async () => {
        const [namespace] = bench().network.ours;
        assert.equal(await bench().daemon.stop(), 'ended');
        assert.deepEqual(await bench().held('ours'), []);
        assert.equal(await succeed('ip', ['-n', namespace, 'xfrm', 'policy']), '');
      });
    });
  }
}
