/** A peer that is cut off: the doctor finds it by asking, names the repair, and does it. */
import assert from 'node:assert/strict';
import { scenario } from '../interop/lab/scenario.js';
import { useBench } from './lab/bench.js';
import { doctor } from './lab/doctor.js';
import { spis } from './lab/held-sas.js';

/** As without a word in ike.config: half a minute until the daemon itself gives the peer up. */
const PATIENT = ['retry_timer_init 0.5', 'retry_limit 5'];

for (const [kernel, peer] of [
  ['xfrm', 'charon'],
  ['pfkey', 'in.iked'],
] as const) {
  describe(`--kernel ${kernel}: a peer that is cut off, ${peer}`, () => {
    const bench = useBench({ kernel, peer, scenario: scenario({ more: { global: PATIENT } }) });
    let before: readonly string[];

    /** Nothing gets in at the peer any more, or all does again. */
    async function cut(how: '-I' | '-D'): Promise<void> {
      const { status, stderr } = await bench().at('peers', 'iptables-legacy', how, 'INPUT', '-j', 'DROP');
      assert.equal(status, 0, stderr);
    }

    it('while it answers, the doctor finds nothing', async () => {
      await bench().untilPing();
      before = spis(await bench().untilHeld('ours', 2));
      assert.deepEqual(await doctor(bench()), { status: 0, ours: 2, foreign: [], findings: [] });
    });

    it('the doctor says that it is silent, names its SAs and what to do, and changes nothing', async () => {
      await cut('-I');
      assert.equal(await bench().pings(1, 1, 1), 0);
      const { status, stdout } = await bench().daemon.ikeadm('doctor');
      assert.equal(status, 1, stdout);
      const address = bench().scenario.place.peers.own[4];
      assert.match(stdout, new RegExp(`^Stale at this host, peer ${address}:500 \\(peer-silent\\):$`, 'm'));
      assert.match(stdout, /^ {2}How it is known: It answered no R-U-THERE/m);
      assert.match(stdout, /^ {2}What to do: Give up all that stands with it; .*INITIAL-CONTACT/m);
      for (const spi of before) assert.ok(stdout.includes(`0x${spi}`), stdout);
      assert.deepEqual(spis(await bench().held('ours')), before);
    });

    it('with --fix it gives up what stands with it, here alone', async () => {
      const { status, findings } = await doctor(bench(), '--fix');
      assert.equal(status, 0);
      assert.match(findings.join(), /^peer-silent, done: /);
      await bench().untilHeld('ours', 0);
      assert.deepEqual(spis(await bench().held('peers')), before, 'the peer heard nothing of it');
    });

    it('when it is there again a packet makes new SAs, and the old ones go at the peer, too', async () => {
      await cut('-D');
      await bench().untilPing();
      const now = spis(await bench().untilHeld('ours', 2));
      assert.ok(!now.some((spi) => before.includes(spi)));
      await bench().untilHeld('peers', 2, 30);
    });
  });
}
