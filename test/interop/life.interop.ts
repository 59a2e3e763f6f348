/** What becomes of SAs that stand: peers that live and peers that die, renewal by either end, and a new beginning. */
import assert from 'node:assert/strict';
import { ADDRESS } from './lab/addresses.js';
import { useLab, type Pair } from './lab/lab.js';
import { assertEstablishes, establish, ROLES, type Role } from './lab/roles.js';
import { assertSameSas } from './lab/same-sas.js';
import { deletedSpis, installedSas, type SaFacts } from './lab/sa-log.js';
import { scenario, type MoreSettings } from './lab/scenario.js';
import { eventually } from './lab/shell.js';

/** Of what both ends installed, the SPIs that are not among these. */
function newer(sas: readonly SaFacts[], older: readonly SaFacts[]): readonly string[] {
  return sas.map((sa) => sa.spi).filter((spi) => !older.some((sa) => sa.spi === spi));
}

/** Both ends take these SAs out of their kernels, and leave alone all others. */
async function assertOnlyTheseGo({ daemon, charon }: Pair, sas: readonly SaFacts[]): Promise<void> {
  const spis = sas.map((sa) => sa.spi).sort();
  for (const [name, end] of Object.entries({ daemon, charon })) {
    await eventually(`${name} has deleted the old SAs`, 20, () => {
      const deleted = deletedSpis(end.saLines());
      return spis.every((spi) => deleted.has(spi)) || undefined;
    });
    const installed = new Set(installedSas(end.saLines()).map((sa) => sa.spi));
    const deleted = [...deletedSpis(end.saLines())].filter((spi) => installed.has(spi));
    assert.deepEqual(deleted.sort(), spis, `${name} has kept the others`);
  }
}

/** Cookies of the Phase 1 SAs that our daemon has made so far. */
function phase1sMade({ daemon }: Pair): readonly (string | undefined)[] {
  return daemon
    .events()
    .filter(({ type }) => type === 'phase1.established')
    .map(({ cookies }) => cookies);
}

/** Another Phase 1 SA takes the first one's place; why the first one is gone, and that the peer followed. */
async function successionOf(pair: Pair, seconds: number): Promise<string> {
  const [first] = phase1sMade(pair);
  const reason = await eventually('the first Phase 1 SA is gone', seconds, () => {
    return pair.daemon.events().find(({ type, cookies }) => type === 'phase1.gone' && cookies === first)
      ?.reason;
  });
  assert.ok(phase1sMade(pair).length > 1, 'another one stands in its place');
  await eventually('one Phase 1 SA at each end', 5, async () => {
    const { phase1 } = await pair.charon.held();
    return (phase1 === 1 && (await pair.daemon.phase1Held()) === 1) || undefined;
  });
  return reason;
}

