/** A daemon that is one of several workers: what it tells the others of its peers, and what it does when it hears of them. */
import assert from 'node:assert/strict';
import { workerOfCookie } from '../../services/isakmp/worker-of-cookie.js';
import { deletePhase2 } from '../../services/exchange/informational.js';
import type { FellowNews, FellowWorkers, PlacedPeer } from '../../services/ports/fellow-workers.js';
import { onlyPhase1, protectedMessage } from './informational-message.js';
import { runUntil, startSimulated } from './simulated-daemon.js';
import { EAST, gatewayPlan, packetToWest, type Pair, startPair, tunnelPacket, WEST } from './two-gateways.js';

const WINDOW_MS = 40_000;
const PLACE = { index: 2, count: 3 };

class Others implements FellowWorkers {
  readonly place = PLACE;
  readonly told: FellowNews[] = [];
  readonly changes: string[] = [];
  /** Whether something stands with every peer at another worker. */
  knowing = false;
  hear: (news: FellowNews) => void = () => undefined;

  knows(): boolean {
    return this.knowing;
  }

  standing(local: string, remote: string, stands: boolean): void {
    this.changes.push(`${local} ${remote} ${String(stands)}`);
  }

  tell(news: FellowNews): void {
    this.told.push(news);
  }

  onNews(listener: (news: FellowNews) => void): void {
    this.hear = listener;
  }
}

async function settled({ clock }: Pair): Promise<void> {
  await runUntil(clock, () => false, WINDOW_MS);
}

describe('one of several workers', () => {
  let others: Others;
  let pair: Pair;

  beforeEach(async () => {
    others = new Others();
    pair = await startPair(71, gatewayPlan('east'), gatewayPlan('west', { fellows: others }));
  });

  async function begunByEast(): Promise<void> {
    pair.east.kernel.output(packetToWest());
    await settled(pair);
    assert.equal([...pair.west.engine.table.phase2()].length, 1);
  }

  async function begunByWest(): Promise<void> {
    pair.west.kernel.output(tunnelPacket('west', 'first'));
    await settled(pair);
    assert.equal([...pair.west.engine.table.phase2()].length, 1);
  }

  it('begins with cookies that lead the answers to it, under names of its own', async () => {
    await begunByWest();
    const [sa] = [...pair.west.engine.table.phase1()];
    assert.ok(sa);
    assert.equal(workerOfCookie(sa.sa.initiatorCookie, PLACE.count), PLACE.index);
    assert.deepEqual([sa.id, sa.standing], ['p1-3', 'sa-3']);
  });

  it('says what stands with a peer, and when nothing does any more', async () => {
    await begunByEast();
    assert.equal(others.changes.at(-1), `${WEST} ${EAST} true`);
    void pair.east.engine.sayGoodbye();
    await settled(pair);
    assert.equal(others.changes.at(-1), `${WEST} ${EAST} false`);
  });

  for (const knowing of [false, true]) {
    const says = knowing ? 'does not introduce itself to' : 'introduces itself to';
    it(`${says} a peer that ${knowing ? 'another' : 'no other'} worker knows`, async () => {
      await begunByEast();
      const before = [...pair.east.engine.table.phase2()];
      // West begins without knowing of what stands here, as another worker would.
      const fresh = new Others();
      fresh.knowing = knowing;
      pair.west.crash();
      const peers = new Map([[EAST, pair.east]]);
      const plan = gatewayPlan('west', { fellows: fresh });
      const west = await startSimulated(plan, pair.network, pair.clock, 99, peers);
      west.kernel.output(tunnelPacket('west', 'first'));
      await settled(pair);
      const left = [...pair.east.engine.table.phase2()];
      assert.equal(left.includes(before[0] ?? assert.fail()), knowing);
      assert.equal([...west.engine.table.phase2()].length, 1);
    });
  }

  for (const knowing of [false, true]) {
    const whether = knowing ? 'tells' : 'does not tell';
    it(`${whether} others that a peer began anew, where ${knowing ? 'one' : 'none'} has something with it`, async () => {
      others.knowing = knowing;
      await begunByEast();
      const told = others.told.map((news) => news.type === 'began-anew' && news.peer.remote.address);
      assert.deepEqual(told, knowing ? [EAST] : []);
    });
  }

  it('forgets what it has with a peer that began anew at another', async () => {
    await begunByEast();
    const [sa] = [...pair.west.engine.table.phase1()];
    assert.ok(sa);
    const { local, remote, features, peerIdentity } = sa.sa;
    const peer = { local, remote, features, peerIdentity };
    // The message is older than the SAs: the peer began to say so before it made them.
    others.hear({ type: 'began-anew', peer, agoMs: WINDOW_MS * 2 });
    assert.equal([...pair.west.engine.table.phase2()].length, 1);
    others.hear({ type: 'began-anew', peer, agoMs: 0 });
    assert.equal([...pair.west.engine.table.phase2()].length, 0);
  });

  it('deletes what a peer has deleted under a Phase 1 SA of another', async () => {
    await begunByEast();
    const [entry] = [...pair.west.engine.table.phase2()];
    const [spis] = entry?.pairs ?? [];
    assert.ok(entry && spis);
    const { local, remote, features, peerIdentity } = entry.phase1.sa;
    assert.ok(peerIdentity);
    const peer: PlacedPeer = { local, remote, features, peerIdentity };
    const hear = (by: PlacedPeer, spi: number): void => {
      others.hear({ type: 'deleted', peer: by, protocol: 50, spis: [spi] });
    };
    // Not of another peer's, be it at the same address, nor what we receive on.
    hear({ ...peer, remote: { ...remote, address: '203.0.113.9' } }, spis.outboundSpi);
    hear({ ...peer, peerIdentity: { ...peerIdentity, data: Uint8Array.of(192, 0, 2, 9) } }, spis.outboundSpi);
    hear(peer, spis.inboundSpi);
    await settled(pair);
    assert.equal([...pair.west.engine.table.phase2()].length, 1);
    hear({ ...peer, remote: { ...remote, port: 1024 } }, spis.outboundSpi);
    await settled(pair);
    assert.equal([...pair.west.engine.table.phase2()].length, 0);
  });

  it('tells others who has deleted what it does not have', async () => {
    others.knowing = true;
    await begunByEast();
    const bytes = protectedMessage(pair.east, [deletePhase2(50, [0x1234])], 77);
    pair.network.send({ address: EAST, port: 500 }, { address: WEST, port: 500 }, bytes);
    await settled(pair);
    const [news] = others.told.filter(({ type }) => type === 'deleted');
    assert.ok(news?.type === 'deleted');
    const { sa } = onlyPhase1(pair.west);
    assert.deepEqual([news.spis, news.peer.peerIdentity], [[0x1234], sa.peerIdentity]);
    assert.deepEqual(Object.keys(news.peer).sort(), ['features', 'local', 'peerIdentity', 'remote']);
  });
});
