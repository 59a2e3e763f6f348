import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Phase1Entry, type Phase2Entry, SaTable } from '../../daemon/sa-table.js';
import { SmallSet } from '../../services/collections/small-set.js';
import { runUntil } from '../sim/simulated-daemon.js';
import { onlyPhase1 } from '../sim/informational-message.js';
import { gatewayPlan, packetToWest, startPair, tunnelPolicy } from '../sim/two-gateways.js';

describe('SA table', () => {
  let model: Phase1Entry;

  before('make a real SA to copy', async () => {
    const pair = await startPair(1, gatewayPlan('east'), gatewayPlan('west'));
    pair.east.kernel.output(packetToWest());
    await runUntil(pair.clock, () => pair.west.delivered.length > 0, 60_000);
    model = onlyPhase1(pair.east);
  });

  function phase1(number: number, remote = '192.0.2.2', label = 'peer'): Phase1Entry {
    const cookie = number.toString(16).padStart(16, '0');
    return {
      ...model,
      children: new SmallSet(),
      id: `p1-${String(number)}`,
      sa: {
        ...model.sa,
        initiatorCookie: cookie,
        remote: { address: remote, port: 500 },
        rule: { ...model.sa.rule, label },
      },
    };
  }

  const pair = (inboundSpi: number, outboundSpi: number, remote = '192.0.2.2'): Phase2Entry => ({
    standing: `ipsec-${String(inboundSpi)}`,
    id: `p2-${String(inboundSpi)}`,
    role: 'initiator',
    policy: tunnelPolicy('east'),
    graceMs: 1000,
    lifetimeMs: 10_000,
    local: '192.0.2.1',
    remote,
    pairs: [{ protocol: 50, inboundSpi, outboundSpi }],
    phase1: phase1(99, remote),
    madeAt: 0,
    seen: undefined,
  });

  it('finds a Phase 1 SA by cookies, by id, and among those with a peer, oldest first', () => {
    const table = new SaTable();
    const [first, second, other] = [phase1(1), phase1(2), phase1(3, '192.0.2.3')];
    for (const entry of [first, second, other]) table.addPhase1(entry);
    assert.equal(table.phase1ByCookies('0000000000000002', model.sa.responderCookie), second);
    assert.equal(table.phase1ByCookies('0000000000000002', '0000000000000001'), undefined);
    assert.equal(table.phase1ById('p1-3'), other);
    assert.deepEqual([...table.phase1Between('192.0.2.1', '192.0.2.2')], [first, second]);
    assert.deepEqual([...table.phase1Between('192.0.2.2', '192.0.2.1')], []);
    assert.ok(table.knows('192.0.2.1', '192.0.2.3'));
    assert.ok(!table.knows('192.0.2.3', '192.0.2.1') && !table.knows('192.0.2.1', '192.0.2.4'));
    assert.equal(table.phase1Count, 3);
  });

  it('knows which cookies were used between two ends, whoever began, as long as the SA stands', () => {
    for (const role of ['initiator', 'responder'] as const) {
      const table = new SaTable();
      const at = (number: number, remote?: string): Phase1Entry => {
        const entry = phase1(number, remote);
        const responderCookie = `f${entry.sa.initiatorCookie.slice(1)}`;
        return { ...entry, sa: { ...entry.sa, role, responderCookie } };
      };
      // The first halves of these are the same.
      const [first, second] = [at(1), at(2)];
      for (const entry of [first, second]) table.addPhase1(entry);
      const used = (cookie: string, remote = '192.0.2.2'): boolean =>
        table.isUsedCookie('192.0.2.1', remote, cookie);
      assert.ok(used('0000000000000001') && used('0000000000000002'), role);
      assert.ok(!used('0000000000000003') && !used('0000000000000001', '192.0.2.3'), role);
      table.removePhase1(first);
      assert.ok(!used('0000000000000001') && used('0000000000000002'), role);
      table.movePhase1(second, { address: '192.0.2.7', port: 4500 });
      assert.ok(!used('0000000000000002') && used('0000000000000002', '192.0.2.7'), role);
    }
  });

  it('forgets a Phase 1 SA in every way of finding it, once', () => {
    const table = new SaTable();
    const entry = phase1(1);
    table.addPhase1(entry);
    assert.equal(table.removePhase1(entry), true);
    assert.equal(table.removePhase1(entry), false);
    assert.equal(table.phase1ByCookies('0000000000000001', model.sa.responderCookie), undefined);
    assert.equal(table.phase1ById('p1-1'), undefined);
    assert.deepEqual([...table.phase1Between('192.0.2.1', '192.0.2.2')], []);
    assert.ok(!table.knows('192.0.2.1', '192.0.2.2'));
    assert.equal(table.at(entry.sa).phase1.length, 0);
  });

  it('finds a pair by either SA, and only under the address that receives it', () => {
    const table = new SaTable();
    const entry = pair(1000, 2000);
    table.addPhase2(entry);
    assert.equal(table.phase2BySpi('192.0.2.1', 50, 1000), entry);
    assert.equal(table.phase2BySpi('192.0.2.2', 50, 2000), entry);
    assert.equal(table.phase2BySpi('192.0.2.2', 50, 1000), undefined);
    assert.equal(table.phase2BySpi('192.0.2.1', 51, 1000), undefined);
  });

  it('finds AH and ESP of one Quick Mode by any of their SPIs, and forgets them together', () => {
    const table = new SaTable();
    const both: Phase2Entry = {
      ...pair(1000, 2000),
      pairs: [
        { protocol: 51, inboundSpi: 1000, outboundSpi: 2000 },
        { protocol: 50, inboundSpi: 1001, outboundSpi: 2001 },
      ],
    };
    const places: readonly (readonly [string, 50 | 51, number])[] = [
      ['192.0.2.1', 51, 1000],
      ['192.0.2.1', 50, 1001],
      ['192.0.2.2', 51, 2000],
      ['192.0.2.2', 50, 2001],
    ];
    table.addPhase2(both);
    assert.equal(table.phase2Count, 1);
    for (const place of places) assert.equal(table.phase2BySpi(...place), both);
    assert.equal(table.phase2BySpi('192.0.2.1', 50, 1000), undefined, 'the SPI of the other protocol');
    assert.equal(table.removePhase2(both), true);
    for (const place of places) assert.equal(table.phase2BySpi(...place), undefined);
    assert.equal(table.phase2Count, 0);
  });

  it('keeps a newer pair that has the SPI of an older one', () => {
    const table = new SaTable();
    const [older, newer] = [pair(1000, 2000), pair(1001, 2000)];
    table.addPhase2(older);
    table.addPhase2(newer);
    table.removePhase2(older);
    assert.equal(table.phase2BySpi('192.0.2.2', 50, 2000), newer);
    assert.equal(table.phase2Count, 1);
  });

  it('groups by address, behind a NAT also by port, and moves an SA with what it speaks for', () => {
    const table = new SaTable();
    const features = { ...model.sa.features, nat: { local: false, remote: true } };
    const behind = (number: number, port: number): Phase1Entry => {
      const entry = phase1(number);
      entry.sa = { ...entry.sa, features, remote: { address: '192.0.2.2', port } };
      return entry;
    };
    const [one, other] = [behind(1, 4500), behind(2, 40_001)];
    const child = { ...pair(1000, 2000), phase1: one };
    table.addPhase1(one);
    table.addPhase1(other);
    table.addPhase2(child);
    assert.deepEqual([...table.at(one.sa).phase1], [one]);
    assert.deepEqual([...table.phase1Between('192.0.2.1', '192.0.2.2')], [one, other]);
    const before = one.sa;
    table.movePhase1(one, { address: '192.0.2.2', port: 40_002 });
    assert.equal(one.sa.remote.port, 40_002);
    assert.equal(table.at(before).phase1.length + table.at(before).phase2.length, 0);
    assert.deepEqual([[...table.at(one.sa).phase1], [...table.at(one.sa).phase2]], [[one], [child]]);
    assert.equal(table.phase1ByCookies(one.sa.initiatorCookie, one.sa.responderCookie), one);
    table.removePhase2(child);
    table.removePhase1(one);
    assert.equal(table.at(one.sa).phase1.length, 0);
    assert.deepEqual([...table.phase1Between('192.0.2.1', '192.0.2.2')], [other]);
  });

  it('hands IPsec SAs over from one Phase 1 SA to another, and knows those of the same traffic', () => {
    const table = new SaTable();
    const [old, young] = [phase1(1), phase1(2)];
    const [first, second] = [1000, 1001].map((spi) => ({ ...pair(spi, spi + 1000), phase1: old }));
    assert.ok(first && second);
    for (const entry of [old, young]) table.addPhase1(entry);
    for (const entry of [first, second]) table.addPhase2(entry);
    table.attribute(first, young);
    assert.deepEqual([[...old.children], [...young.children]], [[second], [first]]);
    assert.deepEqual(table.kinOf(first), [first, second]);
    table.removePhase2(first);
    assert.deepEqual(table.kinOf(second), [second]);
    assert.equal(young.children.size, 0);
  });

  it('agrees with a plain list, whatever is added and removed', () => {
    const steps = fc.array(
      fc.record({ spi: fc.integer({ min: 256, max: 266 }), host: fc.nat({ max: 2 }), add: fc.boolean() }),
      { maxLength: 60 },
    );
    fc.assert(
      fc.property(steps, (plan) => {
        const table = new SaTable();
        const list = new Map<number, Phase2Entry>();
        for (const { spi, host, add } of plan) {
          const known = list.get(spi);
          if (add && known === undefined) {
            const entry = pair(spi, spi + 1000, `192.0.2.${String(2 + host)}`);
            table.addPhase2(entry);
            list.set(spi, entry);
          } else if (!add && known !== undefined) {
            assert.equal(table.removePhase2(known), true);
            list.delete(spi);
          }
        }
        assert.equal(table.phase2Count, list.size);
        assert.deepEqual(new Set(table.phase2()), new Set(list.values()));
        for (const remote of ['192.0.2.2', '192.0.2.3', '192.0.2.4']) {
          const expected = [...list.values()].filter((entry) => entry.remote === remote);
          assert.deepEqual(new Set(table.phase2Between('192.0.2.1', remote)), new Set(expected));
          assert.equal(table.knows('192.0.2.1', remote), expected.length > 0);
        }
      }),
    );
  });
});