describe('dead peer detection', () => {
  const lab = useLab();
  const WATCHFUL: MoreSettings = { global: ['dpd_interval_secs 1'] };

  for (const role of ROLES) {
    it(`${role}: the peer asks, we answer, and all stays`, async () => {
      const pair = await lab.arrange(
        scenario({ more: { connection: { dpd_delay: '1s', dpd_timeout: '4s' } } }),
      );
      await assertEstablishes(role, pair);
      await eventually('the peer has read two answers', 15, () => {
        return pair.charon.logged('parsed INFORMATIONAL_V1', 'N(DPD_ACK)').length >= 2 || undefined;
      });
      assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 1 });
      assert.equal(await pair.daemon.phase1Held(), 1);
      assert.deepEqual([...deletedSpis(pair.daemon.saLines())], []);
    });

    it(`${role}: our packets go unanswered, we ask, the peer answers, and all stays`, async () => {
      const pair = await lab.arrange(scenario({ more: WATCHFUL }));
      await assertEstablishes(role, pair);
      await eventually('the peer has answered twice', 15, async () => {
        await pair.daemon.send(pair.scenario.traffic[0]);
        return pair.charon.logged('generating INFORMATIONAL_V1', 'N(DPD_ACK)').length >= 2 || undefined;
      });
      assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 1 });
      assert.equal(await pair.daemon.phase1Held(), 1);
      assert.deepEqual([...deletedSpis(pair.daemon.saLines())], []);
      assert.ok(!pair.daemon.events().some(({ type }) => type === 'peer.dead'));
    });
  }

  /** Packets that nothing answers make us ask; nothing that stood with a dead peer is left. */
  async function assertFoundDead(
    { daemon, scenario: { traffic } }: Pair,
    sas: readonly SaFacts[],
  ): Promise<void> {
    await eventually('we ask', 10, async () => {
      const asked = daemon.events().some((event) => {
        return event.type === 'message.sent' && event.message?.exchange === 'Informational';
      });
      if (!asked) await daemon.send(traffic[0]);
      return asked || undefined;
    });
    await eventually('the peer is found dead', 15, () => {
      return daemon.events().some(({ type }) => type === 'peer.dead') || undefined;
    });
    await eventually('its SAs are deleted', 5, () => {
      const deleted = deletedSpis(daemon.saLines());
      return sas.every(({ spi }) => deleted.has(spi)) || undefined;
    });
    assert.equal(await daemon.phase1Held(), 0);
  }

  it('a peer that crashed is found dead, and reached again when it runs again', async () => {
    const pair = await lab.arrange(scenario({ more: WATCHFUL }));
    const sas = await assertEstablishes('initiator', pair);
    await pair.charon.crash();
    try {
      await assertFoundDead(pair, sas);
    } finally {
      await pair.charon.revive(pair.scenario);
    }
    await establish('initiator', pair, pair.scenario.traffic[0]);
    const [held, ours] = await eventually('the new SAs at the peer', 5, () => {
      const both = [installedSas(pair.charon.saLines()), installedSas(pair.daemon.saLines())] as const;
      return both[0].length >= 2 && both[1].length >= 4 ? both : undefined;
    });
    assert.deepEqual(
      ours.filter(({ spi }) => !sas.some((sa) => sa.spi === spi)),
      held,
    );
  });

  it('a peer behind a cut cable is found dead, and drops what it still holds when we begin anew', async () => {
    const pair = await lab.arrange(scenario({ more: WATCHFUL }));
    const sas = await assertEstablishes('responder', pair);
    const [namespace] = lab.network.peers;
    await lab.network.silence(namespace, true);
    try {
      await assertFoundDead(pair, sas);
    } finally {
      await lab.network.silence(namespace, false);
    }
    assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 1 });
    await establish('initiator', pair, pair.scenario.traffic[0]);
    await assertSameSas(pair.daemon, pair.charon, 2);
    // By our INITIAL-CONTACT.
    await assertOnlyTheseGo(pair, sas);
    assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 1 });
  });

  it('a peer that crashed and begins anew: its INITIAL-CONTACT clears what stood', async () => {
    const pair = await lab.arrange(scenario({}));
    const sas = await assertEstablishes('initiator', pair);
    await pair.charon.crash();
    await pair.charon.revive(pair.scenario);
    await establish('responder', pair, pair.scenario.traffic[0]);
    await eventually('our old SAs are deleted', 5, () => {
      const deleted = deletedSpis(pair.daemon.saLines());
      return sas.every(({ spi }) => deleted.has(spi)) || undefined;
    });
    // Charon is done before our outbound SA is there: that follows its message 3.
    const kept = await eventually('both new SAs are there', 5, () => {
      const own = installedSas(pair.daemon.saLines()).filter(({ spi }) => !sas.some((sa) => sa.spi === spi));
      return own.length === 2 ? own : undefined;
    });
    assert.deepEqual(kept, installedSas(pair.charon.saLines()));
    assert.equal(await pair.daemon.phase1Held(), 1);
  });
});

describe('renewal of IPsec SAs', () => {
  // Without this charon leaves its old SAs to their lifetime, as RFC 2409 has it.
  const lab = useLab({ charon: { delete_rekeyed: 'yes' } });

  for (const role of ROLES) {
    it(`${role}: the peer renews its child`, async () => {
      const pair = await lab.arrange(scenario({ pfs: 'modp1024' }));
      const first = await assertEstablishes(role, pair);
      await pair.charon.rekeyChild(pair.scenario.traffic[0].name);
      const both = await assertSameSas(pair.daemon, pair.charon, 2);
      assert.equal(newer(both, first).length, 2);
      await assertOnlyTheseGo(pair, first);
      assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 1 });
      assert.equal(await pair.daemon.phase1Held(), 1);
    });
  }

  /** The end that made the SAs goes first; where that was the peer, we wait for it in vain. */
  const LIMITS: Readonly<Record<Role, readonly [soft: number, hard: number]>> = {
    initiator: [2, 12],
    responder: [2, 14],
  };
  for (const role of ROLES) {
    it(`${role}: we renew what carries packets at its soft limit`, async () => {
      const [soft, hard] = LIMITS[role];
      const global = [`p2_lifetime_secs ${String(hard)}`, `p2_softlife_secs ${String(soft)}`];
      // Old SAs stand beside new ones while the peer might still repeat itself: not for long.
      const pair = await lab.arrange(scenario({ more: { global: [...global, 'retry_limit 1'] } }));
      await establish(role, pair, pair.scenario.traffic[0]);
      await pair.daemon.send(pair.scenario.traffic[0]);
      const first = await assertSameSas(pair.daemon, pair.charon);
      await eventually('new SAs', 15, () => installedSas(pair.daemon.saLines()).length >= 4 || undefined);
      const both = await assertSameSas(pair.daemon, pair.charon, 2);
      assert.equal(newer(both, first).length, 2);
      await assertOnlyTheseGo(pair, first);
      assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 1 });
    });
  }

  it('what carries nothing is left to its end', async () => {
    const global = ['p2_lifetime_secs 3', 'p2_softlife_secs 1'];
    const pair = await lab.arrange(scenario({ more: { global } }));
    const first = await assertEstablishes('initiator', pair);
    await eventually('its end', 10, () => {
      const deleted = deletedSpis(pair.daemon.saLines());
      return first.every(({ spi }) => deleted.has(spi)) || undefined;
    });
    assert.equal(installedSas(pair.daemon.saLines()).length, 2);
  });
});

