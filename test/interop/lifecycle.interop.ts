/** After Phase 1: more than one Quick Mode, and Deletes in both directions. */
import assert from 'node:assert/strict';
import { useLab, type Pair } from './lab/lab.js';
import { assertSameSas } from './lab/same-sas.js';
import { deletedSpis } from './lab/sa-log.js';
import { scenario } from './lab/scenario.js';
import { eventually } from './lab/shell.js';
import { ADDRESS } from './lab/addresses.js';

/** Resolves when both ends have deleted all these SAs and hold no Phase 1. */
async function assertAllGone({ daemon, charon }: Pair, spis: readonly string[]): Promise<void> {
  await eventually('both ends have deleted the SAs', 5, () => {
    const [ours, peers] = [deletedSpis(daemon.saLines()), deletedSpis(charon.saLines())];
    return spis.every((spi) => ours.has(spi) && peers.has(spi)) || undefined;
  });
  await eventually('neither end holds a Phase 1', 5, async () => {
    const { phase1, children } = await charon.held();
    return (phase1 === 0 && children === 0 && (await daemon.phase1Held()) === 0) || undefined;
  });
}

describe('life after Phase 1', () => {
  const lab = useLab();

  it('initiator: two Quick Modes share one Phase 1', async () => {
    const pair = await lab.arrange(scenario({ networks: 2, pfs: 'modp1024' }));
    for (const traffic of pair.scenario.traffic) {
      const answer = await pair.daemon.up(traffic);
      assert.equal(answer.outcome, 'established', answer.failure?.explanation);
    }
    await assertSameSas(pair.daemon, pair.charon, 2);
    assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 2 });
    assert.equal(await pair.daemon.phase1Held(), 1);
  });

  it('initiator: two Quick Modes at the same time', async () => {
    const pair = await lab.arrange(scenario({ networks: 2 }));
    const answers = await Promise.all(pair.scenario.traffic.map((traffic) => pair.daemon.up(traffic)));
    assert.deepEqual(
      answers.map((answer) => answer.outcome),
      ['established', 'established'],
    );
    await assertSameSas(pair.daemon, pair.charon, 2);
    assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 2 });
  });

  it('responder: two Quick Modes share one Phase 1', async () => {
    const pair = await lab.arrange(scenario({ networks: 2, pfs: 'modp1024' }));
    for (const traffic of pair.scenario.traffic) {
      assert.equal(await pair.charon.initiate(traffic.name), true, `charon established ${traffic.name}`);
    }
    await assertSameSas(pair.daemon, pair.charon, 2);
    assert.equal(await pair.daemon.phase1Held(), 1);
  });

  it('a Quick Mode from each end over one Phase 1', async () => {
    const pair = await lab.arrange(scenario({ networks: 2 }));
    const [first, second] = pair.scenario.traffic;
    assert.ok(second !== undefined);
    assert.equal((await pair.daemon.up(first)).outcome, 'established');
    assert.equal(await pair.charon.initiate(second.name), true, 'charon established it');
    await assertSameSas(pair.daemon, pair.charon, 2);
    assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 2 });
    assert.equal(await pair.daemon.phase1Held(), 1);
  });

  for (const role of ['initiator', 'responder'] as const) {
    const establish = async (): Promise<{ pair: Pair; spis: readonly string[] }> => {
      const pair = await lab.arrange(scenario({}));
      const [traffic] = pair.scenario.traffic;
      if (role === 'initiator') assert.equal((await pair.daemon.up(traffic)).outcome, 'established');
      else assert.equal(await pair.charon.initiate(traffic.name), true);
      const sas = await assertSameSas(pair.daemon, pair.charon);
      return { pair, spis: sas.map((sa) => sa.spi) };
    };

    it(`${role}: our administrator deletes the Phase 1, the peer follows and we keep the IPsec SAs`, async () => {
      const { pair } = await establish();
      const ended = await pair.daemon.ikeadm('del', 'p1', ADDRESS.ours[4], ADDRESS.peers[4]);
      assert.equal(ended.status, 0, ended.stderr);
      await eventually('neither end holds a Phase 1', 5, async () => {
        const { phase1, children } = await pair.charon.held();
        return (phase1 === 0 && children === 0 && (await pair.daemon.phase1Held()) === 0) || undefined;
      });
      // As with the original: a Delete names SAs one by one (RFC 2408 3.15), and these were not named.
      assert.deepEqual([...deletedSpis(pair.daemon.saLines())], []);
    });

    it(`${role}: the peer deletes one pair of SAs, we follow and keep the Phase 1`, async () => {
      const { pair, spis } = await establish();
      await pair.charon.terminateChild(pair.scenario.traffic[0].name);
      await eventually('both ends have deleted the SAs', 5, () => {
        const [ours, peers] = [deletedSpis(pair.daemon.saLines()), deletedSpis(pair.charon.saLines())];
        return spis.every((spi) => ours.has(spi) && peers.has(spi)) || undefined;
      });
      assert.equal(await pair.daemon.phase1Held(), 1);
    });

    it(`${role}: the peer deletes, we follow`, async () => {
      const { pair, spis } = await establish();
      await pair.charon.terminate();
      await assertAllGone(pair, spis);
    });

    it(`${role}: our daemon ends, the peer follows`, async () => {
      const { pair, spis } = await establish();
      assert.equal(await pair.daemon.stop(), 'ended');
      await eventually('the peer has deleted the SAs', 5, () => {
        const deleted = deletedSpis(pair.charon.saLines());
        return spis.every((spi) => deleted.has(spi)) || undefined;
      });
      assert.deepEqual(await pair.charon.held(), { phase1: 0, children: 0 });
    });
  }
});