describe('renewal of Phase 1 SAs', () => {
  const lab = useLab();
  const PEER_DELETED = 'the peer deleted it';
  const LIFETIME_OVER = 'its lifetime is over';

  for (const role of ROLES) {
    it(`${role}: the peer makes another in time, and the IPsec SAs stay`, async () => {
      // Charon keeps the old one to the end of its lifetime, and then deletes it.
      const connection = { reauth_time: '4s', over_time: '2s', rand_time: '0s' };
      const pair = await lab.arrange(scenario({ networks: 2, more: { connection } }));
      const [, second] = pair.scenario.traffic;
      assert.ok(second !== undefined);
      const first = await assertEstablishes(role, pair);
      // A lifetime that the peer offered ends at both ends in one moment: whose word comes first is chance.
      const ends = role === 'initiator' ? [PEER_DELETED] : [PEER_DELETED, LIFETIME_OVER];
      const reason = await successionOf(pair, 12);
      assert.ok(ends.includes(reason), reason);
      assert.deepEqual(await assertSameSas(pair.daemon, pair.charon), first);
      assert.deepEqual([...deletedSpis(pair.daemon.saLines())], []);
      assert.deepEqual([...deletedSpis(pair.charon.saLines())], []);
      await establish(role, pair, second);
      await assertSameSas(pair.daemon, pair.charon, 2);
    });

    it(`${role}: we make another in time, and the IPsec SAs stay`, async () => {
      const seconds = role === 'initiator' ? 6 : 8;
      const global = [`p1_lifetime_secs ${String(seconds)}`];
      const pair = await lab.arrange(scenario({ more: { global } }));
      const first = await assertEstablishes(role, pair);
      assert.equal(await successionOf(pair, seconds + 4), LIFETIME_OVER);
      assert.deepEqual(await assertSameSas(pair.daemon, pair.charon), first);
      assert.deepEqual([...deletedSpis(pair.daemon.saLines())], []);
      assert.deepEqual([...deletedSpis(pair.charon.saLines())], []);
      assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 1 });
    });
  }
});

describe('after a Delete', () => {
  const lab = useLab();

  const ends: Readonly<Record<string, (pair: Pair) => Promise<unknown>>> = {
    'the peer deleted the child': ({ charon, scenario: { traffic } }) =>
      charon.terminateChild(traffic[0].name),
    'the peer deleted all': ({ charon }) => charon.terminate(),
    'we deleted the Phase 1': ({ daemon }) => daemon.ikeadm('del', 'p1', ADDRESS.ours[4], ADDRESS.peers[4]),
  };
  for (const [name, end] of Object.entries(ends)) {
    for (const role of ROLES) {
      it(`${role}: ${name}, and a new negotiation succeeds`, async () => {
        const pair = await lab.arrange(scenario({}));
        const first = await assertEstablishes(role, pair);
        await end(pair);
        await eventually('the peer has deleted the SAs', 5, () => {
          const deleted = deletedSpis(pair.charon.saLines());
          return first.every(({ spi }) => deleted.has(spi)) || undefined;
        });
        await establish(role, pair, pair.scenario.traffic[0]);
        const both = await assertSameSas(pair.daemon, pair.charon, 2);
        assert.equal(newer(both, first).length, 2);
        assert.deepEqual(await pair.charon.held(), { phase1: 1, children: 1 });
        assert.equal(await pair.daemon.phase1Held(), 1);
      });
    }
  }
});
